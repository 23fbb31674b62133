"""What session must still know after a kill -9: which party it is in. No secrets in it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec
import structlog

from common.messages import Member
from common.paths import write_atomically


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """One membership, or that there is none. `place` keeps the realms and servers apart."""

    place: str = ""
    phase: Literal["none", "joining", "joined", "leaving"] = "none"
    session_id: str = ""
    """Empty while we make a party and do not know its id yet."""
    context_id: str = ""
    cpss_id: str = ""
    """Of the share link that led here; empty without one."""
    account_id: str = ""
    platform: str = ""
    name: str = ""
    joined_at: float = 0.0
    """Unix seconds."""
    known_at: float = 0.0
    """Unix seconds at which we last knew ourselves to be in it."""
    known: bool = False
    """Whether the party could be read since we joined."""
    members: tuple[Member, ...] = ()
    left_under: int = 0
    """Process id of the pipeline's supervisor under which the person asked to leave; 0: they did not."""


class MemoryFile:
    """Keeps the `Memory` in a file that is always whole."""

    def __init__(self, path: Path, place: str) -> None:
        self._path = path
        self.place = place
        self._log = structlog.get_logger("session")
        self.now = self._load()

    def beside(self, name: str) -> Path:
        """Return the path of another file of the same folder."""
        return self._path.with_name(name)

    def keep(self, memory: Memory) -> None:
        """Remember `memory`, unless it is what is remembered already; a full disk is logged, not fatal."""
        memory = msgspec.structs.replace(memory, place=self.place)
        if memory == self.now:
            return
        self.now = memory
        try:
            write_atomically(self._path, msgspec.json.encode(memory))
        except OSError as error:
            self._log.warning("the party cannot be remembered over a restart", error=str(error))

    def _load(self) -> Memory:
        fresh = Memory(place=self.place)
        try:
            memory = msgspec.json.decode(self._path.read_bytes(), type=Memory)
        except FileNotFoundError:
            return fresh
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._log.warning("what was remembered of the party cannot be read", error=str(error))
            return fresh
        if memory.place != self.place:
            self._path.unlink(missing_ok=True)
            return fresh
        return memory
