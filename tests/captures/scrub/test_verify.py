"""`verify` passes what scrubbing wrote, and finds what somebody put back."""

from __future__ import annotations

import json

import msgspec
import pytest

from captures import folder
from captures.read import har
from captures.scrub.http import scrub
from captures.scrub.verify import Auditor, scan, shape_of, verify
from captures.tell.report import report
from tests.captures.planted import PLACES, SECRETS, b64, entry
from tests.captures.planted import har as har_of
from tests.conftest import WIRE


def written(place, entries):
    folder.write(place, scrub(har.read(har_of(entries))[0], "har"))
    return place


@pytest.mark.parametrize("kind", ["account id", "online id", "whole name", "e-mail", "NPSSO", "IPv6", "fingerprint"])
def test_what_scrubbing_wrote_passes(tmp_path, kind):
    assert verify(written(tmp_path / "c", [place(SECRETS[kind]) for place in PLACES.values()])) == []


def test_scrubbed_samples_of_the_wire_pass(tmp_path):
    samples = [entry(body=json.dumps(json.loads(file.read_bytes()))) for file in sorted(WIRE.glob("*.json"))]
    samples += [entry(body=json.dumps({"sdp": file.read_bytes().decode()})) for file in sorted(WIRE.glob("*.sdp"))]
    assert verify(written(tmp_path / "c", samples)) == []


PLAYER, ACCOUNT = "red_player_12", "5012345678901234567"
MAP = {"users": {PLAYER: {"status": "online"}, ACCOUNT: {"status": "online"}, "partyMember": {"status": "online"}}}
"""An object whose keys are ids; the words of two of them are harmless by themselves."""


def test_a_name_of_harmless_words_goes_wherever_it_is_a_key_a_segment_or_an_enumeration(tmp_path):
    bodies = [
        MAP, {PLAYER: 1}, {"presence": {PLAYER: {}}}, {"status": PLAYER}, {"type": "RedPlayer"}, {"RedPlayer": 1},
        {"onlineId": "RedPlayer"}, {"message": f"see {ACCOUNT}"}, {"x": {ACCOUNT: {}}}, {"onlineId": PLAYER},
    ]  # fmt: skip
    entries = [entry(answer=json.dumps(body)) for body in bodies]
    entries.append(entry(url=f"https://m.np.playstation.com/api/{PLAYER}/status?RedPlayer=1"))
    place = written(tmp_path / "c", entries)
    kept = "".join(file.read_text() for file in place.iterdir())
    for name in (PLAYER, "RedPlayer", ACCOUNT, "partyMember"):
        assert name not in kept, name
    assert "online" in kept
    assert verify(place) == []


@pytest.mark.parametrize("name", [PLAYER, ACCOUNT, "partyMember"])
@pytest.mark.parametrize("holder", ["users", "members"])
def test_a_name_that_is_left_as_a_key_is_found(tmp_path, name, holder):
    place = written(tmp_path / "c", [entry(answer='{"name":"x"}')])
    slip(place, lambda line: line["response"]["body"]["data"].update({holder: {name: {}}}))
    found = verify(place)
    assert any("exchange 0" in finding.where for finding in found), "the audit"
    assert any("line 1" in finding.where for finding in found), "the scan"
    assert name not in repr(found)


def test_fields_of_what_is_listed_under_such_a_key_stay(tmp_path):
    body = {"members": [{"accountId": ACCOUNT, "platform": "PS5"}], "users": [{"onlineStatus": {"type": "online"}}]}
    place = written(tmp_path / "c", [entry(answer=json.dumps(body))])
    kept = "".join(file.read_text() for file in place.iterdir())
    assert all(f'"{field}"' in kept for field in ("accountId", "platform", "onlineStatus", "type"))


FOUND = [
    "account id", "second account id", "account id as hex", "account UUID", "duid", "online id", "last name", "e-mail",
    "IPv4", "private IPv4", "IPv6", "MAC address", "access token", "NPSSO", "cookie", "ICE password",
    "name in Cyrillic",
]  # fmt: skip


