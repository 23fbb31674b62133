"""The clock of RTP timestamps is inferred."""

from __future__ import annotations

from itertools import pairwise

import pytest

from workers.media.receive.buffer.rtp_clock import RtpClock

PACKET = 1920


@pytest.mark.parametrize("rate", RtpClock.RATES)
@pytest.mark.parametrize("first", [0, (1 << 32) - 100])
def test_positions_count_48_khz_whatever_the_timestamps_count(rate: int, first: int) -> None:
    clock = RtpClock()
    step = PACKET * rate // 48_000
    positions = [clock.place(number, (first + number * step) % (1 << 32), PACKET) for number in range(12)]
    steps = {after - before for before, after in pairwise(positions[4:])}
    assert (clock.rate, clock.certain, steps) == (rate, True, {PACKET})
    assert clock.position((first + 12 * step) % (1 << 32)) == positions[-1] + PACKET


def test_one_pause_that_looks_like_another_rate_changes_nothing() -> None:
    clock = RtpClock()
    for number in range(5):
        clock.place(number, number * PACKET, PACKET)
    clock.place(5, 4 * PACKET + PACKET // 3, PACKET)
    assert clock.rate == 48_000
