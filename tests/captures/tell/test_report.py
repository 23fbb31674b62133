"""The report tells a maintainer what a capture says, and what of it is new."""

from __future__ import annotations

import json

import pytest

from captures.model import Capture, CaptureAbout, Exchange
from captures.read import har
from captures.scrub.http import scrub
from captures.tell.report import report
from captures.tell.schema import merged
from cli import __main__ as entry_point
from tests.captures.planted import entry, payload
from tests.captures.planted import har as har_of
from tests.captures.tell.made import capture, exchange, pushed
from tests.conftest import WIRE

M = "https://m.np.playstation.com/api/sessionManager/v2/partySessions"
SESSION = "4b7e91d2-08c5-4a36-9f1b-c3d75e208a64"


def sample(name):
    return (WIRE / name).read_text()


def told(*entries):
    return report(scrub(har.read(har_of(list(entries)))[0], "har"), "mine")


def unexpected(text):
    part = text.partition("## What is new to the project")[2].partition("## Hosts")[0]
    return [line[2:] for line in part.splitlines() if line.startswith("- ")]


def push(name):
    return {"type": "receive", "time": 1795550401.5, "opcode": 1, "data": sample(name)}


PUSHES = [push(file.name) for file in sorted(WIRE.glob("push-*.json"))]
KNOWN = [
    entry(url=f"{M}/{SESSION}/members", body=sample("join-party.request.json")),
    entry(url=M, body=sample("create-party.request.json")),
    entry(url=f"{M}/{SESSION}/customMessage", body=sample("custom-message-offer.request.json")),
    entry(
        method="GET",
        url="https://web.np.playstation.com/api/cpss/v1/partyInfo/js_A1b2C3d4E5f6G7h8I9j0?country=US&language=en",
        answer=sample("party-info.response.json"),
    ),
    entry(
        method="GET",
        url="https://mobile-pushcl.np.communication.playstation.net/np/serveraddr?version=3.0",
        answer=sample("serveraddr.response.json"),
    ),
    entry(
        method="GET",
        url="https://203-0-113-220-pushcl.np.communication.playstation.net/np/pushNotification",
        frames=PUSHES,
    ),
    entry(url="https://ca.account.sony.com/api/authz/v3/oauth/token", answer=sample("token.response.json")),
]


def test_what_the_samples_show_is_nothing_new():
    assert unexpected(told(*KNOWN)) == []


def test_every_part_tells_what_was_captured():
    text = told(*KNOWN)
    assert "| `ca.account.sony.com` | 1 |" in text
    assert "`POST /api/authz/v3/oauth/token`" in text.partition("## Signing in")[2].partition("## Party")[0]
    assert "`members[].pushContexts[].contextId`" in text
    assert "`psn:sessionManager:sys:v2:ps:members:created` | 1 | somebody joined" in text
    assert "`01 00 00 00`" in text
    assert "100001 (MOBILE_APP)" in text
    assert "`96 opus/16000/2`" in text
    assert "`minptime=10;stereo=0;useinbandfec=1`" in text or "`96 minptime=10;stereo=0;useinbandfec=1`" in text
    assert "## Timings" in text


OFFER = {"type": "offer", "from": {"account_id": "7318264950173826495"}}


def message(channel, content):
    return entry(body=json.dumps({"channel": channel, "payload": payload(content)}))


def socket(data):
    return entry(frames=[{"type": "receive", "time": 1.0, "opcode": 1, "data": json.dumps(data)}])


V3 = "psn:sessionManager:sys:v3:ps:members:created"
CHANGES = {
    "new call: `POST m.np.playstation.com/api/sessionManager/v2/partySessions/{1}/members/me/speaker`": entry(
        url=f"{M}/{SESSION}/members/me/speaker"
    ),
    "`members[].voiceQuality`": entry(url=f"{M}/{SESSION}/members", body='{"members":[{"voiceQuality":1}]}'),
    "header `x-psn-app-ver`: `27.3.1`": entry(url=M, headers=[{"name": "x-psn-app-ver", "value": "27.3.1"}]),
    "`miranda:13`": message("miranda:13", OFFER),
    "new key of miranda messages: `voice_level`": message("miranda:12", {**OFFER, "voice_level": 1}),
    "changed opus in SDP (bridge offer): `opus/48000/2`": entry(
        body=json.dumps({"offer": {"sdp": sample("p2p-offer.sdp").replace("opus/16000", "opus/48000")}})
    ),
    "a description that we cannot read": entry(body=json.dumps({"offer": {"sdp": "v=0\r\n"}})),
    f"new push dataType: `{V3}`": socket({"method": 3001, "dataType": V3}),
    "new field of push messages: `body.data.voiceLevel`": socket({"body": {"data": {"voiceLevel": 1}}}),
}


