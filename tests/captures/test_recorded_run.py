"""One run of our own client through the real mitmdump, and everything that a person does with it afterwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import msgspec
import pytest

from captures import folder
from captures.calls import endpoint
from captures.model import Capture
from captures.read import flows, har
from captures.read.source import scrub_source
from captures.scrub.verify import verify
from captures.tell.report import report
from cli import __main__ as entry_point
from cli.capture.replay_client import QUIET_S
from tests.captures.recording import Recorded, record
from tests.notes.collect import NOTES, calls_told, data_types_told
from tests.support.processes import free_port, running, short_folder

LOG_IN = ["GET /api/authz/v3/oauth/authorize", "POST /api/authz/v3/oauth/token"]
PUSH = ["GET /np/serveraddr", "GET /np/pushNotification"]
V2 = "/api/sessionManager/v2"


@pytest.fixture(scope="module")
def recorded() -> Iterator[Recorded]:
    with short_folder() as home, running() as start:
        yield record(home, start, free_port())


@pytest.fixture
def partyline(capsys):
    def run(*words):
        code = entry_point.main(["capture", *map(str, words)])
        return code, *capsys.readouterr()

    return run


def names(capture):
    return [found.name for exchange in capture.exchanges if (found := endpoint(exchange))]


def test_the_person_sees_what_to_do_and_what_was_seen(recorded):
    shown = recorded.shown
    assert "server  127.0.0.1" in shown
    assert "http://mitm.it" in shown
    assert "████" in shown
    assert re.findall(r"\[x\] (log in|open parties|join|voice|leave)\b", shown) == [
        "log in",
        "open parties",
        "join",
        "voice",
        "leave",
    ]
    assert "Not done" not in shown
    for step in ("capture verify", "capture report", "capture compare", "rm -r"):
        assert step in shown


def test_the_run_is_captured_whole_and_the_proxy_changed_nothing(recorded):
    assert recorded.violations == []
    capture, damage = folder.read(recorded.folder)
    assert (damage, capture.about.damage, capture.about.source) == ("", "", "live")
    made = names(capture)
    assert len(made) == len(capture.exchanges) == capture.about.exchanges
    assert {*LOG_IN, *PUSH, f"POST {V2}/partySessions/{{session_id}}/members"} <= set(made)
    assert made.count(f"POST {V2}/partySessions/{{session_id}}/customMessage") == 3
    assert made[-1] == f"DELETE {V2}/partySessions/{{session_id}}/members/me"
    assert {frame.sender for frame in capture.frames} == {"client", "server"}


def test_nothing_of_the_person_is_in_the_folder(recorded):
    assert verify(recorded.folder) == []
    files = list(recorded.folder.iterdir())
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    left = "".join(file.read_text() for file in files)
    tokens = [word for text in recorded.tokens for word in re.findall(r'"([\w.-]{24,})"', text)]
    assert tokens
    for secret in (recorded.npsso, *tokens):
        assert secret not in left


def test_the_report_regenerates_the_notes_tables_and_finds_nothing_new(recorded):
    capture, _ = folder.read(recorded.folder)
    text = report(capture, "run")
    assert "Nothing: every call, field and value is as the project believes." in text
    notes = {file.name: file.read_text() for file in NOTES.glob("*.md")}
    told = {f"{method} {path}" for method, _, path in calls_told(notes)}
    shown = set(re.findall(r"^### `(.+)`$", text, re.MULTILINE))
    assert shown == set(names(capture))
    assert shown <= told
    types = set(re.findall(r"^\| `(psn:[\w:]+)` \|", text, re.MULTILINE))
    assert types
    assert types <= set(data_types_told(notes))
    assert "`96 opus/16000/2`" in text


def last_offer_later(capture: Capture, by_s: float) -> Capture:
    """Return the capture with its last offer, and everything after it, `by_s` later."""
    offered = max(f.at for f in capture.frames if f.sender == "server" and "customMessage" in str(f.body.data))

    def moved(some):
        return tuple(msgspec.structs.replace(one, at=one.at + by_s * (one.at >= offered)) for one in some)

    return msgspec.structs.replace(capture, exchanges=moved(capture.exchanges), frames=moved(capture.frames))


def test_a_replay_finds_nothing_that_our_own_client_does_otherwise(recorded, partyline, tmp_path):
    """A member's offer comes longer after the call before it than a step waits when nothing is due."""
    folder.write(tmp_path / "late", last_offer_later(folder.read(recorded.folder)[0], QUIET_S + 2.0))
    code, out, err = partyline("compare", tmp_path / "late")
    assert (code, err) == (0, ""), out
    assert "No difference" in out


@pytest.mark.parametrize("kind", ["har", "flows"])
def test_what_mitmproxy_itself_saved_of_the_run_says_the_same(recorded, kind, tmp_path, partyline):
    source = getattr(recorded, kind)
    code, _, err = partyline("scrub", source, "--out", tmp_path / "c")
    assert (code, err) == (0, "")
    imported, live = folder.read(tmp_path / "c")[0], folder.read(recorded.folder)[0]
    assert sorted(names(imported)) == sorted(names(live))
    assert len(imported.frames) == len(live.frames)
    assert recorded.npsso not in (tmp_path / "c" / folder.EXCHANGES).read_text()


@pytest.mark.parametrize("kind", ["har", "flows"])
def test_a_truncated_file_of_mitmproxys_keeps_what_came_before(recorded, kind, tmp_path, partyline):
    whole = getattr(recorded, kind).read_bytes()
    (tmp_path / "cut").write_bytes(whole[: len(whole) * 2 // 3])
    code, _, err = partyline("scrub", tmp_path / "cut", "--out", tmp_path / "c")
    assert code == 1
    assert "could only be read in part" in err.splitlines()[0]
    assert len(err.splitlines()) == 2
    kept = folder.read(tmp_path / "c")[0].exchanges
    assert 0 < len(kept) < len(folder.read(recorded.folder)[0].exchanges)


@pytest.mark.parametrize(("kind", "begins"), [("har", b'"startedDateTime"'), ("flows", b"9:websocket;")])
def test_a_file_of_mitmproxys_damaged_in_the_middle_keeps_what_can_be_read(recorded, kind, begins, tmp_path):
    whole = getattr(recorded, kind).read_bytes()
    at = whole.index(begins, len(whole) // 2)
    (tmp_path / "bad").write_bytes(whole[:at] + b"\x00\xff]}" + whole[at + 4 :])
    capture = scrub_source(tmp_path / "bad")
    assert "damaged or cut off" in capture.about.damage
    assert 0 < len(capture.exchanges) < folder.read(recorded.folder)[0].about.exchanges


def test_mitmproxy_11_wrote_these_files(recorded):
    assert json.loads(recorded.har.read_text())["log"]["creator"]["version"].startswith("11.0.2")
    assert flows.read(recorded.flows.read_bytes())[1] == ""
    assert har.read(recorded.har.read_text())[1] == ""
