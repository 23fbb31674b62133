"""The transit on the idle network."""

from __future__ import annotations

import random

import pytest

from workers.media.receive.buffer.time_units import MS
from workers.media.receive.buffer.transit_floor import TransitFloor


def test_the_fastest_packet_counts_for_six_seconds() -> None:
    floor = TransitFloor()
    rises = [floor.record(0 if second == 0 else 30 * MS, second * 1000 * MS) for second in range(8)]
    assert rises == [0, 0, 0, 0, 0, 0, 30 * MS, 0]
    assert floor.fastest_ns == 30 * MS


def test_a_faster_packet_counts_at_once_and_is_no_rise() -> None:
    floor = TransitFloor()
    assert [floor.record(transit * MS, number * 40 * MS) for number, transit in enumerate((50, 20, 40))] == [0, 0, 0]
    assert floor.fastest_ns == 20 * MS


def test_another_stream_has_another_floor() -> None:
    floor = TransitFloor()
    floor.record(5 * MS, 0)
    floor.clear()
    assert floor.fastest_ns is None
    assert floor.record(900 * MS, 40 * MS) == 0
    assert floor.fastest_ns == 900 * MS


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_fastest_of_the_last_five_to_six_seconds(seed: int) -> None:
    draw = random.Random(seed)
    floor = TransitFloor()
    transits: list[int] = []
    for number in range(1000):
        transits.append(round(draw.uniform(0, 100) + 0.1 * number) * MS)
        floor.record(transits[-1], (5_000 + number * 40) * MS)
        assert min(transits[-155:]) <= (floor.fastest_ns or 0) <= min(transits[-125:])
