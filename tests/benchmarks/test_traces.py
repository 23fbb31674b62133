"""The bad networks are what their names say, and the same for everybody."""

from __future__ import annotations

from itertools import groupby, pairwise

import pytest

from benchmarks.receive.network import traces

COUNT = 20_000


def _loss(trace: traces.Trace) -> float:
    return sum(trace.lost()) / len(trace.delays_ms)


def _bursts(trace: traces.Trace) -> list[int]:
    return [len(list(run)) for lost, run in groupby(trace.lost()) if lost]


@pytest.mark.parametrize("name", traces.NAMES)
def test_a_trace_is_the_same_each_time_and_another_with_another_seed(name: str) -> None:
    assert traces.make(name, 500, 3) == traces.make(name, 500, 3)
    assert len(traces.make(name, 500, 3).delays_ms) == 500
    if name not in ("clean", "drift-fast", "drift-slow", "cut-2s"):
        assert traces.make(name, 500, 3).delays_ms != traces.make(name, 500, 4).delays_ms


@pytest.mark.parametrize(
    ("name", "share", "burst"),
    [("loss-5", 0.05, 1.05), ("loss-20-jitter-60", 0.2, 1.25), ("bursts-10", 0.1, 2.5), ("bursts-1", 0.01, 3.0)],
)
def test_losses_have_their_share_and_the_length_of_their_bursts(name: str, share: float, burst: float) -> None:
    trace = traces.make(name, COUNT * 5, 1)
    bursts = _bursts(trace)
    assert _loss(trace) == pytest.approx(share, rel=0.25)
    assert sum(bursts) / len(bursts) == pytest.approx(burst, rel=0.25)


def test_redundancy_meets_the_very_losses_that_were_there_without_it() -> None:
    plain, red = traces.make("loss-10", COUNT), traces.make("red-loss-10", COUNT)
    assert red.red and not plain.red
    assert red.delays_ms == plain.delays_ms


def test_jitter_is_bounded_and_lets_packets_overtake_each_other() -> None:
    trace = traces.make("jitter-60", COUNT)
    delays = [delay for (delay,) in trace.delays_ms]
    assert 0 <= min(delays) < 1 and 59 < max(delays) <= 60
    order = [number for _, number in trace.arrivals()]
    overtaken = sum(after < before for before, after in pairwise(order)) / COUNT
    assert overtaken == pytest.approx(1 / 18, rel=0.2)


def test_after_a_stall_the_held_packets_come_back_to_back_and_in_order() -> None:
    arrivals = traces.make("spikes-300", 2000).arrivals()
    assert [number for _, number in arrivals] == list(range(2000))
    gaps = [after - before for (before, _), (after, _) in pairwise(arrivals)]
    assert sum(300 <= gap <= 341 for gap in gaps) == pytest.approx(8, abs=3)
    assert sum(gap < 1 for gap in gaps) >= 6 * sum(gap > 299 for gap in gaps)


def test_a_cut_takes_two_seconds_out_of_the_middle() -> None:
    assert _bursts(traces.make("cut-2s", 1750)) == [50]


def test_a_fast_clock_sends_earlier_each_time() -> None:
    fast, slow = traces.make("drift-fast", 1750), traces.make("drift-slow", 1750)
    assert fast.sent_ms(1750) == pytest.approx(70_000 - 14, abs=0.1)
    assert slow.sent_ms(1750) == pytest.approx(70_000 + 14, abs=0.1)


def test_reordering_brings_some_packets_twice() -> None:
    trace = traces.make("reorder", COUNT)
    assert _loss(trace) == 0
    assert sum(len(delays) == 2 for delays in trace.delays_ms) / COUNT == pytest.approx(0.02, rel=0.2)
