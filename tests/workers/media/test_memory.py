"""What worked is known after a restart, whatever lies in its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.media.memory import Memory, MemoryFile
from workers.media.peers.known_recipes import Worked

ONE = Worked(platform="PS5", app_version="6.2.0", recipe={"frame.line": "2/1/1"}, at=5.0)


def test_what_worked_is_known_again_but_not_of_other_servers(tmp_path: Path) -> None:
    file = tmp_path / "unknowns.json"
    MemoryFile(file, "https://m.np.playstation.com").keep(Memory(worked=(ONE,)))
    assert MemoryFile(file, "https://m.np.playstation.com").now.worked == (ONE,)
    assert MemoryFile(file, "simulator").now.worked == ()


@pytest.mark.parametrize("content", [b"", b"{", b'{"worked": "\xff"}', b"[" * 10_000, b'{"worked": [{"platform": 1}]}'])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "unknowns.json"
    file.write_bytes(content)
    kept = MemoryFile(file, "simulator")
    assert kept.now.worked == ()
    kept.keep(Memory(worked=(ONE,)))
    assert MemoryFile(file, "simulator").now.worked == (ONE,)


def test_a_disk_that_cannot_be_written_costs_the_memory_only(tmp_path: Path) -> None:
    kept = MemoryFile(tmp_path / "gone" / "unknowns.json", "simulator")
    kept.keep(Memory(worked=(ONE,)))
    assert kept.now.worked == (ONE,)
