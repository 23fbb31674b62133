"""What was found in OBS before rules changed it: `state/obs_rules.json`. It outlives a kill -9.

It is kept for each scene collection, since another one has other scenes.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.files import state
from integrations.obs_rules.rules.model import Target

WHAT = "what was found in OBS before its rules changed it"


class FoundValue(msgspec.Struct, frozen=True):
    """One thing as it was found."""

    target: Target
    value: bool | str
    ours: tuple[str, ...] = ()
    """Of a scene: those that the rules choose. Any other one was chosen by hand, and is left alone."""


class FoundValues(msgspec.Struct, frozen=True):
    """The file."""

    collections: dict[str, tuple[FoundValue, ...]] = {}


class FoundFile:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._now = state.load(file, FoundValues, WHAT) or FoundValues()

    def of(self, collection: str) -> dict[Target, FoundValue]:
        return {one.target: one for one in self._now.collections.get(collection, ())}

    def put(self, collection: str, found: dict[Target, FoundValue]) -> None:
        """Replace what was found in a collection, and save if anything changed."""
        changed = {**self._now.collections, collection: tuple(found.values())}
        if not found:
            del changed[collection]
        if changed != self._now.collections:
            self._now = FoundValues(changed)
            state.save(self._file, self._now, WHAT)
