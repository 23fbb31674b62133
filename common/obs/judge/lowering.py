"""How the game's source is lowered while the party speaks: which filter, and how far it moves. No I/O, no clock.

OBS's own compressor with a sidechain is precise and needs no program beside it, but it listens to one source only
(obs-studio#11161), and has no effect on a macOS capture (obs-studio#10387). There a gain filter is moved instead, by
`common.messages.Ducking`.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Literal

from common.basic.values import ObsRoute

FILTER = "partyline ducking"
"""Name of our filter on the game's source."""
COMPRESSOR, GAIN = "compressor_filter", "gain_filter"
KIND = {"sidechain": COMPRESSOR, "volume": GAIN}
MAC_CAPTURES = frozenset({"screen_capture", "sck_audio_capture", "display_capture", "window_capture"})
"""Kinds of source with sound that ScreenCaptureKit brings on a Mac. Not run on a Mac yet."""
DEPTH_DB = 12.0
"""How far the game is lowered. Chosen so that speech is understood over a loud game that is still heard."""
ATTACK_S = 0.15
"""From full volume to lowered. Chosen to be quick against a syllable, and not heard as a click."""
RELEASE_S = 0.6
"""Back to full volume. Chosen so that the game does not jump between two sentences."""
STEP_S = 0.02
"""Time between two moves. OBS handles sound in blocks of 21 ms, so smaller steps would not be heard as such."""

Way = Literal["sidechain", "volume"]


def way(route: ObsRoute, kind: str, *, on_mac: bool) -> Way:
    """Return how a source of that kind is lowered."""
    by_one = route != "each"
    return "sidechain" if by_one and not (on_mac and kind in MAC_CAPTURES) else "volume"


def filter_settings(how: Way, sidechain: str = "") -> dict[str, Any]:
    """Return the settings of a new filter. `sidechain` is the source with the voices."""
    if how == "volume":
        return {"db": 0.0}
    return {
        # OBS lowers by (1 - 1 / ratio) * (voice - threshold): 12 dB for a voice with peaks of -18 dBFS
        "ratio": 2.0,
        "threshold": -18.0 - 2 * DEPTH_DB,
        "attack_time": 30,
        "release_time": round(RELEASE_S * 1000),  # exponential: 80 % are back after about 1.4 s
        "output_gain": 0.0,
        "sidechain_source": sidechain,
    }


class Ramp:
    """Where the gain stands, and how it moves."""

    def __init__(self) -> None:
        self.now_db = 0.0
        self._goal_db = 0.0

    def set_active(self, *, active: bool) -> None:
        self._goal_db = -DEPTH_DB if active else 0.0

    @property
    def is_moving(self) -> bool:
        return self.now_db != self._goal_db

    def move(self, seconds: float) -> float:
        """Move on for that time. Return the gain then, in dB."""
        if self._goal_db < self.now_db:
            self.now_db = max(self._goal_db, self.now_db - DEPTH_DB * seconds / ATTACK_S)
        else:
            self.now_db = min(self._goal_db, self.now_db + DEPTH_DB * seconds / RELEASE_S)
        return self.now_db


class Delayed:
    """A yes or no that is told later, since the voices in OBS are delayed to match a video."""

    def __init__(self) -> None:
        self._changes: deque[tuple[float, bool]] = deque()
        self._now = False

    def at(self, now: float, delay_s: float, *, active: bool) -> bool:
        """Take what is so `now`. Return what was so `delay_s` ago."""
        latest = self._changes[-1][1] if self._changes else self._now
        if active != latest:
            self._changes.append((now, active))
        while self._changes and self._changes[0][0] + delay_s <= now:
            self._now = self._changes.popleft()[1]
        return self._now
