"""The law of a gain's fader and of a level's meter, which every desk shares with the dashboard's. No I/O.

A test holds `workers/dashboard/static/js/` to it.
"""

from __future__ import annotations

from common.basic.values import GainDb, range_of

GAIN = range_of(GainDb)
METER_DB = 54.0
"""Range of a meter below full scale. What is quieter is not seen."""


def position_of(gain_db: float) -> float:
    """Return the fader's position, 0 … 1, which is linear in dB."""
    return min(1.0, max(0.0, (gain_db - GAIN.least) / (GAIN.most - GAIN.least)))


def gain_of(position: float) -> float:
    """Return the gain in dB at a position, to 0.01 dB: a position of 32 bits is no more exact than that."""
    return round(GAIN.least + min(1.0, max(0.0, position)) * (GAIN.most - GAIN.least), 2)


def meter_of(level_db: float) -> float:
    """Return the part of a meter that a level in dBFS fills, 0 … 1."""
    return min(1.0, max(0.0, (level_db + METER_DB) / METER_DB))
