"""What is told of the frames that come, with arrivals that are drawn."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.bus.peers.cable.cable_arrivals import BEHIND_FRAMES, LATE_MS, MOST_GAP, OLD_MS, SECONDS, CableArrivals
from common.messages import AudioFrame


def frame(tick: int, *, sounding: bool = True, boot: str = "b", peer: str = "p") -> AudioFrame:
    return AudioFrame(peer=peer, boot=boot, tick=tick, tick_ns=tick * 10_000_000, sounding=sounding)


@given(st.sets(st.integers(0, 400), min_size=2))
def test_every_tick_that_a_sounding_talker_lacks_is_missing(came: set[int]) -> None:
    arrivals = CableArrivals()
    before = [arrivals.record(frame(tick), 100, 5.0) for tick in sorted(came)]
    assert arrivals.missing == sum(before) == max(came) - min(came) + 1 - len(came)
    assert arrivals.frames == len(came)


def test_silence_a_new_run_and_a_talker_who_was_gone_are_not_missing() -> None:
    arrivals = CableArrivals()
    arrivals.record(frame(0, sounding=False), 1, 0)
    arrivals.record(frame(5), 1, 0)
    arrivals.record(frame(3, boot="c"), 1, 0)
    arrivals.record(frame(4 + MOST_GAP + 1, boot="c"), 1, 0)
    assert arrivals.missing == 0


def test_talkers_are_counted_one_by_one() -> None:
    arrivals = CableArrivals()
    for tick in range(10):
        arrivals.record(frame(tick, peer="a"), 1, 0)
        if tick != 4:
            arrivals.record(frame(tick, peer="b"), 1, 0)
    assert arrivals.missing == 1


def test_delay_and_jitter_are_of_the_last_seconds() -> None:
    arrivals = CableArrivals()
    for tick in range(100):
        arrivals.record(frame(tick), 250, 4.0 + tick / 100)
    arrivals.second(0.5)
    assert arrivals.bytes_per_s == 50_000
    assert arrivals.delay_ms == pytest.approx(4.5, abs=0.02)
    assert arrivals.jitter_ms == pytest.approx(0.94, abs=0.02)
    assert arrivals.worst_ms == pytest.approx(4.99)
    for _ in range(SECONDS):
        arrivals.second()
    assert (arrivals.delay_ms, arrivals.jitter_ms, arrivals.bytes_per_s) == (0, 0, 0)


def test_late_and_old_frames_are_told_apart() -> None:
    arrivals = CableArrivals()
    for tick, late in enumerate((10.0, LATE_MS + 1, OLD_MS + 1)):
        arrivals.record(frame(tick), 1, late)
    assert (arrivals.late, arrivals.dropped) == (2, 1)


def test_a_backlog_is_nothing_but_old_frames() -> None:
    arrivals = CableArrivals()
    for tick in range(BEHIND_FRAMES - 1):
        arrivals.record(frame(tick), 1, OLD_MS + 1)
    arrivals.record(frame(BEHIND_FRAMES), 1, 5.0)
    assert not arrivals.is_behind
    for tick in range(BEHIND_FRAMES):
        arrivals.record(frame(tick), 1, OLD_MS + 1)
    assert arrivals.is_behind
    arrivals.reconnected()
    assert not arrivals.is_behind


def test_who_is_gone_is_forgotten() -> None:
    arrivals = CableArrivals()
    arrivals.record(frame(0, peer="gone"), 1, 0)
    arrivals.record(frame(10 * MOST_GAP + 1, peer="here"), 1, 0)
    arrivals.second()
    assert set(arrivals._ticks) == {"here"}
