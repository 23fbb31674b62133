"""Stages that every path has: jitter, losses, pauses, routes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.receive.networks.draw.flight import (
    GRID_MS,
    Flight,
    Floats,
    Random,
    at,
    grid,
    lognormal,
    moments,
    swings,
)


@dataclass(frozen=True)
class Jitter:
    """Delay with a heavy tail that remembers. Packets stay in order."""

    std_ms: float
    tail: float
    memory_ms: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        process = lognormal(self.std_ms, self.tail, swings(grid(flight), self.memory_ms, random))
        return flight.delayed(at(process, flight.at_ms))


@dataclass(frozen=True)
class Overtaking:
    """Some packets take a longer way, so that later ones overtake them."""

    share: float
    detour_ms: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        count = len(flight.at_ms)
        taken = random.random(count) < self.share
        detours = random.uniform(0.3, 1.0, count) * self.detour_ms
        return flight.delayed(np.where(taken, detours, 0.0), in_order=False)


@dataclass(frozen=True)
class RandomLoss:
    """Losses that know nothing of each other."""

    share: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        return flight.without(random.random(len(flight.at_ms)) < self.share)


@dataclass(frozen=True)
class Bursts:
    """Gilbert-Elliott in continuous time: bad periods lose `loss` of what they meet. Some of them hold the rest."""

    every_s: float
    length_ms: float
    """Mean of an exponential distribution."""
    loss: float
    held: float
    """Share of the bad periods that hold what they do not lose."""

    def carry(self, flight: Flight, random: Random) -> Flight:
        gone, delays = np.zeros(len(flight.at_ms), bool), np.zeros(len(flight.at_ms))
        for begin in moments(flight, self.every_s, random):
            end = begin + random.exponential(self.length_ms)
            holds = random.random() < self.held
            hit = (flight.at_ms >= begin) & (flight.at_ms < end)
            draws = random.random(len(flight.at_ms))
            gone |= hit & (draws < self.loss)
            if holds:
                delays[hit] = np.maximum(delays[hit], end - flight.at_ms[hit])
        return flight.without(gone).delayed(delays)


@dataclass(frozen=True)
class Pauses:
    """Nothing passes for a while. What is not lost comes back to back, and the way afterwards may be another."""

    every_s: float
    length_ms: float
    """Lengths are 0.5 to 1.5 times this."""
    lost: float = 0.0
    step_ms: float = 0.0
    """The delay after each pause is drawn between 0 and this."""

    def carry(self, flight: Flight, random: Random) -> Flight:
        gone, delays = np.zeros(len(flight.at_ms), bool), np.zeros(len(flight.at_ms))
        base = random.uniform(0.0, self.step_ms)
        delays += base
        for begin in moments(flight, self.every_s, random):
            end = begin + random.uniform(0.5, 1.5) * self.length_ms
            hit = (flight.at_ms >= begin) & (flight.at_ms < end)
            gone |= hit & (random.random(len(flight.at_ms)) < self.lost)
            base = random.uniform(0.0, self.step_ms)
            delays[flight.at_ms >= end] = base
            delays[hit] = end - flight.at_ms[hit] + base
        return flight.without(gone).delayed(delays)


@dataclass(frozen=True)
class Route:
    """The way becomes longer or shorter at once. A shorter one lets packets overtake."""

    every_s: float
    step_ms: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        delays = np.zeros(len(flight.at_ms))
        long = bool(random.random() < 0.5)
        delays += self.step_ms * long
        for begin in moments(flight, self.every_s, random):
            long = not long
            delays[flight.at_ms >= begin] = self.step_ms * long * random.uniform(0.6, 1.0)
        return flight.delayed(delays, in_order=False)


@dataclass(frozen=True)
class Ramps:
    """The delay grows slowly and falls slowly."""

    every_s: float
    rise_ms: float
    length_s: float

    def carry(self, flight: Flight, random: Random) -> Flight:
        when = np.arange(grid(flight)) * GRID_MS
        delays: Floats = np.zeros(len(when))
        for begin in moments(flight, self.every_s, random):
            rising, falling = random.uniform(0.3, 1.0, 2) * self.length_s * 1000
            top = random.uniform(0.5, 1.0) * self.rise_ms
            shape = np.minimum((when - begin) / rising, 1 - (when - begin - rising) / falling)
            delays = np.maximum(delays, top * np.clip(shape, 0.0, 1.0))
        return flight.delayed(at(delays, flight.at_ms))
