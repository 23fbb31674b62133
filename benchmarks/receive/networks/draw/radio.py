"""Stages of radio links: Wi-Fi's contention and scans, a mobile network's scheduler, satellites that change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.receive.networks.draw.flight import (
    GRID_MS,
    SPACING_MS,
    Flight,
    Random,
    grid,
    lognormal,
    moments,
    swings,
)

_ATTEMPTS = 7
"""IEEE 802.11: dot11ShortRetryLimit."""
_FAILING_SPREAD = 0.8
"""How much the share of failures swings with the load, as a factor of e."""
_MOST_FAILING = 0.9
_ACCESS_TAIL = 0.8
_TOGETHER = 32
"""Frames of one aggregate (A-MPDU of IEEE 802.11n). An aggregate stands or falls as a whole here."""
_LIFETIME_MS = 500.0
"""dot11EDCATableMSDULifetime is 500 TU: what is older is dropped."""
LEO_SLOT_MS = 15_000.0
"""Starlink's satellites are assigned for 15 s (G. Huston, Measuring Starlink Protocol Performance, NANOG 92)."""
_LEO_LOST = 0.5


@dataclass(frozen=True)
class Contention:
    """A Wi-Fi cell. The channel is waited for, again after each failure, and what waits meanwhile goes along.

    What has failed seven times or waited for `_LIFETIME_MS` is lost.
    """

    access_ms: float
    """Mean wait for the channel."""
    fail: float
    memory_ms: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        count = grid(flight)
        load = swings(count, self.memory_ms, random)
        access = lognormal(self.access_ms, _ACCESS_TAIL, load)
        failing = np.clip(self.fail * np.exp(_FAILING_SPREAD * load), 0.0, _MOST_FAILING)
        waits = random.exponential(1.0, (len(flight.at_ms), _ATTEMPTS))
        draws = random.random((len(flight.at_ms), _ATTEMPTS))
        done, gone = flight.at_ms.copy(), np.zeros(len(flight.at_ms), bool)
        numbers = np.flatnonzero(~flight.lost)
        free, first = -np.inf, 0
        while first < len(numbers):
            began = when = max(float(done[numbers[first]]), free)
            place = min(int(when / GRID_MS), count - 1)
            failed = 0
            while failed < _ATTEMPTS:
                began = when
                when += access[place] * waits[numbers[first], failed] * (1 + failed)
                if draws[numbers[first], failed] >= failing[place]:
                    break
                failed += 1
            last = first + 1
            while last < len(numbers) and last - first < _TOGETHER and done[numbers[last]] <= began:
                last += 1
            for together in range(first, last):
                number = numbers[together]
                gone[number] = failed == _ATTEMPTS or when - done[number] > _LIFETIME_MS
                done[number] = when + (together - first) * SPACING_MS
            free, first = when + (last - first) * SPACING_MS, last
        return Flight(done, flight.sizes, flight.lost | gone)


@dataclass(frozen=True)
class Scans:
    """The radio listens to other channels, one after the other, and comes home in between."""

    every_s: float
    channels: int
    dwell_ms: float
    home_ms: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        delays = np.zeros(len(flight.at_ms))
        for begin in moments(flight, self.every_s, random):
            when = begin
            for _ in range(self.channels):
                end = when + random.uniform(0.8, 1.2) * self.dwell_ms
                hit = (flight.at_ms >= when) & (flight.at_ms < end)
                delays[hit] = end - flight.at_ms[hit]
                when = end + self.home_ms
        return flight.delayed(delays)


@dataclass(frozen=True)
class Grants:
    """A mobile network's scheduler. A packet waits for its grant, and for each repetition of what failed."""

    period_ms: float
    failing: float
    step_ms: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        phase = random.uniform(0.0, self.period_ms)
        waits = (phase - flight.at_ms) % self.period_ms
        repeats = np.minimum(random.geometric(1 - self.failing, len(flight.at_ms)) - 1, 6)
        return flight.delayed(waits + repeats * self.step_ms)


@dataclass(frozen=True)
class LowOrbit:
    """Each 15 s another satellite: a new delay, and for a moment losses."""

    step_ms: float
    gap_ms: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        begin = -random.uniform(0.0, LEO_SLOT_MS)
        gone, delays = np.zeros(len(flight.at_ms), bool), np.zeros(len(flight.at_ms))
        while begin < flight.at_ms[-1]:
            delays[flight.at_ms >= begin] = random.uniform(0.0, self.step_ms)
            hit = (flight.at_ms >= begin) & (flight.at_ms < begin + random.uniform(0.3, 1.0) * self.gap_ms)
            gone |= hit & (random.random(len(flight.at_ms)) < _LEO_LOST)
            begin += LEO_SLOT_MS
        return flight.without(gone).delayed(delays)
