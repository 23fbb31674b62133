"""How often levels are read, and the peaks of each reading. No I/O."""

from __future__ import annotations

from common.messages import Levels
from workers.audio.mix.chain import Chain
from workers.audio.mix.mixer import SILENCE_DB, peak_dbfs

TICK_S = 0.1
"""Seconds between two publications of the levels. Chosen for a meter that moves smoothly."""
HEARD_DB = -90.0
"""Levels below are not published at each reading. Chosen as about one step of a 16-bit sample."""


class LevelMeter:
    """Reads the peaks once a tick, or twice for programs that want levels more often."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._is_fast = False
        self._is_between = False
        self._loudest_db = SILENCE_DB

    def set_rate(self, per_s: int) -> None:
        """Read at least so often, up to twice a tick."""
        self._is_fast = per_s * TICK_S > 1

    @property
    def wait_s(self) -> float:
        """Return the time until the next reading."""
        return TICK_S / 2 if self._is_fast else TICK_S

    def ends_tick(self) -> bool:
        """Count a reading. Return whether a tick ends with it, or there is another one to come."""
        self._is_between = self._is_fast and not self._is_between
        return not self._is_between

    def read(self) -> Levels:
        """Return the peaks since the last reading."""
        talkers = {
            peer: round(peak_dbfs(voice.take_peak()), 1) for peer, voice in list(self._chain.mixer.voices.items())
        }
        self._loudest_db = max(self._loudest_db, *talkers.values(), SILENCE_DB)
        return Levels(talkers=talkers, mix=round(peak_dbfs(self._chain.take_peak()), 1))

    def take_loudest_db(self) -> float:
        """Return the highest peak of any talker since the last call."""
        loudest, self._loudest_db = self._loudest_db, SILENCE_DB
        return loudest


def is_heard(levels: Levels) -> bool:
    return max(levels.mix, *levels.talkers.values(), SILENCE_DB) > HEARD_DB
