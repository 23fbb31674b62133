"""A recording of the bus: whole lines, whatever ends it, no secrets, and what is read is what was written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.diagnostics import bus_recording
from cli.diagnostics.bus_recording import FORMAT, About, BusRecording, read
from cli.diagnostics.tap_backlog import Entry
from cli.diagnostics.tap_notes import End, LinkBack, LinkLost
from cli.shared.failures import CommandError
from common.messages import AuthState, PeerSignal, Problem
from tests.cli.shared.bus_states import cleared, received
from tests.support.made import health, peer_state

ABOUT = About(recording="bus", machine="spare", version="0.1.0", began_at=5.0, clock_ahead_s=1.5, topics=())
ENTRIES: list[Entry] = [
    received(peer_state(delay_ms=41.26)), LinkLost(at=6.0), LinkBack(at=9.0, lost_s=3.0), received(health("media")),
    received(AuthState(state="signed_in", realm="playstation", account_id="1", signed_in_from="studio")),
    End(at=10.0, why="time", messages=3),
]  # fmt: skip


def recorded(file: Path, *entries: Entry) -> None:
    recording = BusRecording(file, ABOUT)
    for entry in entries:
        recording.entry(entry)
    recording.close()


def test_what_is_read_is_what_was_recorded(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    recorded(file, *ENTRIES)
    about, entries = read(file)
    assert about == ABOUT
    assert list(entries) == ENTRIES
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_cleared_message_stays_a_cleared_one(tmp_path: Path) -> None:
    recorded(tmp_path / "x", cleared(peer_state()))
    (found,) = read(tmp_path / "x")[1]
    assert found.message is None  # type: ignore[union-attr]


def test_no_secret_is_in_it(tmp_path: Path) -> None:
    secret = "inventedPwd000000000001"
    offer = PeerSignal(direction="in", account_id="2", platform="PS5", kind="offer", sdp=f"a=ice-pwd:{secret}\r\n")
    recorded(
        tmp_path / "x",
        received(offer),
        received(Problem(code="x", worker="auth", message=f"npsso={secret}", remedy="r", at=1.0)),
    )
    assert secret not in (tmp_path / "x").read_text()


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("mine")
    with pytest.raises(CommandError, match="exists already"):
        BusRecording(file, ABOUT)
    assert file.read_text() == "mine"
    with pytest.raises(CommandError, match="cannot be written"):
        BusRecording(tmp_path / "no" / "x", ABOUT)


def test_a_full_disk_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x"
    recording = BusRecording(file, ABOUT)
    recording.entry(ENTRIES[0])
    write = os.write

    def full(out: int, data: bytes) -> int:
        if len(data) < 20:
            raise OSError(28, "No space left on device")
        return write(out, data[:-10])

    monkeypatch.setattr(bus_recording.os, "write", full)
    with pytest.raises(CommandError, match="No space left"):
        recording.entry(ENTRIES[3])
    monkeypatch.undo()
    recording.close()
    assert list(read(file)[1]) == ENTRIES[:1]


def test_a_recording_that_was_cut_off_is_read_to_there(tmp_path: Path) -> None:
    file = tmp_path / "x"
    recorded(file, *ENTRIES)
    file.write_bytes(
        file.read_bytes()[:-20] + b'\n{"note":"of a newer version","at":1}\n{"topic":"new.topic/"}\n[]\n1\n'
    )
    assert list(read(file)[1]) == ENTRIES[:-1]


@pytest.mark.parametrize("text", ["", "{", "{}", '{"recording":"sound"}', "\xff"])
def test_another_file_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "x").write_text(text)
    with pytest.raises(CommandError, match="no recording of a bus"):
        read(tmp_path / "x")


def test_one_of_a_newer_version_or_one_that_is_missing_is_said(tmp_path: Path) -> None:
    recorded(tmp_path / "x")
    (tmp_path / "x").write_text((tmp_path / "x").read_text().replace(f'"format":{FORMAT}', f'"format":{FORMAT + 1}'))
    with pytest.raises(CommandError, match="newer partyline"):
        read(tmp_path / "x")
    with pytest.raises(CommandError, match="cannot be read"):
        read(tmp_path / "none")
