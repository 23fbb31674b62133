"""What each avatar is to do, by the voices. No I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from common.config.integration_tables import VeadoAvatar
from integrations.client.member_voices import MemberVoice, is_meant

QUIETEST_DB = -60.0
"""The level that is 0 for a number node. It lies below a whisper, and above the noise of most rooms."""


@dataclass(frozen=True)
class AvatarWish:
    speaking: bool
    level: float
    """0 … 1."""


SILENT = AvatarWish(speaking=False, level=0.0)


class AvatarWishes:
    """A mouth does not shut between two words: speech counts for `hold_s` after it ended."""

    def __init__(self, avatars: Mapping[str, VeadoAvatar], hold_s: float) -> None:
        """`avatars` by whom they are for."""
        self._avatars = avatars
        self._hold_s = hold_s
        self._speaking: set[str] = set()
        self._ends: dict[str, float] = {}

    def hear(self, now: float, voices: Sequence[MemberVoice] | None) -> None:
        """Take what is known of all members. None: nothing, so nobody speaks."""
        for who in self._avatars:
            speaks = any(one.speaking for one in _of(who, voices))
            if speaks:
                self._speaking.add(who)
            elif who in self._speaking:
                self._speaking.discard(who)
                self._ends[who] = now + self._hold_s

    def at(self, now: float, voices: Sequence[MemberVoice] | None) -> dict[str, AvatarWish]:
        """Return what each avatar is to do now, by whom it is for."""
        return {
            who: AvatarWish(
                speaking=who in self._speaking or now < self._ends.get(who, -math.inf),
                level=max((_level(one) for one in _of(who, voices)), default=0.0),
            )
            for who in self._avatars
        }

    def due(self, now: float) -> float | None:
        """Return when something changes though nothing is heard."""
        return min((end for end in self._ends.values() if end > now), default=None)


def _of(who: str, voices: Sequence[MemberVoice] | None) -> list[MemberVoice]:
    return [one for one in voices or () if is_meant(who, one)]


def _level(voice: MemberVoice) -> float:
    if not voice.speaking or voice.level_db is None:
        return 0.0
    return min(1.0, max(0.0, 1 - voice.level_db / QUIETEST_DB))
