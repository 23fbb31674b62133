"""Network conditions for each packet: seeded, by name, the same for every system.

Delays drawn with "uniform" are independent of each other, as in a relay that delays each packet separately. With 0 to
60 ms and a packet every 40 ms about one in eighteen is overtaken by its successor.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

PACKET_MS = 40.0
SPACING_MS = 0.5
"""Spacing of packets that were delayed together and then come back to back."""

Random: TypeAlias = np.random.Generator


@dataclass(frozen=True)
class Trace:
    """`delays_ms[i]` has the delay of each copy of packet i. A lost packet has none."""

    name: str
    delays_ms: tuple[tuple[float, ...], ...]
    red: bool = False
    """The sender adds one level of redundancy."""
    drift_ppm: float = 0.0
    """How much faster the sender's clock runs."""

    def sent_ms(self, number: int) -> float:
        """Return when packet `number` is sent, from packet 0 on."""
        return number * PACKET_MS / (1 + self.drift_ppm * 1e-6)

    def arrivals(self) -> list[tuple[float, int]]:
        """Return (arrival in ms from the sending of packet 0 on, packet number) in order of arrival."""
        return sorted(
            (self.sent_ms(number) + delay, number) for number, delays in enumerate(self.delays_ms) for delay in delays
        )

    def lost(self) -> list[bool]:
        return [not delays for delays in self.delays_ms]


_Delays: TypeAlias = list[tuple[float, ...]]


def _still(count: int) -> _Delays:
    return [(0.0,)] * count


def _jitter(most_ms: float) -> Callable[[int, Random], _Delays]:
    return lambda count, random: [(float(delay),) for delay in random.uniform(0.0, most_ms, count)]


def _loss(share: float, most_ms: float = 0.0) -> Callable[[int, Random], _Delays]:
    def make(count: int, random: Random) -> _Delays:
        gone = random.random(count) < share
        return _without(_jitter(most_ms)(count, random), gone.tolist())

    return make


def _bursts(share: float, mean: float) -> Callable[[int, Random], _Delays]:
    return lambda count, random: _without(_still(count), _gilbert(count, share, mean, random))


def _gilbert(count: int, share: float, mean: float, random: Random) -> list[bool]:
    """Return which packets are lost, in bursts of `mean` packets on average, `share` of all."""
    begins, ends = share / (1 - share) / mean, 1 / mean
    bad, gone = False, []
    for draw in random.random(count):
        bad = draw >= ends if bad else draw < begins
        gone.append(bool(bad))
    return gone


def _wifi(count: int, random: Random) -> _Delays:
    """Lose 1 % in bursts, add 0 to 8 ms of jitter, and every 6 to 12 s a stall of 80 to 200 ms."""
    delays = _jitter(8.0)(count, random)
    delays = _stalled(delays, _moments(count, (6.0, 12.0), (80.0, 200.0), random))
    return _without(delays, _gilbert(count, 0.01, 3.0, random))


def _spikes(count: int, random: Random) -> _Delays:
    """Stall for 300 ms every 7 to 13 s, without other delays."""
    return _stalled(_still(count), _moments(count, (7.0, 13.0), (300.0, 300.0), random))


def _reorder(count: int, random: Random) -> _Delays:
    """Delay one packet in ten by 45 to 75 ms, so that its successor overtakes it. Duplicate one in fifty."""
    long = random.random(count) < 0.1
    detour = random.uniform(45.0, 75.0, count)
    twice = random.random(count) < 0.02
    once = [(float(detour[number]),) if long[number] else (0.0,) for number in range(count)]
    return [(*delays, delays[0] + 5.0) if twice[number] else delays for number, delays in enumerate(once)]


def _cut(count: int, _: Random) -> _Delays:
    """Lose everything for 2 s in the middle."""
    first = count // 2
    return _without(_still(count), [first <= number < first + round(2000 / PACKET_MS) for number in range(count)])


def _moments(
    count: int, every_s: tuple[float, float], length_ms: tuple[float, float], random: Random
) -> list[tuple[float, float]]:
    """Return (begin, end) in ms of stalls."""
    found: list[tuple[float, float]] = []
    at = 0.0
    while True:
        at += random.uniform(*every_s) * 1000
        if at >= count * PACKET_MS:
            return found
        found.append((at, at + random.uniform(*length_ms)))


def _stalled(delays: _Delays, stalls: list[tuple[float, float]]) -> _Delays:
    """Delay what would arrive during a stall to its end, in order."""
    held = dict.fromkeys(range(len(stalls)), 0)
    made: _Delays = []
    for number, (delay, *_) in enumerate(delays):
        sent = number * PACKET_MS
        for index, (begin, end) in enumerate(stalls):
            if begin <= sent + delay < end:
                delay = end - sent + held[index] * SPACING_MS  # noqa: PLW2901  # it is this packet's new delay
                held[index] += 1
        made.append((delay,))
    return made


def _without(delays: _Delays, gone: list[bool]) -> _Delays:
    return [() if lost else delay for delay, lost in zip(delays, gone, strict=True)]


_MAKERS: dict[str, Callable[[int, Random], _Delays]] = {
    "clean": lambda count, _: _still(count),
    "jitter-30": _jitter(30.0),
    "jitter-60": _jitter(60.0),
    "loss-5": _loss(0.05),
    "loss-10": _loss(0.10),
    "loss-20": _loss(0.20),
    "loss-5-jitter-60": _loss(0.05, 60.0),
    "loss-10-jitter-60": _loss(0.10, 60.0),
    "loss-20-jitter-60": _loss(0.20, 60.0),
    "bursts-10": _bursts(0.10, 2.5),
    "bursts-1": _bursts(0.01, 3.0),
    "wifi": _wifi,
    "red-loss-10": _loss(0.10),
    "red-loss-20": _loss(0.20),
    "red-loss-20-jitter-60": _loss(0.20, 60.0),
    "reorder": _reorder,
    "spikes-300": _spikes,
    "drift-fast": lambda count, _: _still(count),
    "drift-slow": lambda count, _: _still(count),
    "cut-2s": _cut,
}
_DRIFT_PPM = {"drift-fast": 200.0, "drift-slow": -200.0}
NAMES = tuple(_MAKERS)


def make(name: str, count: int, seed: int = 1) -> Trace:
    """Return the trace `name` for `count` packets. Raises `KeyError`. The losses are the same with and without RED."""
    red = name.startswith("red-")
    base = name.removeprefix("red-")
    random = np.random.default_rng([seed, zlib.crc32(base.encode())])
    trace = Trace(name, tuple(_MAKERS[name](count, random)), drift_ppm=_DRIFT_PPM.get(name, 0.0))
    return replace(trace, red=red)