def slip(place, put):
    """Put something into the first exchange as if scrubbing had missed it."""
    file = place / folder.EXCHANGES
    line = json.loads(file.read_text())
    put(line)
    file.write_bytes(msgspec.json.encode(line) + b"\n")


@pytest.mark.parametrize("kind", FOUND)
@pytest.mark.parametrize("wrap", [str, b64, lambda s: json.dumps({"name": s})], ids=["plain", "base64", "JSON"])
def test_what_was_missed_is_found_and_not_shown(tmp_path, kind, wrap):
    place = written(tmp_path / "c", [entry(answer='{"name":"x"}')])
    slip(place, lambda line: line["response"]["body"]["data"].update(name=wrap(SECRETS[kind])))
    found = verify(place)
    assert found
    assert SECRETS[kind] not in repr(found)
    assert any("exchange 0" in finding.where or "line 1" in finding.where for finding in found)


@pytest.mark.parametrize("kind", ["account UUID", "e-mail", "IPv4", "IPv6", "NPSSO", "access token", "account id"])
def test_the_scan_finds_shapes_even_where_the_audit_lets_all_pass(kind):
    text = f'{{"type":"{SECRETS[kind]}","customData1":"{b64("x " + SECRETS[kind])}"}}'
    assert list(scan("somewhere", text))
    assert list(scan("somewhere", b64(f'{{"value":"{SECRETS[kind]}"}}')))


def test_files_that_others_may_read_are_found(tmp_path):
    place = written(tmp_path / "c", [entry()])
    (place / folder.EXCHANGES).chmod(0o644)
    assert [finding.what for finding in verify(place)] == ["others may read its files"]


@pytest.mark.parametrize(
    "put",
    [
        lambda line: line["request"].update(body={"kind": "bytes", "data": "?"}),
        lambda line: line["request"].update(body={"kind": "form", "data": [["a"], 3]}),
        lambda line: line.update(path="/api/{9}"),
        lambda line: line.update(host="["),
    ],
    ids=["bytes", "form", "path", "host"],
)
def test_a_folder_that_somebody_mended_by_hand_is_looked_at_all_the_same(tmp_path, put):
    place = written(tmp_path / "c", [entry()])
    slip(place, put)
    verify(place)
    assert report(folder.read(place)[0], "c")


def test_made_up_values_pass_again_when_scrubbed_twice(tmp_path):
    place = written(tmp_path / "c", [PLACES["JSON"](SECRETS["online id"])])
    folder.write(tmp_path / "d", scrub(folder.to_raw(folder.read(place)[0]), "folder"))
    assert verify(tmp_path / "d") == []


def test_a_leak_is_shown_by_its_shape_and_not_beyond_40_characters():
    assert shape_of("Quux-88é") == "xxxx-00x"
    assert shape_of("a" * 40) == "x" * 40
    assert shape_of("a" * 41) == "x" * 40 + "… (41 characters)"


def test_an_id_that_was_drawn_as_hexadecimal_digits_is_a_fake_though_it_looks_decimal():
    drawn = next(n for n in range(10**15, 10**15 + 10**6) if int(str(n), 16) % 9973 == 0 and n % 9973)
    auditor = Auditor("here")
    auditor.number(drawn)
    assert auditor.found == []
    auditor.number(drawn + 1)
    assert [found.what for found in auditor.found] == ["an id"]


def found_by_scan(data):
    return {found.what for found in scan("line 1", json.dumps(data))}


def test_the_scan_finds_a_list_that_spells_something_and_none_that_was_blanked():
    letters = list("quillonabernethyvossbergquillonabernethy")
    assert found_by_scan({"x": letters}) == {"a list of small numbers or letters"}
    assert found_by_scan({"x": ["x"] * 40}) == set()
    assert found_by_scan({"x": json.dumps({"y": letters})}) == {"a list of small numbers or letters"}


def test_the_scan_finds_a_name_as_a_key_within_json_in_a_text():
    assert found_by_scan({"body": json.dumps({"users": {"red_player": {}}})}) == {"somebody's name or id as a field"}


def test_the_scan_reads_base64_of_a_text_with_many_spaces():
    assert found_by_scan({"x": b64("a b c d e f 93.184.216.119 g h i j k l m")}) == {"the shape of an address"}
