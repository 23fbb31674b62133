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


def placed(clock: RtpClock, numbers: range, rate: int, *, first: int = 0, samples: int = PACKET) -> list[int]:
    step = samples * rate // 48_000
    return [clock.place(n, (first + n * step) % (1 << 32), samples) for n in numbers]


@pytest.mark.parametrize("rate", RtpClock.RATES)
def test_every_rate_is_told_by_packets_in_a_row(rate: int) -> None:
    clock = RtpClock()
    positions = placed(clock, range(6), rate, first=1000)
    assert (clock.rate, clock.certain) == (rate, True)
    assert positions[-1] - positions[-2] == PACKET


def test_the_first_packet_is_at_the_beginning() -> None:
    clock = RtpClock()
    assert clock.position(777) == 0
    assert clock.place(5, 123_456, PACKET) == 0
    assert clock.position(123_456 + PACKET) == PACKET
    assert clock.position(123_456 - PACKET) == -PACKET
    assert not clock.certain


def test_it_is_certain_after_three_steps() -> None:
    clock = RtpClock()
    certain = []
    for n in range(5):
        clock.place(n, n * PACKET, PACKET)
        certain.append(clock.certain)
    assert certain == [False, False, False, True, True]


def test_positions_go_on_over_the_end_of_the_timestamps_in_both_directions() -> None:
    clock = RtpClock()
    first = (1 << 32) - 2 * PACKET
    assert placed(clock, range(5), 48_000, first=first) == [n * PACKET for n in range(5)]
    assert clock.position(first) == 0
    assert clock.position((first - PACKET) % (1 << 32)) == -PACKET


def test_another_rate_takes_over_when_it_is_certain_and_positions_do_not_leap() -> None:
    clock = RtpClock()
    placed(clock, range(2), 48_000)
    assert clock.rate == 48_000
    positions = [clock.place(2 + n, PACKET + (n + 1) * 640, PACKET) for n in range(3)]
    assert clock.rate == 16_000
    assert positions[-1] - positions[-2] == PACKET
    assert positions[0] >= PACKET


def test_what_looks_like_another_rate_once_changes_nothing() -> None:
    clock = RtpClock()
    placed(clock, range(6), 48_000)
    assert clock.place(6, 5 * PACKET + 640, PACKET) == 5 * PACKET + 640
    assert clock.rate == 48_000
    assert [clock.place(7 + n, 6 * PACKET + 640 + n * PACKET, PACKET) for n in range(2)] == [
        6 * PACKET + 640,
        7 * PACKET + 640,
    ]


def test_a_lost_packet_and_one_without_sound_say_nothing_of_the_rate() -> None:
    clock = RtpClock()
    clock.place(0, 0, PACKET)
    clock.place(2, 640, PACKET)  # a packet is missing between the two
    assert clock.rate == 48_000
    clock.place(3, 1280, 0)
    assert clock.rate == 48_000
    clock.place(3, 640 + 640, PACKET)
    assert clock.rate == 16_000


def test_packets_that_come_in_reverse_tell_the_rate_too() -> None:
    clock = RtpClock()
    clock.place(9, 9 * 640, PACKET)
    for n in (8, 7, 6, 5):
        clock.place(n, n * 640, PACKET)
    assert (clock.rate, clock.certain) == (16_000, True)


def test_the_duration_is_of_the_earlier_packet() -> None:
    forwards, backwards = RtpClock(), RtpClock()
    forwards.place(0, 0, 960)
    forwards.place(1, 320, PACKET)
    assert forwards.rate == 16_000
    backwards.place(1, 320, PACKET)
    backwards.place(0, 0, 960)
    assert backwards.rate == 16_000


def test_a_step_that_fits_no_rate_says_nothing() -> None:
    clock = RtpClock()
    clock.place(0, 0, PACKET)
    assert clock.place(1, 777, PACKET) == 777
    assert clock.rate == 48_000
    clock.place(3, 777 + 320, PACKET)  # half of what two packets would be at 16 kHz: one is missing
    assert clock.rate == 48_000


def test_positions_go_on_where_the_rate_was_told() -> None:
    clock = RtpClock()
    assert clock.place(7, 5000, PACKET) == 0
    assert clock.place(8, 5640, PACKET) == PACKET
    assert clock.place(9, 6280, PACKET) == 2 * PACKET


def test_a_certain_rate_gives_way_to_the_fourth_step_of_another() -> None:
    clock = RtpClock()
    placed(clock, range(6), 48_000)
    rates = []
    for n in range(1, 5):
        clock.place(5 + n, 5 * PACKET + n * 640, PACKET)
        rates.append(clock.rate)
    assert rates == [48_000, 48_000, 48_000, 16_000]
    assert not clock.certain


def test_a_rate_that_was_just_told_gives_way_to_the_second_step_of_another() -> None:
    clock = RtpClock()
    clock.place(0, 0, PACKET)
    clock.place(1, 640, PACKET)
    rates = []
    for n in range(1, 3):
        clock.place(1 + n, 640 + n * PACKET, PACKET)
        rates.append(clock.rate)
    assert rates == [16_000, 48_000]
