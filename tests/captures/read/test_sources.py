"""What people have recorded is read; a damaged file gives what can be read of it, and says what is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures import folder
from captures.folder import CaptureError
from captures.read import flows, har
from captures.read.source import scrub_source
from captures.scrub.fakes import Fakes
from captures.scrub.formats.url import split_path
from captures.scrub.scrubber import Scrubber
from tests.captures.planted import entry
from tests.captures.planted import har as har_of

FLOWS = Path(__file__).with_name("made_by_mitmproxy_11.tnetstring")
"""Four invented flows, written by mitmproxy 11.0.2 itself."""
PATHS = [
    "/api/v1/ssocookie",
    "/api/authz/v3/oauth/authorize",
    "/api/authz/v3/oauth/token",
    "/api/v1/devices/accounts/me",
    "/api/userProfile/v1/internal/users/profiles",
    "/api/sessionManager/v2/partySessions",
    "/api/sessionManager/v2/sys/gameBase/parties/bulkGet",
    "/api/sessionManager/v2/users/me/partySessionsInvitations",
    "/api/gamingLoungeGroups/v1/members/me/groups",
    "/np/serveraddr",
    "/np/pushNotification",
    "/api/rtcBridge/v1/bridges",
]


@pytest.mark.parametrize("path", PATHS)
def test_the_path_of_a_known_call_stays(path):
    assert split_path(Scrubber(Fakes()), path) == (path, [])


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/api/sessionManager/v2/partySessions/4b7e91d2-08c5-4a36-9f1b-c3d75e208a64/members/me", "{1}/members/me"),
        ("/userProfile/v1/users/Zorblax/profile2", "users/{1}/profile2"),
        ("/userProfile/v1/users/party/profile2", "users/{1}/profile2"),
        ("/api/rtcBridge/v1/bridges/us1_x/peers/p/answer", "bridges/{1}/peers/{2}/answer"),
        ("/api/cpss/v1/partyInfo/-zk_Q7w8E9", "partyInfo/{1}"),
        (
            "/api/gamingLoungeGroups/v1/groups/~6a1f08c4d97b35e2.28c7d510f3b9e64a/partySessions",
            "groups/{1}/partySessions",
        ),
    ],
)
def test_the_ids_in_a_path_become_places(path, template):
    assert split_path(Scrubber(Fakes()), path)[0].endswith(template)


def test_a_flow_file_of_mitmproxys_own_is_read_with_its_websocket():
    found, damage = flows.read(FLOWS.read_bytes())
    assert damage == ""
    assert [exchange.status for exchange in found] == [200, 201, 101, 200]
    assert found[1].url.endswith("/partySessions/4b7e91d2-08c5-4a36-9f1b-c3d75e208a64/members")
    assert found[0].took == pytest.approx(0.25)
    assert [frame.from_client for frame in found[2].frames] == [True, False]
    capture = scrub_source(FLOWS)
    assert (capture.about.exchanges, capture.about.frames, capture.about.other_hosts) == (3, 2, 1)
    token = capture.exchanges[0].response.body.data["access_token"]
    assert dict(capture.exchanges[1].request.headers)["Authorization"] == f"Bearer {token}"
    assert capture.frames[0].body.data["auth"]["accessToken"] == token


def test_a_cut_flow_file_keeps_the_flows_before_the_cut():
    data = FLOWS.read_bytes()
    found, damage = flows.read(data[: len(data) * 2 // 3])
    assert len(found) == 2
    assert "it ends within a value" in damage
    assert "2 exchanges before it stay" in damage


@given(st.integers(0, FLOWS.stat().st_size), st.binary(max_size=8))
def test_a_flow_file_damaged_anywhere_is_read_as_far_as_it_goes(at, junk):
    data = FLOWS.read_bytes()
    found, _ = flows.read(data[:at] + junk + data[at + len(junk) :])
    assert len(found) <= 4


@given(st.binary(max_size=200))
def test_any_bytes_are_flows_or_damage(data):
    flows.read(data)


def test_a_cut_har_keeps_the_entries_before_the_cut(tmp_path):
    text = har_of([entry(), entry(), entry()])
    file = tmp_path / "cut.har"
    file.write_text(text[: len(text) * 5 // 6])
    capture = scrub_source(file)
    assert capture.about.exchanges == 2
    assert "damaged or cut off" in capture.about.damage
    assert "2 exchanges before it stay" in capture.about.damage


@given(st.integers(0, 800))
def test_a_har_cut_anywhere_is_read_as_far_as_it_goes(at):
    found, damage = har.read(har_of([entry(), entry()])[:at])
    assert len(found) <= 2
    assert damage


@given(st.recursive(st.none() | st.text() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_a_har_with_anything_for_an_entry_is_read(data):
    har.read(json.dumps({"log": {"entries": [data, {"request": {"url": "https://sony.com/", "headers": data}}]}}))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\x89PNG", "no HAR file and no"), (b"{}", "no exchange"), (b"12:abc", "ends within a value")],
)
def test_a_file_that_is_nothing_of_use_is_told_by_what_it_is(tmp_path, content, words):
    file = tmp_path / "x"
    file.write_bytes(content)
    with pytest.raises(CaptureError, match=words) as caught:
        scrub_source(file)
    assert caught.value.remedy


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(CaptureError, match=r"gone\.har cannot be read"):
        scrub_source(tmp_path / "gone.har")


def test_a_folder_is_readable_by_its_owner_only_and_reads_back_as_it_was(tmp_path):
    capture = scrub_source(FLOWS)
    folder.write(tmp_path / "c", capture)
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "c").iterdir()} == {0o600}
    assert folder.read(tmp_path / "c") == (capture, "")
    with pytest.raises(CaptureError, match="already"):
        folder.write(tmp_path / "c", capture)


def test_a_folder_can_be_scrubbed_once_more(tmp_path):
    folder.write(tmp_path / "c", scrub_source(FLOWS))
    again = scrub_source(tmp_path / "c")
    before = folder.read(tmp_path / "c")[0]
    assert [exchange.path for exchange in again.exchanges] == [exchange.path for exchange in before.exchanges]
    assert again.exchanges[1].values != before.exchanges[1].values


def test_a_damaged_line_of_a_folder_costs_that_line_only(tmp_path):
    folder.write(tmp_path / "c", scrub_source(FLOWS))
    file = tmp_path / "c" / folder.EXCHANGES
    lines = file.read_bytes().splitlines()
    file.write_bytes(b"\n".join([lines[0], lines[1][:50], lines[2]]))
    capture, damage = folder.read(tmp_path / "c")
    assert len(capture.exchanges) == 2
    assert damage == "1 of 3 lines of exchanges.jsonl are damaged"
