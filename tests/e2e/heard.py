"""What was spoken, found again in what was recorded."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from simulator.consoles import voices
from tests.e2e.pipeline import Control
from tests.support.correlate import best_match, windows

RATE = 48_000
AROUND_S = 1.0
"""A voice is looked for this long before and after it was spoken."""

MARGIN_NS = 100_000_000
"""Between one who speaks alone and all others."""


@dataclass(frozen=True)
class Utterance:
    """One console speaking one voice file."""

    peer: str
    voice: str
    started_ns: int
    """Monotonic time of its first sample at the console's encoder."""
    ended_ns: int


@dataclass(frozen=True)
class Match:
    utterance: Utterance
    correlation: float
    alike: float
    """Median of the correlations of its half seconds, each aligned for itself: an adapting delay is no distortion."""
    delay_ms: float
    """Encoder input → recorder."""


@cache
def source(voice: str) -> NDArray[np.float32]:
    """Return a voice as the consoles' encoders take it, mono float32 at `RATE`."""
    samples = voices.load(voice).astype(np.float32) / 32768
    return np.asarray(soxr.resample(samples, voices.RATE, RATE), np.float32)


def utterances(spoken: Iterable[dict[str, Any]]) -> list[Utterance]:
    """Read the simulator's /control/spoken, the earliest first."""
    found = [
        Utterance(
            peer=item["peer"],
            voice=item["voice"],
            started_ns=item["first_sample_ns"],
            ended_ns=item["first_sample_ns"] + item["samples"] * 1_000_000_000 // item["rate"],
        )
        for item in spoken
    ]
    return sorted(found, key=lambda each: each.started_ns)


def lone(spoken: list[Utterance]) -> list[Utterance]:
    """Return those during which nobody else spoke."""
    return [
        one
        for one in spoken
        if not any(
            other is not one
            and other.started_ns < one.ended_ns + MARGIN_NS
            and one.started_ns < other.ended_ns + MARGIN_NS
            for other in spoken
        )
    ]


def finished(control: Control, since_ns: int, now_ns: int, settled_s: float = AROUND_S + 0.5) -> list[Utterance]:
    """Return the lone utterances that began after `since_ns` and ended long enough before `now_ns` to be judged."""
    return [
        one
        for one in lone(utterances(control.get("spoken")))
        if one.started_ns >= since_ns and one.ended_ns + settled_s * 1e9 < now_ns
    ]


def match(samples: NDArray[np.float32], recorded_ns: int, one: Utterance, around_s: float = AROUND_S) -> Match | None:
    """Find `one` in a recording that began at `recorded_ns`; None when the recording does not cover it."""
    first = (one.started_ns - recorded_ns) * RATE // 1_000_000_000
    last = (one.ended_ns - recorded_ns) * RATE // 1_000_000_000
    around = round(around_s * RATE)
    if first < 0 or last + around > len(samples):
        return None
    begin = max(0, first - around)
    part = samples[begin : last + around]
    found = best_match(part, source(one.voice), RATE)
    alike = statistics.median(piece.correlation for piece in windows(part, source(one.voice), RATE))
    delay_ms = (begin + found.offset_samples - first) * 1000 / RATE
    return Match(one, found.correlation, alike, delay_ms)


def lone_matches(
    samples: NDArray[np.float32], recorded_ns: int, control: Control, since_ns: int, around_s: float = AROUND_S
) -> list[Match]:
    """Match every lone utterance that began after `since_ns` and that the recording covers."""
    spoken = [one for one in lone(utterances(control.get("spoken"))) if one.started_ns >= since_ns]
    found = (match(samples, recorded_ns, one, around_s) for one in spoken)
    return [each for each in found if each is not None]


def longest_silence_ms(
    samples: NDArray[np.float32], recorded_ns: int, from_ns: int, to_ns: int, level: float = 0.003
) -> float:
    """Return the longest stretch of the recording, between two monotonic times, in which nothing was heard."""
    first, last = ((at - recorded_ns) * RATE // 1_000_000_000 for at in (from_ns, to_ns))
    block = RATE // 100
    part = samples[max(0, first) : last]
    peaks = np.abs(part[: len(part) // block * block]).reshape(-1, block).max(axis=1, initial=0.0)
    longest = run = 0
    for quiet in peaks < level:
        run = run + 1 if quiet else 0
        longest = max(longest, run)
    return longest * 10.0
