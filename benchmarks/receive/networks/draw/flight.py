"""Packets on their way, and the processes in time that meet them. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Random = np.random.Generator

SPACING_MS = 0.3
"""Least distance of packets that were held together: 200 bytes at 5 Mbit/s."""
GRID_MS = 5.0
"""Step of the processes in time. They do not depend on the packets: each packet length meets the same network."""


@dataclass(frozen=True)
class Flight:
    """`at_ms[i]` is where packet i has got to in time, `lost[i]` whether it is gone. Packets are in sending order."""

    at_ms: Floats
    sizes: Floats
    """Bytes on the wire."""
    lost: Flags

    def delayed(self, delays_ms: Floats, *, in_order: bool = True) -> Flight:
        """Return the flight later by `delays_ms`. In order means that no packet overtakes another."""
        at_ms = self.at_ms + delays_ms
        return replace(self, at_ms=queued(at_ms, self.lost) if in_order else at_ms)

    def without(self, gone: Flags) -> Flight:
        return replace(self, lost=self.lost | gone)


class PathStage(Protocol):
    """A part of the way. The same `random` and the same flight give the same result."""

    def carry(self, flight: Flight, random: Random) -> Flight: ...


def queued(at_ms: Floats, lost: Flags) -> Floats:
    """Return arrivals in order of sending. What is held comes `SPACING_MS` after its predecessor."""
    found = at_ms.copy()
    latest = -np.inf
    for number in np.flatnonzero(~lost):
        if found[number] < latest + SPACING_MS and found[number] <= latest:
            found[number] = latest + SPACING_MS
        latest = max(latest, found[number])
    return found


def grid(flight: Flight) -> int:
    """Return how many steps of a process cover the flight."""
    return int(np.nanmax(flight.at_ms, initial=0.0) / GRID_MS) + 400


def at(process: Floats, when_ms: Floats) -> Floats:
    """Return the values of a process at these moments."""
    values: Floats = process[np.clip((when_ms / GRID_MS).astype(np.int64), 0, len(process) - 1)]
    return values


def swings(count: int, memory_ms: float, random: Random) -> Floats:
    """Return an autoregressive Gaussian process of variance 1 whose correlation falls to 1/e in `memory_ms`."""
    kept = float(np.exp(-GRID_MS / memory_ms))
    noise = random.standard_normal(count)
    noise[1:] *= np.sqrt(1 - kept**2)
    return np.asarray(lfilter([1.0], [1.0, -kept], noise), np.float64)


def lognormal(std: float, tail: float, process: Floats) -> Floats:
    """Return a Gaussian process with lognormal values of this standard deviation. `tail` is the shape."""
    spread = np.sqrt((np.exp(tail**2) - 1) * np.exp(tail**2))
    return np.asarray(std / spread * np.exp(tail * process), np.float64)


def moments(flight: Flight, every_s: float, random: Random) -> list[float]:
    """Return moments in ms with gaps of half to one and a half times `every_s`."""
    end, found = float(flight.at_ms[-1]), []
    when = random.uniform(0.1, 1.0) * every_s * 1000
    while when < end:
        found.append(float(when))
        when += random.uniform(0.5, 1.5) * every_s * 1000
    return found
