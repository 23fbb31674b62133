"""Minutes of made-up time over drawn networks: bounded, without exceptions or creeping delay, and repeatable.

`PARTYLINE_SIMULATED_MINUTES=60` plays the hour.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from common.messages import FRAME_SAMPLES
from tests.workers.media.receive.playing import MS, RED, new_path, spoken
from tests.workers.media.voice import rtp
from workers.media.receive.buffer.latency import PLANS
from workers.media.receive.buffer.packet_buffer import MAX_PACKETS
from workers.media.receive.buffer.rtp import Rtp

MINUTES = float(os.environ.get("PARTYLINE_SIMULATED_MINUTES", "2"))
EXAMPLES = 12
CAP_NS = PLANS["balanced"].longest_ms * MS


@dataclass(frozen=True)
class Weather:
    """One stretch of network; times in ms, shares 0..1."""

    seconds: float
    loss: float
    jitter: float
    stall: float
    every: float
    twice: float
    drift_ppm: float
    base: float
    red: bool
    restart: bool


weather = st.builds(
    Weather,
    seconds=st.floats(1, 8),
    loss=st.sampled_from([0.0, 0.0, 0.02, 0.2, 0.6]),
    jitter=st.sampled_from([0.0, 5.0, 60.0, 150.0]),
    stall=st.sampled_from([0.0, 120.0, 400.0, 3000.0]),
    every=st.floats(1500, 6000),
    twice=st.sampled_from([0.0, 0.05]),
    drift_ppm=st.sampled_from([-300.0, 0.0, 300.0]),
    base=st.floats(0, 80),
    red=st.booleans(),
    restart=st.booleans(),
)


def arrivals(stretches: list[Weather], seed: int) -> list[tuple[int, Rtp]]:
    """Return (arrival in ns, packet) of some stretches, one after the other."""
    _, packets = spoken()
    draw = np.random.default_rng(seed)
    found, number, sent, ssrc, before = [], 0, 1_000.0, 1, b""
    for stretch in stretches:
        ssrc += stretch.restart
        for _ in range(int(stretch.seconds * 25)):
            payload = packets[number % len(packets)][1]
            packet = rtp(number, number * 1920, payload, ssrc=ssrc)
            if stretch.red and before:
                head = (0x80 | 96).to_bytes(1, "big") + (1920 << 10 | len(before)).to_bytes(3, "big") + bytes([96])
                packet = Rtp(packet.sequence, packet.timestamp, ssrc, RED, head + before + payload)
            late = stretch.base + draw.uniform(0, stretch.jitter + 1e-9)
            into = sent % stretch.every
            if into < stretch.stall:
                late += stretch.stall - into
            copies = int(draw.random() >= stretch.loss) + int(draw.random() < stretch.twice)
            found += [(int((sent + late) * MS), packet)] * copies
            sent += 40 * (1 + stretch.drift_ppm * 1e-6)
            number, before = number + 1, payload
    return sorted(found, key=lambda one: one[0])


def listen(stretches: list[Weather], seed: int) -> str:
    """Play them, watch the bounds, and return what was heard as a digest."""
    waiting = arrivals(stretches, seed)
    # the weather clears up in the end: the delay must come down again
    path, heard, at = new_path(), hashlib.sha256(), 0
    end_ns = int((1_000 + sum(stretch.seconds for stretch in stretches) * 1001 + 600) * MS)
    for now_ns in range(7 * MS, end_ns, 10 * MS):
        while at < len(waiting) and waiting[at][0] <= now_ns:
            path.put(waiting[at][1], waiting[at][0])
            at += 1
        frame = path.pull(now_ns)
        assert frame.samples is None or (frame.samples.dtype == np.int16 and len(frame.samples) == FRAME_SAMPLES)
        assert path.rendering.queue.ready < 8 * 1920
        assert path.buffer.waiting() <= MAX_PACKETS * 5760
        assert path.delay.target_ns <= CAP_NS
        heard.update(b"" if frame.samples is None else frame.samples.tobytes())
        heard.update(frame.arrived_ns.to_bytes(8, "big"))
    return heard.hexdigest()


CLEAR = Weather(6, 0, 2, 0, 5000, 0, 0, 0, red=False, restart=False)


@given(st.lists(weather, min_size=1, max_size=6), st.integers(0, 1 << 16))
@settings(max_examples=max(EXAMPLES, int(MINUTES * 60 / 20)))
def test_any_weather_is_bounded_and_its_sound_repeats_bit_for_bit(stretches: list[Weather], seed: int) -> None:
    assert listen([*stretches, CLEAR], seed) == listen([*stretches, CLEAR], seed)


def test_the_delay_does_not_creep_over_minutes_of_changing_weather() -> None:
    draw = np.random.default_rng(4)
    clear = Weather(50, 0, 2, 0, 5000, 0, 300, 0, red=False, restart=False)
    path, at, ends = new_path(), 0, []
    stretches = []
    for _ in range(max(6, round(MINUTES))):
        rough = Weather(10, 0.1, draw.uniform(0, 100), 150, 3000, 0.02, -300, draw.uniform(0, 40), True, False)
        stretches += [rough, clear]
    waiting = arrivals(stretches, 4)
    for now_ns in range(7 * MS, waiting[-1][0], 10 * MS):
        while at < len(waiting) and waiting[at][0] <= now_ns:
            path.put(waiting[at][1], waiting[at][0])
            at += 1
        path.pull(now_ns)
        if (now_ns // (10 * MS)) % 6000 == 5999:
            ends.append(path.stats.delay_ns)
    half = len(ends) // 2
    assert max(ends) < 120 * MS
    assert np.mean(ends[-half:]) < np.mean(ends[:half]) + 15 * MS