@pytest.mark.parametrize("expected", CHANGES)
def test_what_changed_is_told(expected):
    found = unexpected(told(*KNOWN, CHANGES[expected]))
    assert any(expected in line for line in found), found


def test_a_merged_schema_knows_what_is_optional():
    fields = merged([{"a": 1, "members": [{"id": "x"}, {"id": "y", "name": None}]}, {"a": "2"}])
    assert (fields[".a"].optional, fields[".a"].types) == (False, {"number", "text"})
    assert fields[".members"].optional
    assert (fields[".members[].name"].seen, fields[".members[].name"].of) == (1, 2)
    assert fields[".members[].id"].examples == ['"x"', '"y"']


def test_a_cell_cannot_break_the_table():
    text = told(entry(headers=[{"name": "Accept", "value": "a|b\nc`d<e>"}]))
    rows = [line for line in text.splitlines() if line.startswith("| `Accept`")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 5


def test_the_command_prints_it_or_writes_it(capsys, tmp_path):
    (tmp_path / "my.har").write_text(har_of(KNOWN))
    assert entry_point.main(["capture", "scrub", str(tmp_path / "my.har"), "--out", str(tmp_path / "c")]) == 0
    capsys.readouterr()
    assert entry_point.main(["capture", "report", str(tmp_path / "c")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# What c says")
    assert entry_point.main(["capture", "report", str(tmp_path / "c"), "--out", str(tmp_path / "r.md")]) == 0
    assert (tmp_path / "r.md").read_text() == printed
    assert entry_point.main(["capture", "report", str(tmp_path)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2


def part(text, title):
    return text.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_calls_are_counted_by_host_and_by_status_and_signing_in_stands_apart():
    calls = [exchange(n=number, status=status) for number, status in enumerate((200, 200, 0))]
    text = report(capture(*calls, exchange(n=9, host="ca.account.sony.com", path="/new")), "mine")
    assert "On `m.np.playstation.com`, 3 times; status 200 (2), no answer (1)." in part(
        text, "Party, session and other calls"
    )
    assert "`POST /new`" in part(text, "Signing in")
    assert "POST /new" not in part(text, "Party, session and other calls")
    assert "| `m.np.playstation.com` | 3 |\n| `ca.account.sony.com` | 1 |" in part(text, "Hosts")


def test_what_is_damaged_or_left_out_is_said_and_what_is_missing_too():
    about = CaptureAbout(exchanges=7, frames=8, other_hosts=5, damage="its end")
    text = report(Capture(about=about), "a|b")
    assert text.startswith("# What a\\|b says\n\n7 exchanges, 8 WebSocket messages.")
    assert "**Damaged**: its end." in text
    assert "| others (left out) | 5 |" in part(text, "Hosts")
    assert part(text, "Signing in").strip() == "Nothing in this capture."
    assert "Known calls that this capture does not have: `" in text
    whole = report(Capture(), "mine")
    assert "Damaged" not in whole
    assert "left out" not in whole


@pytest.mark.parametrize(("number", "more"), [(199, ""), (200, "… and 1 more.")])
def test_two_hundred_moments_are_listed_in_their_order(number, more):
    calls = [Exchange(n=n, at=float(n), took=0.5, method="GET", host="h", path="/x", status=200) for n in range(number)]
    text = part(report(capture(*reversed(calls), pushed({"method": 9})), "mine"), "Timings")
    rows = [line for line in text.splitlines() if line.endswith(" |")][2:]
    assert len(rows) == 200
    assert rows[0] == "| 0.00 s | 0.50 s | `GET /x` | 200 |"
    assert rows[1] == "| 0.00 s |  | `push from server: method 9` |  |"
    assert text.strip().endswith(more) if more else "more." not in text


def test_push_messages_are_counted_by_their_type():
    parts = [pushed({"dataType": "psn:x"}), pushed({"dataType": "psn:x"}), pushed({"method": 1007}), pushed([5])]
    assert "| `(method 1007)` | 1 |  |\n| `psn:x` | 2 |  |" in part(report(capture(*parts), "mine"), "Push")


def test_it_says_so_if_nothing_is_new():
    words = "Nothing: every call, field and value is as the project believes."
    assert words in report(Capture(), "mine")
    assert words not in report(capture(exchange()), "mine")


def test_the_fields_of_push_messages_are_listed_if_there_are_any():
    words = "Their fields, all together:"
    assert words not in part(report(Capture(), "mine"), "Push")
    text = part(report(capture(pushed({"odd": 1})), "mine"), "Push")
    assert "| `odd` | number | always |" in text.partition(words)[2]
