"""What session reads back after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.files.state import SET_ASIDE
from common.messages import Member
from workers.session.memory import ELSEWHERE, PartyMemory, PartyMemoryFile

REAL, SIMULATOR = "https://m.example", "simulator"
JOINED = PartyMemory(
    phase="joined",
    session_id="s",
    context_id="c",
    joined_at=5.0,
    members=(Member(account_id="1", platform="PS5", online_id="Bo", muted=True),),
)


def test_a_membership_survives_a_kill(home: Path) -> None:
    PartyMemoryFile(home / "m.json", "here").keep(JOINED)
    again = PartyMemoryFile(home / "m.json", "here").now
    assert (again.phase, again.context_id, again.joined_at, again.members) == ("joined", "c", 5.0, JOINED.members)


def test_what_belongs_to_another_server_is_forgotten(home: Path) -> None:
    PartyMemoryFile(home / "m.json", "here").keep(JOINED)
    assert PartyMemoryFile(home / "m.json", "there").now.phase == "none"
    assert PartyMemoryFile(home / "m.json", "here").now.phase == "none"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b'{"phase":"odd"}'])
def test_a_spoilt_file_means_no_party(home: Path, raw: bytes) -> None:
    (home / "m.json").write_bytes(raw)
    assert PartyMemoryFile(home / "m.json", "here").now.phase == "none"


# --- the settings name other servers, while we are in a party -----------------------------------------


def in_a_party(file: Path) -> None:
    PartyMemoryFile(file, REAL).keep(PartyMemory(phase="joined", session_id="abc", account_id="1"))
    SET_ASIDE.take()


def test_a_party_on_other_servers_is_told_and_kept_until_they_are_named_again(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    in_a_party(file)
    assert PartyMemoryFile(file, SIMULATOR).now.phase == "none"
    ((_, message),) = SET_ASIDE.take()
    assert REAL in message
    PartyMemoryFile(file, SIMULATOR).keep(PartyMemory(phase="joined", session_id="demo"))
    back = PartyMemoryFile(file, REAL)
    assert (back.now.phase, back.now.session_id) == ("joined", "abc")


def test_without_a_party_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    in_a_party(file)
    PartyMemoryFile(file, REAL).keep(PartyMemory())
    assert PartyMemoryFile(file, SIMULATOR).now.phase == "none"
    assert not (tmp_path / ELSEWHERE).exists()
    assert SET_ASIDE.take() == []
