"""All talkers at one delay, told on the bus; and two voices on different networks that are heard equally late."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.signal import resample_poly

from common.config.tables import MediaSettings
from common.errors import BusUnreachableError
from common.messages import Message, PlayoutDelay
from tests.support.correlate import windows
from tests.workers.media.receive.playing import BEGAN_NS, MS, library, stream
from tests.workers.media.voice import PAYLOAD_TYPE, RATE, encode, voice
from workers.media.receive.path import ReceivePath
from workers.media.talkers.common_playout import NEEDS_EVERY, CommonPlayout
from workers.media.talkers.party_delay import LEAST_MS

STEADY = MediaSettings(latency="steady")
TICK_NS = 10 * MS


class Path:
    """A receive path that needs a delay and notes which one is held."""

    def __init__(self, need_ms: float) -> None:
        self.need_ms = need_ms
        self.held_ns: int | None = None
        self.delay = self

    def need(self) -> int:
        return int(self.need_ms * MS)

    def hold(self, held_ns: int | None) -> None:
        self.held_ns = held_ns


def one(path: Any, *, receives: bool = True, way: str = "own") -> Any:
    """Return a talker as far as its delay goes."""
    return SimpleNamespace(voice=SimpleNamespace(path=path, receives=receives), publisher=SimpleNamespace(way=way))


class Bus:
    """A bus on which an earlier run left something. Its broker comes late."""

    def __init__(self, *left: Message) -> None:
        self.left, self.tries = left, 0

    async def snapshot(self, *_: type[Message]) -> list[Any]:
        self.tries += 1
        if self.tries == 1:
            raise BusUnreachableError("no broker yet", "")
        return [SimpleNamespace(message=message) for message in self.left]


def run(playout: CommonPlayout, ticks: int, first: int = 0) -> None:
    for number in range(first, first + ticks):
        playout.tick(number * TICK_NS, ())


async def begun(settings: MediaSettings, talkers: Mapping[str, Any], *left: Message) -> tuple[CommonPlayout, list[Any]]:
    told: list[Any] = []
    playout = CommonPlayout(settings, talkers, told.append)
    bus: Any = Bus(*left)
    await playout.begin(bus)
    return playout, told


async def test_all_are_held_at_what_the_slowest_needs_and_it_is_told_once() -> None:
    slow, fast, standby = Path(145), Path(10), Path(400)
    talkers = {"a.PS5": one(slow), "b.PS5": one(fast), "bridge.BRIDGE": one(standby, way="none"), "c.PS5": one(None)}
    playout, told = await begun(STEADY, talkers)
    run(playout, 200)
    assert slow.held_ns == fast.held_ns == standby.held_ns == 180 * MS
    assert told == [
        PlayoutDelay(latency="steady", common_ms=LEAST_MS),
        PlayoutDelay(latency="steady", common_ms=180, changes=1),
    ]
    talkers["c.PS5"] = one(newcomer := Path(0), receives=False)
    run(playout, 1, 200)
    assert newcomer.held_ns == 180 * MS


async def test_needs_are_looked_at_now_and_then() -> None:
    path = Path(10)
    playout, told = await begun(STEADY, {"a.PS5": one(path)})
    run(playout, 50)
    path.need_ms = 200
    run(playout, NEEDS_EVERY, 50)
    assert told[-1].common_ms == 230


async def test_an_earlier_runs_delay_goes_on() -> None:
    path = Path(10)
    playout, told = await begun(STEADY, {"a.PS5": one(path)}, PlayoutDelay(latency="steady", common_ms=130, changes=4))
    run(playout, 10)
    assert path.held_ns == 130 * MS
    assert told == [PlayoutDelay(latency="steady", common_ms=130)]


async def test_nothing_is_told_before_it_is_known_what_an_earlier_run_told() -> None:
    told: list[Any] = []
    run(CommonPlayout(STEADY, {}, told.append), 10)
    assert told == []


@pytest.mark.parametrize("latency", ["low", "balanced", "smooth"])
async def test_the_other_modes_hold_nothing_and_say_what_they_are_for(latency: Any) -> None:
    path = Path(145)
    earlier = PlayoutDelay(latency="steady", common_ms=130)
    playout, told = await begun(MediaSettings(latency=latency), {"a.PS5": one(path)}, earlier)
    run(playout, 200)
    assert path.held_ns is None
    assert told == [PlayoutDelay(latency=latency)]


@pytest.mark.parametrize(("settings", "held"), [({"min_delay_ms": 200}, 200), ({"max_delay_ms": 40}, 40)])
async def test_the_settings_bounds_hold(settings: dict[str, int], held: int) -> None:
    path = Path(0)
    playout, _ = await begun(MediaSettings(latency="steady", **settings), {"a.PS5": one(path)})
    run(playout, 10)
    assert path.held_ns == held * MS


async def test_two_on_different_networks_are_heard_equally_late() -> None:
    """One network is calm, the other has up to 120 ms of jitter. Each voice is found in what comes out."""
    draw = np.random.default_rng(4)
    jitter = draw.uniform(0, 120, 1000)
    sources = {"calm.PS5": voice(24.0, seed=2), "busy.PS5": voice(24.0, seed=2, pitch_hz=170.0)}
    late = {"calm.PS5": lambda _: 0.0, "busy.PS5": lambda number: float(jitter[number])}
    arrivals = {key: stream(encode(source), late[key]) for key, source in sources.items()}
    paths = {key: ReceivePath(library().decoder(), latency="steady") for key in sources}
    for path in paths.values():
        path.use_formats({PAYLOAD_TYPE: "opus"})
    playout, told = await begun(STEADY, {key: one(path) for key, path in paths.items()})
    heard: dict[str, list[Any]] = {key: [] for key in sources}
    speaking: set[str] = set()
    for now_ns in range(BEGAN_NS + 3 * MS, BEGAN_NS + 24_500 * MS, TICK_NS):
        playout.tick(now_ns, speaking)
        speaking.clear()
        for key, path in paths.items():
            while arrivals[key] and arrivals[key][0][0] <= now_ns:
                arrived_ns, packet = arrivals[key].pop(0)
                path.put(packet, arrived_ns)
            frame = path.pull(now_ns)
            if frame.sounding:
                speaking.add(key)
            heard[key].append(np.zeros(480, np.int16) if frame.samples is None else frame.samples)
    delays = {key: _delays_ms(np.concatenate(heard[key]), sources[key]) for key in sources}
    calm, busy = delays["calm.PS5"], delays["busy.PS5"]
    assert told[-1].common_ms > LEAST_MS
    assert told[-1].alone == {}
    assert abs(np.median(calm) - np.median(busy)) <= 12  # the phases of two senders within a tick
    assert np.percentile(calm, 95) - np.percentile(calm, 5) <= 3
    assert np.percentile(busy, 95) - np.percentile(busy, 5) <= 12


@pytest.mark.parametrize("length_ms", [10, 20, 40, 60])
def test_a_voice_in_packets_of_any_length_follows_a_delay_that_has_grown(length_ms: int) -> None:
    source = voice(16.0, seed=3)
    path = ReceivePath(library().decoder(), latency="steady")
    path.use_formats({PAYLOAD_TYPE: "opus"})
    arrivals, heard = stream(encode(source, length_ms=length_ms)), []
    for now_ns in range(BEGAN_NS + 3 * MS, BEGAN_NS + 16_500 * MS, TICK_NS):
        path.delay.hold((60 if now_ns < BEGAN_NS + 3_000 * MS else 150) * MS)
        while arrivals and arrivals[0][0] <= now_ns:
            arrived_ns, packet = arrivals.pop(0)
            path.put(packet, arrived_ns)
        frame = path.pull(now_ns)
        heard.append(np.zeros(480, np.int16) if frame.samples is None else frame.samples)
    delays = _delays_ms(np.concatenate(heard), source)
    assert np.percentile(delays, 95) - np.percentile(delays, 5) <= 3
    assert 145 <= np.median(delays) <= 172  # 6 ms are the encoder's, and up to a tick the phase's


def _delays_ms(heard: np.ndarray, source: np.ndarray) -> np.ndarray:
    """Return the delays of half seconds in the last half, in milliseconds."""
    half = len(source) // 2
    wanted = resample_poly(source[half:].astype(np.float64), 3, 1)
    found = windows(heard, wanted, 3 * RATE, slack_s=0.3)
    return np.array([match.offset_samples / 48 - half / 16 for match in found if match.correlation > 0.7])
