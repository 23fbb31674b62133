"""Drawn networks are plausible: causal, in order, repeatable, with the rates and the memory that were drawn."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.receive.networks.draw.bottleneck import Queue
from benchmarks.receive.networks.draw.flight import Flight, lognormal, swings
from benchmarks.receive.networks.draw.kinds import KINDS
from benchmarks.receive.networks.draw.network import make
from benchmarks.receive.networks.draw.paths import Bursts, Jitter, Pauses, Ramps, Route
from benchmarks.receive.networks.draw.radio import Contention, Scans
from benchmarks.receive.networks.draw.ranges import RANGES
from benchmarks.receive.networks.seeds import tuning

IN_ORDER = set(KINDS) - {"overtaking", "route", "regimes", "bad-start"}
LONGEST_MS = 6000.0
"""The longest pause of all ranges, drawn half as long again."""


def _sent(seconds: float = 30.0, packet_ms: float = 20.0) -> np.ndarray:
    return np.arange(0.0, seconds * 1000, packet_ms)


def _flight(seconds: float = 30.0, packet_ms: float = 20.0) -> Flight:
    sent = _sent(seconds, packet_ms)
    return Flight(sent, np.full(len(sent), 120.0), np.zeros(len(sent), bool))


def _carried(index: int, loss_seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    sent = _sent()
    return sent, tuning(index).network().carry(sent, np.full(len(sent), 66.0), loss_seed)


@pytest.mark.parametrize("index", range(2 * len(KINDS)))
def test_a_network_is_causal_repeatable_and_of_its_rates(index: int) -> None:
    sent, arrived = _carried(index)
    assert np.array_equal(arrived, _carried(index)[1], equal_nan=True)
    there = ~np.isnan(arrived)
    assert there.mean() > 0.5
    delays = (arrived - sent)[there]
    assert delays.min() >= 0
    assert delays.max() < LONGEST_MS
    if KINDS[index % len(KINDS)] in IN_ORDER:
        assert (np.diff(arrived[there]) > 0).all()


def test_another_loss_seed_and_another_seed_are_another_run() -> None:
    for index in (1, 5, 12):
        assert not np.array_equal(_carried(index, 0)[1], _carried(index, 1)[1], equal_nan=True)
        assert tuning(index).network().parameters != tuning(index + len(KINDS)).network().parameters


def test_every_range_names_a_source_and_is_drawn_by_some_kind() -> None:
    drawn: set[str] = set()
    for index in range(40 * len(KINDS)):
        network = make(index, index)
        drawn |= {".".join(name.split(".")[-2:]) for name in network.parameters}
        for name, value in network.parameters.items():
            allowed = RANGES[".".join(name.split(".")[-2:])]
            assert allowed.low * 0.999 <= value <= allowed.high * 1.001
        assert network.kind in network.description
    assert drawn == set(RANGES)
    assert all(len(found.source) > 10 and found.low < found.high for found in RANGES.values())


@pytest.mark.parametrize("memory_ms", [20.0, 200.0])
def test_jitter_remembers_as_long_as_it_should(memory_ms: float) -> None:
    process = swings(40_000, memory_ms, np.random.default_rng(3))
    later = round(memory_ms / 5)
    assert np.corrcoef(process[:-later], process[later:])[0, 1] == pytest.approx(1 / np.e, abs=0.12)
    values = lognormal(12.0, 0.6, process)
    assert values.min() > 0
    assert values.std() == pytest.approx(12.0, rel=0.3)


def test_the_same_network_meets_packets_of_each_length() -> None:
    stage = Jitter(10.0, 0.5, 300.0)
    short, long = (stage.carry(_flight(packet_ms=length), np.random.default_rng(5)) for length in (20.0, 40.0))
    assert np.allclose(short.at_ms[::2], long.at_ms, atol=1.0)


def _queue(bulk: int, buffer_ms: float = 300.0) -> Queue:
    return Queue(4.0, buffer_ms, 40.0, bulk, 10.0, web_every_s=1e9, web_kb=100.0)


def test_a_queue_without_other_traffic_adds_nothing_and_with_an_upload_fills_and_drops() -> None:
    flight = _flight(40.0)
    alone = _queue(0).carry(flight, np.random.default_rng(1))
    assert not alone.lost.any()
    assert (alone.at_ms - flight.at_ms).max() < 1.0
    beside = _queue(1).carry(flight, np.random.default_rng(1))
    waits = (beside.at_ms - flight.at_ms)[~beside.lost]
    assert 250.0 < waits.max() < 310.0
    assert np.median(waits) < waits.max() / 2
    assert 0 < beside.lost.mean() < 0.2
    assert (np.diff(beside.at_ms[~beside.lost]) > 0).all()


def test_a_queue_fills_faster_and_faster_in_slow_start_and_gives_way_after_a_loss() -> None:
    flight = _flight(40.0, 10.0)
    beside = _queue(1, 800.0).carry(flight, np.random.default_rng(1))
    waits = (beside.at_ms - flight.at_ms)[~beside.lost]
    began, full = int(np.argmax(waits > 5.0)), int(np.argmax(waits > 600.0))
    assert 0 < full - began < 150  # 1.5 s: the window doubles each round trip
    assert 0 < waits[full:].min() < waits[full] * 0.75


def test_bad_periods_lose_their_share_and_some_hold_the_rest() -> None:
    flight = _flight(600.0)
    plain = Bursts(5.0, 200.0, 0.5, 0.0).carry(flight, np.random.default_rng(2))
    assert plain.lost.mean() == pytest.approx(0.5 * 0.2 / 5, rel=0.35)
    assert (plain.at_ms == flight.at_ms).all()
    holding = Bursts(5.0, 200.0, 0.5, 1.0).carry(flight, np.random.default_rng(2))
    assert (holding.at_ms - flight.at_ms).max() > 200


def test_what_a_pause_holds_comes_back_to_back_and_the_way_is_another_afterwards() -> None:
    flight = _flight(60.0)
    held = Pauses(10.0, 400.0, 0.0, 50.0).carry(flight, np.random.default_rng(4))
    gaps = np.diff(held.at_ms)
    assert gaps.max() > 200
    assert (gaps > 0).all() and (gaps < 1.0).sum() > 20
    assert len({round(delay, 3) for delay in (held.at_ms - flight.at_ms)[gaps.argmax() + 30 :]}) >= 2


def test_routes_step_and_ramps_climb() -> None:
    flight = _flight(60.0)
    stepped = Route(10.0, 100.0).carry(flight, np.random.default_rng(6)).at_ms - flight.at_ms
    assert set(np.unique(stepped > 30)) == {False, True}
    climbed = np.diff(Ramps(10.0, 200.0, 8.0).carry(flight, np.random.default_rng(6)).at_ms - flight.at_ms)
    assert climbed.max() > 0.1
    assert np.abs(climbed).max() < 4.0


def test_wifi_waits_for_its_channel_and_stands_still_while_it_scans() -> None:
    flight = _flight(120.0)
    near, far = (Contention(1.0, fail, 500.0).carry(flight, np.random.default_rng(7)) for fail in (0.05, 0.6))
    assert np.nanmedian((near.at_ms - flight.at_ms)[~near.lost]) < 3.0
    assert near.lost.mean() < 0.001 < far.lost.mean() < 0.3
    scanned = Scans(20.0, 3, 100.0, 50.0).carry(flight, np.random.default_rng(8))
    waits = scanned.at_ms - flight.at_ms
    assert 70.0 < waits.max() < 125.0
    assert (waits > 1.0).mean() < 0.05
