"""What worked with which kind of member, over a restart. No secrets in it, no accounts."""

from __future__ import annotations

from pathlib import Path

from common.files.state import Placed, StateFile
from workers.media.peers.known_recipes import Worked


class Memory(Placed, frozen=True, kw_only=True):
    worked: tuple[Worked, ...] = ()


class MemoryFile(StateFile[Memory]):
    """Keeps `Worked` entries. Where a full disk does not take them, it is found out again."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(path, Memory, place, "what works with which member")
