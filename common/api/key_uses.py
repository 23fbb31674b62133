"""When each key was used last. It is kept in memory and saved once a minute, so that a request costs no write."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from common.files import state
from common.files.paths import Paths

SAVE_S = 60.0
"""Least time between two writes. What a crash loses of it misleads nobody who looks for keys that are not used."""
WHAT = "the API keys' last uses"


class _LastUses(msgspec.Struct, frozen=True, kw_only=True):
    used_at: dict[str, float] = msgspec.field(default_factory=dict)
    """Key id → Unix seconds."""


def uses_file(paths: Paths) -> Path:
    return paths.state / "api-key-uses.json"


def load(paths: Paths) -> dict[str, float]:
    """Return key id → Unix seconds of its last use, at most `SAVE_S` behind while the dashboard runs."""
    found = state.load(uses_file(paths), _LastUses, WHAT)
    return dict(found.used_at) if found is not None else {}


class KeyUses:
    """The last uses, of the one process that serves the API."""

    def __init__(self, paths: Paths) -> None:
        self._file = uses_file(paths)
        self._used_at = load(paths)
        self._saved = dict(self._used_at)
        self._saved_at = 0.0

    def note(self, key_id: str, at: float) -> None:
        """Note a use `at` (Unix seconds)."""
        self._used_at[key_id] = at

    def of(self, key_id: str) -> float | None:
        return self._used_at.get(key_id)

    def save(self, present: Collection[str], now: float, *, at_once: bool = False) -> None:
        """Write the uses of the keys that are `present` if they changed and a minute went by. `now`: of any clock."""
        self._used_at = {key_id: at for key_id, at in self._used_at.items() if key_id in present}
        if self._used_at == self._saved or (now - self._saved_at < SAVE_S and not at_once):
            return
        self._saved, self._saved_at = dict(self._used_at), now
        state.save(self._file, _LastUses(used_at=self._saved), WHAT)
