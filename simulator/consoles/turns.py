"""Turn-taking between talkers, with occasional overlaps. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

GAP_S = 0.5
"""Silence between two utterances."""
OVERLAP_EVERY = 6
"""Every that many utterances a second talker overlaps."""
OVERLAP_AFTER_S = 1.2


@dataclass(frozen=True)
class Turn:
    """`talker` begins to speak `voice` now."""

    talker: str
    voice: str


class Turns:
    """Selects the next talker. `length` returns a voice file's length in seconds."""

    def __init__(self, repertoire: Mapping[str, Sequence[str]], length: Callable[[str], float]) -> None:
        self._repertoire = dict(repertoire)
        self._length = length
        self._spoken = dict.fromkeys(repertoire, 0)
        self._count = 0
        self._last = ""
        self._free_at: float | None = None
        """End of the current turn, None before the first one or without listeners."""
        self._falls_in_at: float | None = None

    def add(self, talker: str, voices: Sequence[str]) -> None:
        """Add a talker."""
        self._repertoire[talker] = voices
        self._spoken.setdefault(talker, 0)

    def next(self, now: float, heard: Sequence[str]) -> Turn | None:
        """Return who begins now, if anybody. `heard` are the talkers with a listener."""
        if not heard:
            self._free_at = self._falls_in_at = None
            return None
        if self._falls_in_at is not None and now >= self._falls_in_at:
            self._falls_in_at = None
            others = [talker for talker in heard if talker != self._last]
            if others:
                return self._turn(self._pick(others), now)
        if self._free_at is not None and now < self._free_at:
            return None
        self._count += 1
        talker = self._pick([talker for talker in heard if talker != self._last] or list(heard))
        if self._count % OVERLAP_EVERY == 0 and len(heard) > 1:
            self._falls_in_at = now + OVERLAP_AFTER_S
        self._last = talker
        return self._turn(talker, now)

    def _pick(self, talkers: Sequence[str]) -> str:
        return min(talkers, key=lambda talker: self._spoken[talker])

    def _turn(self, talker: str, now: float) -> Turn:
        voices = self._repertoire[talker]
        voice = voices[self._spoken[talker] % len(voices)]
        self._spoken[talker] += 1
        self._free_at = max(self._free_at or 0.0, now + self._length(voice) + GAP_S)
        return Turn(talker, voice)
