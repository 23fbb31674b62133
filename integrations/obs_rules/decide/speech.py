"""Since when each member speaks, or nobody. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from integrations.client.member_voices import MemberVoice

SILENT_DB = -120.0
FALL_DB_S = 20 / 1.7
"""How fast a level falls after its peak: that of a peak programme meter (IEC 60268-10, type I). So a pause between two
words does not make another voice the loudest."""


@dataclass(frozen=True)
class Spoken:
    """A member who speaks."""

    voice: MemberVoice
    since: float
    level_db: float
    """Falls slowly after a peak."""


class SpeechTimes:
    def __init__(self) -> None:
        self.speaking: tuple[Spoken, ...] = ()
        self.quiet_since: float | None = None
        """Since when nobody of the party speaks, or None: somebody does, or there is no party."""
        self._levels: dict[str, tuple[float, float]] = {}
        """Peer → level and when that was."""

    def hear(self, now: float, voices: Sequence[MemberVoice]) -> None:
        """Take what is known of all members."""
        since = {one.voice.peer: one.since for one in self.speaking}
        self._levels = {one.peer: self._level(now, one) for one in voices}
        self.speaking = tuple(
            Spoken(one, since.get(one.peer, now), self._levels[one.peer][0]) for one in voices if one.speaking
        )
        if self.speaking or not voices:
            self.quiet_since = None
        elif self.quiet_since is None:
            self.quiet_since = now

    def _level(self, now: float, voice: MemberVoice) -> tuple[float, float]:
        level_db, at = self._levels.get(voice.peer, (SILENT_DB, now))
        fallen = max(SILENT_DB, level_db - FALL_DB_S * (now - at))
        return max(fallen, SILENT_DB if voice.level_db is None else voice.level_db), now
