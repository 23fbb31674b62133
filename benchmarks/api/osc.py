"""Benchmark of the OSC bridge: a fader is moved, and the time until the mix has that gain.

    python -m benchmarks.api.osc [--moves 60] [--only pipeline sound flood] [--json FILE]

pipeline  The whole pipeline by supervisord, with the simulator's party. From the datagram with the fader to the bus's
          `audio.mixer` with that gain, and to the datagram that tells another controller.
sound     Broker, audio, dashboard and the bridge as processes. A talker sends a steady tone, and the mix is measured as
          audio publishes it, in frames of 10 ms.
flood     The same processes while a stranger sends as fast as it can: moved faders, and the bridge's CPU.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import socket
import statistics
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from common.bus import AudioSubscriber
from common.messages import FRAME_SAMPLES, MIX_PEER, MIX_PLANE, SAMPLE_RATE, Member, MixerState, PartyState, PeerState
from integrations.osc.fader import gain_of
from tests.e2e.pipeline import Control, pipeline
from tests.integrations.osc.controller import Controller, controller
from tests.support.bus_watcher import BusWatcher, watching
from tests.support.processes import free_port
from tests.support.waiting import eventually, until
from tests.workers.audio import rig
from tests.workers.audio.rig import Home, Talkers

POSITIONS = (0.5, 0.75)
"""-20 dB and 0 dB, in turn."""
PAUSE_S = (0.2, 0.5)
"""Wait between two moves, drawn, so that they fall anywhere between the ticks of others."""
GIVE_UP_S = 10.0
TONE_HZ = 500
NEAR_DB = 1.0
Figures = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=60)
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=tuple(PARTS))
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    found = {part: asyncio.run(PARTS[part](arguments.moves)) for part in arguments.only}
    print(json.dumps(found, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


def _settings(port: int) -> dict[str, str]:
    return {"PARTYLINE_INTEGRATIONS__RUN": "osc", "PARTYLINE_OSC__PORT": str(port)}


def _summary(times: list[float]) -> Figures:
    ordered = sorted(times)
    return {
        "moves": len(ordered),
        "median_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[int(len(ordered) * 0.95)], 1),
        "worst_ms": round(ordered[-1], 1),
    }


async def of_the_pipeline(moves: int) -> Figures:
    port = free_port()
    with pipeline(_settings(port)) as made:
        made.start()
        await asyncio.to_thread(
            eventually,
            lambda: any(peer.connection == "connected" for peer in made.state().all(PeerState)),
            "a console is connected",
            120.0,
            0.5,
        )
        Control.of(made.paths.simulator_file)
        async with watching(made.paths.home, make=BusWatcher) as watcher:
            return await _moved(watcher, port, moves)


@contextlib.asynccontextmanager
async def _processes(port: int) -> AsyncIterator[tuple[Home, BusWatcher, int]]:
    """Yield the home, a watcher, and the bridge's process id. A talker sends a tone."""
    env = {**_settings(port), "PARTYLINE_DASHBOARD__PORT": str(free_port()), "PARTYLINE_AUDIO__SINK": "null"}
    with Home(env) as home:
        for worker in ("audio", "dashboard"):
            home.start(worker)
        bridge = home.start_module("integrations")
        sound = np.sin(np.arange(SAMPLE_RATE * 600) * 2 * np.pi * TONE_HZ / SAMPLE_RATE) * 8000
        with Talkers(home.paths.run, {rig.peer(1): np.asarray(sound, np.int16)}):
            async with watching(home.path, make=BusWatcher) as watcher:
                me, bo = Member(account_id="1", platform="PS5", is_me=True), Member(account_id="1001", platform="PS5")
                watcher.bus.publish(PartyState(phase="joined", session_id="s", me=me.peer, members=(me, bo)))
                yield home, watcher, bridge.popen.pid


async def of_the_sound(moves: int) -> Figures:
    port = free_port()
    async with _processes(port) as (home, watcher, _):
        with _levels(home) as levels:
            return await _moved(watcher, port, moves, levels)


