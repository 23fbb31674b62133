"""The choice of how much is kept in memory: `state/clip.json`."""

from __future__ import annotations

from pathlib import Path

import msgspec

from common.basic.values import LEAST_CLIP_S, ClipSeconds
from common.errors import PartylineError
from common.files import state

WHAT = "how many of the last seconds are kept for clips"


class ClipChoice(msgspec.Struct, frozen=True, kw_only=True):
    seconds: ClipSeconds


def load(file: Path, default: int) -> int:
    """Return what was chosen, or `default` (the setting)."""
    found = state.load(file, ClipChoice, WHAT)
    return found.seconds if found is not None and is_valid(found.seconds) else default


def save(file: Path, seconds: int) -> None:
    """Remember a choice. Raises `PartylineError` for a length that cannot be chosen."""
    if not is_valid(seconds):
        raise PartylineError(
            f"{seconds} s are too short to be kept.",
            f"Choose {LEAST_CLIP_S} to 300 s, or 0 to keep nothing.",
            code="recorder.clip-length",
        )
    state.save(file, ClipChoice(seconds=seconds), WHAT)


def is_valid(seconds: int) -> bool:
    return not 0 < seconds < LEAST_CLIP_S
