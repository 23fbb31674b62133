"""The file that keeps which bridge is ours, and when the next one may be made, over a restart. No secrets."""

from __future__ import annotations

from pathlib import Path

from common import state
from workers.signaling.transports.bridge_need import Makes


class MakesFile:
    """Keeps the `Makes` of one place; whatever else lies there is not ours."""

    def __init__(self, path: Path, place: str) -> None:
        self._path = path
        kept = self._load()
        self.now = kept if kept.place == place else Makes(place=place)

    def keep(self, makes: Makes) -> None:
        if makes == self.now:
            return
        self.now = makes
        state.save(self._path, makes, "a bridge of ours")

    def _load(self) -> Makes:
        return state.load(self._path, Makes, "bridges of ours") or Makes()
