"""What worked with which kind of member, over a restart. No secrets in it, no accounts."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common import state
from workers.media.ladder import Worked


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    place: str = ""
    """Which servers it is about."""
    worked: tuple[Worked, ...] = ()


class WorkedFile:
    """Keeps `Worked` entries in a file that is always whole."""

    def __init__(self, path: Path, place: str) -> None:
        self._path = path
        self._place = place
        kept = self._load()
        self.now = kept.worked if kept.place == place else ()

    def keep(self, worked: tuple[Worked, ...]) -> None:
        """Remember these. A disk that is full is told, not fatal: then it is found out again."""
        if worked == self.now:
            return
        self.now = worked
        state.save(self._path, _Kept(place=self._place, worked=worked), "what works with which member")

    def _load(self) -> _Kept:
        return state.load(self._path, _Kept, "what works with which member") or _Kept()