async def in_a_flood(moves: int) -> Figures:
    port = free_port()
    async with _processes(port) as (_, watcher, pid):
        calm = await _moved(watcher, port, moves // 2)
        over, sent = threading.Event(), [0]
        stranger = threading.Thread(target=_flood, args=(port, over, sent))
        process = psutil.Process(pid)
        before, began = sum(process.cpu_times()[:2]), time.monotonic()
        stranger.start()
        try:
            flooded = await _moved(watcher, port, moves)
        finally:
            over.set()
            stranger.join()
        took = time.monotonic() - began
        return {
            "before": calm,
            "meanwhile": flooded,
            "datagrams_of_the_stranger_per_s": round(sent[0] / took),
            "cpu_of_the_bridge_percent": round((sum(process.cpu_times()[:2]) - before) / took * 100, 1),
        }


def _flood(port: int, over: threading.Event, sent: list[int]) -> None:
    """Send from an address that is not allowed, which is 127.0.0.2 here."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        datagram = b"/partyline/talker/1/mute\0\0\0\0,i\0\0\0\0\0\1"
        while not over.is_set():
            for _ in range(20):
                stranger.sendto(datagram, ("127.0.0.1", port))
                sent[0] += 1
            time.sleep(0.001)  # 20 000 a second at most: more than any controller and less than this machine's all


class _Levels:
    """The level of each frame of the mix, with the time at which it came."""

    def __init__(self, run: Path) -> None:
        self.frames: list[tuple[int, float]] = []
        self._run = run
        self._over = threading.Event()
        self.thread = threading.Thread(target=self._listen)

    def _listen(self) -> None:
        subscriber = AudioSubscriber(self._run, MIX_PLANE, MIX_PEER)
        while not self._over.is_set():
            for _, samples in subscriber.receive(100):
                if len(samples) == 2 * FRAME_SAMPLES:
                    sound = np.frombuffer(samples, np.int16).astype(np.float64)
                    level = 20 * np.log10(max(1.0, float(np.sqrt(np.mean(sound**2)))))
                    self.frames.append((time.monotonic_ns(), level))
        subscriber.close()

    def stop(self) -> None:
        self._over.set()
        self.thread.join()

    def reached(self, since_ns: int, level: float) -> int | None:
        """Return when the first frame after a moment had a level."""
        return next((at for at, now in list(self.frames) if at >= since_ns and abs(now - level) < NEAR_DB), None)


@contextlib.contextmanager
def _levels(home: Home) -> Iterator[_Levels]:
    levels = _Levels(home.paths.run)
    levels.thread.start()
    try:
        yield levels
    finally:
        levels.stop()


async def _moved(watcher: BusWatcher, port: int, moves: int, levels: _Levels | None = None) -> Figures:
    """Move the fader of the first place, and return how soon each was noticed."""
    times: dict[str, list[float]] = {"state": [], "other controller": [], "sound": []}
    async with controller(port) as hand, controller(port) as eye:
        await until(lambda: _asks(hand, eye), "both controllers see somebody", 60.0, 0.3)
        full = 0.0
        if levels is not None:
            await until(lambda: len(levels.frames) > 200, "there is sound", 60.0)
            full = statistics.median(level for _, level in levels.frames[-50:])
        for number in range(moves):
            await asyncio.sleep(random.uniform(*PAUSE_S))
            position = POSITIONS[number % 2]
            gain = gain_of(position)
            seen, heard = len(eye.history), len(watcher.heard)
            began = time.monotonic_ns()
            hand.send("talker/1/fader", position)
            state, other = await asyncio.gather(
                _first(partial(_has_gain, watcher, heard, gain)), _first(partial(_shows_gain, eye, seen, gain))
            )
            times["state"].append((state - began) / 1e6)
            times["other controller"].append((other - began) / 1e6)
            if levels is not None:
                await _first(partial(levels.reached, began, full + gain))
                at = levels.reached(began, full + gain)
                assert at is not None
                times["sound"].append((at - began) / 1e6)
    return {name: _summary(found) for name, found in times.items() if found}


def _asks(*controllers: Controller) -> bool:
    for one in controllers:
        if not one.shown.get("talker/1/name"):
            one.send("refresh")
    return all(one.shown.get("talker/1/name") for one in controllers)


def _shows_gain(surface: Controller, since: int, gain: float) -> bool:
    return ("talker/1/gain", gain) in surface.history[since:]


def _has_gain(watcher: BusWatcher, since: int, gain: float) -> bool:
    states = [one for one in watcher.heard[since:] if isinstance(one, MixerState)]
    return any(talker.gain_db == gain for state in states for talker in state.talkers)


async def _first(condition: Callable[[], object]) -> int:
    """Return when it is so. It is asked each millisecond."""
    await until(condition, "the fader is noticed", GIVE_UP_S, 0.001)
    return time.monotonic_ns()


PARTS: dict[str, Callable[[int], Coroutine[Any, Any, Figures]]] = {
    "pipeline": of_the_pipeline,
    "sound": of_the_sound,
    "flood": in_a_flood,
}

if __name__ == "__main__":
    main()
