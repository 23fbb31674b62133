"""The settings are changed by hand to other servers, while we are in a party."""

from __future__ import annotations

from pathlib import Path

from common.files.state import SET_ASIDE
from workers.session.memory import ELSEWHERE, Memory, MemoryFile

REAL, SIMULATOR = "https://m.example", "simulator"


def in_a_party(file: Path) -> None:
    MemoryFile(file, REAL).keep(Memory(phase="joined", session_id="abc", account_id="1"))
    SET_ASIDE.take()


def test_a_party_on_other_servers_is_told_and_kept_until_they_are_named_again(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    in_a_party(file)
    assert MemoryFile(file, SIMULATOR).now.phase == "none"
    ((_, message),) = SET_ASIDE.take()
    assert REAL in message
    MemoryFile(file, SIMULATOR).keep(Memory(phase="joined", session_id="demo"))
    back = MemoryFile(file, REAL)
    assert (back.now.phase, back.now.session_id) == ("joined", "abc")


def test_without_a_party_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "session.json"
    in_a_party(file)
    MemoryFile(file, REAL).keep(Memory())
    assert MemoryFile(file, SIMULATOR).now.phase == "none"
    assert not (tmp_path / ELSEWHERE).exists()
    assert SET_ASIDE.take() == []
