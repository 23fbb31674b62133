"""The benchmark of whole parties: what counts as a delay that has moved, and a short party that is played."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.receive.networks.judge.found import Found
from benchmarks.receive.networks.seeds import tuning
from benchmarks.receive.party import __main__ as benchmark
from benchmarks.receive.party.conversation import party
from benchmarks.receive.party.play import play


@pytest.mark.parametrize(
    ("delays", "moves"),
    [
        ([50, 52, 49, 58], 0),
        ([50, 50, 70, 71, 69], 1),
        ([50, 50, 70, 50, 50], 0),  # found elsewhere once
        ([50, 50, 70, 70, 50, 50], 2),
        ([50, 55, 59, 62, 66, 66], 1),
        ([50], 0),
    ],
)
def test_a_delay_has_moved_when_it_is_far_from_where_it_was_last(delays: list[float], moves: int) -> None:
    assert benchmark._moves(np.array(delays, np.float64)) == moves


def test_sentences_are_parted_by_pauses_and_the_first_seconds_and_what_is_lost_are_left_out() -> None:
    at_s = np.array([1.0, 100.0, 100.1, 100.2, 101.0, 101.1])
    delays = np.array([500.0, 60.0, np.nan, 70.0, 80.0, 90.0])
    found = Found(at_s, delays, delays, 0.0)
    assert [list(some) for some in benchmark._spurts(found, 20.0)] == [[40.0, 50.0], [60.0, 70.0]]


def test_a_party_is_the_same_each_time_and_its_talkers_are_played_together() -> None:
    seeds = tuple(tuning(number) for number in range(3))
    voices, again = party(seeds, 6.0), party(seeds, 6.0)
    assert [one.packets for one in voices] == [one.packets for one in again]
    assert [one.network.kind for one in voices] == ["quiet", "jitter", "wifi-near"]
    assert any(one.loud.any() for one in voices)
    heard = play(voices, "steady", 6.0)
    assert len(heard.voices) == 3
    assert heard.told[0].common_ms == 60
    assert [told.latency for told in play(voices[:1], "low", 6.0).told] == ["low"]
