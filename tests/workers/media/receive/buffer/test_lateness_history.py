"""What a talker's network did, by how late the sound was."""

from __future__ import annotations

import math

import pytest

from workers.media.receive.buffer.lateness_history import BINS, EVENT_MS, MEMORY_MS, SURPRISE_MS, LatenessHistory

PACKET_MS = 40.0


def history(late_ms: list[float], length_ms: float = PACKET_MS) -> LatenessHistory:
    found = LatenessHistory()
    for late in late_ms:
        found.record([(late, 1.0)], length_ms)
    return found


def share_beyond(found: LatenessHistory, late_ms: int) -> float:
    return float(found.weights[late_ms + 1 :].sum() / found.weight)


def test_nothing_is_assumed_of_a_network() -> None:
    assert not LatenessHistory().weights.any()


@pytest.mark.parametrize("length_ms", [10.0, 20.0, 40.0, 60.0])
def test_it_remembers_by_time_whatever_the_packets_are(length_ms: float) -> None:
    late = history([100.0] * int(4000 / length_ms), length_ms)
    before = share_beyond(late, 50)
    for _ in range(int(MEMORY_MS / length_ms)):
        late.record([(0.0, 1.0)], length_ms)
    assert late._spoken_ms == pytest.approx(4000 + MEMORY_MS, rel=0.01)
    assert share_beyond(late, 50) < before / 3


def test_a_single_short_gap_weighs_more_than_its_length_and_a_long_one_by_it() -> None:
    single = history([0.0] * 10 + [50.0], 10.0)
    run = history([0.0] * 10 + [50.0] * 10, 10.0)
    assert single.weights[50] == pytest.approx(EVENT_MS, rel=0.02)
    assert run.weights[50] == pytest.approx(EVENT_MS + 90, rel=0.02)


def test_a_lost_packet_without_a_copy_is_sound_that_no_delay_brings() -> None:
    found = LatenessHistory()
    found.record([], PACKET_MS)
    assert not found.weights.any()
    assert found.weight > PACKET_MS


def test_a_longer_way_is_not_lateness_but_for_the_moment_of_the_change() -> None:
    found = history([0.0] * 100 + [250.0] * 150)
    before = share_beyond(found, 200)
    found.rise(250.0)
    assert share_beyond(found, 200) < before / 15
    assert found.weights[0] > 200 * PACKET_MS * 0.7
    assert found.weights[250] > 0, "what met the change was late"


def test_what_was_late_long_ago_or_less_than_the_way_is_longer_stays_late() -> None:
    found = history([250.0] * 50 + [0.0] * 300)
    stays = found.weights[250] * math.exp(-110 * PACKET_MS / MEMORY_MS)
    for late_ms in [100.0] * 10 + [250.0] * 100:
        found.record([(late_ms, 1.0)], PACKET_MS)
    less = found.weights[100]
    found.rise(250.0)
    assert found.weights[100] == less > 0
    assert found.weights[250] == pytest.approx(stays + SURPRISE_MS, rel=0.05)


def test_only_what_is_over_is_taken_back() -> None:
    found = LatenessHistory()
    for second in range(60):
        late_ms = 300.0 if second % 15 == 0 else 50.0
        for number in range(25):
            found.record([(0.0 if number else late_ms, 1.0)], PACKET_MS)
    assert found.weights[50] > 10 * PACKET_MS
    for _ in range(15 * 25):
        found.record([(0.0, 1.0)], PACKET_MS)
    assert found.weights[50] == pytest.approx(0, abs=0.01)
    assert found.weights[300] > PACKET_MS / 2


def test_all_that_is_remembered_weighs_half_a_minute() -> None:
    assert history([0.0] * 8000).weight == pytest.approx(MEMORY_MS, rel=0.01)


def test_small_rises_are_collected_and_what_was_in_time_stays_so() -> None:
    found = history([3.0] * 100)
    was = found.weights.copy()
    found.rise(4.0)
    assert (found.weights == was).all()
    found.rise(4.0)
    assert found.weights[3] == pytest.approx(was[3])


def test_another_stream_keeps_what_is_known_of_the_network() -> None:
    found = history([60.0] * 50)
    found.restart()
    found.rise(100.0)
    assert found.weights[60] > 0


def test_a_network_that_got_better_is_believed_within_seconds() -> None:
    bad = history([120.0 if number % 10 == 0 else 0.0 for number in range(150)])
    assert share_beyond(bad, 100) > 0.05
    for _ in range(int(10_000 / PACKET_MS)):
        bad.record([(0.0, 1.0)], PACKET_MS)
    assert share_beyond(bad, 100) == pytest.approx(0)


def test_that_is_so_beyond_the_beginning_of_another_stream_too() -> None:
    bad = history([120.0 if number % 10 == 0 else 0.0 for number in range(150)])
    bad.restart()
    for _ in range(int(10_000 / PACKET_MS)):
        bad.record([(0.0, 1.0)], PACKET_MS)
    assert share_beyond(bad, 100) == pytest.approx(0)


def test_what_is_later_than_all_bins_is_in_the_last_one() -> None:
    assert history([5000.0]).weights[BINS - 1] > 0
