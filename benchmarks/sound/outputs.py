"""Benchmark of a second output: what it plays, what it costs, and what the first one hears of its faults.

    python -m benchmarks.sound.outputs [--only same faults drift] [--seconds 20] [--json FILE]

same    A real PulseAudio with two null sinks and the real audio worker. First one output, then two: CPU and longest
        callbacks before and after, how alike both sinks' sound is (correlation, level), and how far apart in time,
        before and after the delay that `partyline output list` advises.
faults  The second output's process is killed, hung (SIGSTOP) and its device taken away; then the first one's device is.
        How long each sink is silent. The recorders' resolution is a block of 10 ms.
drift   Simulated devices on clocks off by 300 ppm for 3 minutes, as in `benchmarks.sound.drift`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from numpy.typing import NDArray

from benchmarks.sound.heard import HeardSink
from common.messages import SAMPLE_RATE, MixerState, OutputStatus, WorkerHealth
from common.requests import AddOutput, SetOutput
from tests.support.soundserver import SINK, Recording, SoundServer
from tests.workers.audio.play.driven import outside_the_tone_db
from tests.workers.audio.play.outputs.driven_two import DrivenTwo
from tests.workers.audio.rig import Home, Talkers, Watcher, babble, peer, watching

OTHER, NAME = "partyline_other", "obs"
TALKERS = 3
PAUSE_EVERY = 6
"""Of this many half seconds of speech one is a pause, in which the queues find their length."""
CLOCKS = ((0.0, 300.0), (0.0, -300.0), (300.0, -300.0), (-300.0, 300.0))
DRIFT_S = 180
SETTLED_S = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=("same", "faults", "drift"), default=("same", "faults", "drift"))
    parser.add_argument("--seconds", type=float, default=20.0, help="how long `same` measures each")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    found: dict[str, Any] = {}
    for part in arguments.only:
        if part == "drift":
            found[part] = [drift(*clocks) for clocks in CLOCKS]
        else:
            found[part] = asyncio.run(_playing(same if part == "same" else faults, arguments.seconds))
        print(json.dumps({part: found[part]}, indent=1), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")


class TwoSinks:
    """A home with two sinks, somebody who talks, and a watcher."""

    def __init__(
        self, server: SoundServer, watcher: Watcher, audio: int, spoken: NDArray[np.int16], talkers: Talkers
    ) -> None:
        """`audio` is the worker's process, `talkers` say `spoken`."""
        self.server = server
        self.watcher = watcher
        self.audio = audio
        self.spoken = spoken
        self.talkers = talkers

    def output(self, name: str) -> OutputStatus:
        state = self.watcher.now(MixerState)
        assert state is not None
        return next(found for found in state.outputs if found.name == name)

    def heard(self, recording: Recording) -> HeardSink:
        return HeardSink(recording, self.spoken, self.talkers.begun_ns)

    def later_ms(self) -> float:
        """Return by how much the second output says to be later than the first."""
        main, other = self.output("main"), self.output(NAME)
        return (other.latency_ms + other.delay_ms) - (main.latency_ms + main.delay_ms)

    def player(self) -> int:
        """Return the process of the second output, 0 while there is none."""
        health = self.watcher.now(WorkerHealth, "audio")
        words = health.facts.get(f"output {NAME}", "") if health is not None else ""
        return int(words.split(",")[0].split()[1]) if words else 0

    async def plays(self, name: str) -> None:
        await self.watcher.sees(f"{name} plays", lambda _: self._phase(name) == "playing")

    def _phase(self, name: str) -> str:
        state = self.watcher.now(MixerState)
        return next((found.phase for found in state.outputs if found.name == name), "") if state else ""

    async def record(self, seconds: float) -> tuple[Recording, Recording]:
        with self.server.record(SINK) as first, self.server.record(OTHER) as second:
            await asyncio.gather(*(asyncio.to_thread(one.wait_s, seconds) for one in (first, second)))
            return first.recording(), second.recording()


async def _playing(measure: Callable[[TwoSinks, float], Awaitable[Any]], seconds: float) -> Any:
    spoken = babble(300.0)
    if measure is same:
        spoken *= (np.arange(len(spoken)) // (SAMPLE_RATE // 2) % PAUSE_EVERY != 0).astype(np.int16)
    with SoundServer() as server:
        server.add_sink(OTHER)
        server.name_devices(SINK, OTHER)
        with Home(server.env, device=SINK) as home:
            async with watching(home) as watcher:
                process = home.start("audio")
                silent = np.zeros_like(spoken)
                sounds = {peer(0): spoken, **{peer(n): silent for n in range(1, TALKERS)}}
                await watcher.sees("it plays", lambda w: (s := w.now(MixerState)) and s.outputs[0].phase == "playing")
                with Talkers(home.paths.run, sounds) as talkers:
                    return await measure(TwoSinks(server, watcher, process.popen.pid, spoken, talkers), seconds)


# --- the same sound, and its cost ------------------------------------------------------------------


async def same(stage: TwoSinks, seconds: float) -> dict[str, Any]:
    await asyncio.sleep(5)
    alone = await _cost(stage, seconds, ["main"])
    await stage.watcher.bus.request(AddOutput(device=OTHER, name=NAME))
    await stage.plays(NAME)
    await asyncio.sleep(5)
    both = await _cost(stage, seconds, ["main", NAME])
    apart = [await _apart(stage) for _ in range(3)]
    by = stage.later_ms()
    await stage.watcher.bus.request(SetOutput(name="main" if by > 0 else NAME, delay_ms=round(abs(by))))
    await asyncio.sleep(3)
    lined_up = [await _apart(stage) for _ in range(3)]
    return {"one output": alone, "two outputs": both, "both sinks": apart, "lined up": lined_up}


async def _cost(stage: TwoSinks, seconds: float, names: list[str]) -> dict[str, Any]:
    """Return the CPU of each process in percent of a core, its memory, and the longest callbacks."""
    processes = {"audio": psutil.Process(stage.audio)}
    if NAME in names:
        processes["player"] = psutil.Process(stage.player())
    before = {name: process.cpu_times() for name, process in processes.items()}
    begun, counted = time.monotonic(), {name: stage.output(name).missing for name in names}
    longest: dict[str, list[float]] = {name: [] for name in names}
    while time.monotonic() - begun < seconds:
        await asyncio.sleep(1)
        for name in names:
            longest[name].append(stage.output(name).render_ms)
    took = time.monotonic() - begun
    cost: dict[str, Any] = {}
    for name, process in processes.items():
        after = process.cpu_times()
        used = after.user + after.system - before[name].user - before[name].system
        cost[f"{name} CPU %"] = round(100 * used / took, 1)
        cost[f"{name} MB"] = round(process.memory_info().rss / 1e6)
    for name in names:
        cost[f"{name} callback ms, median and worst"] = [float(np.median(longest[name])), max(longest[name])]
        cost[f"{name} missing frames"] = stage.output(name).missing - counted[name]
    cost["load"] = round(os.getloadavg()[0], 1)
    return cost


async def _apart(stage: TwoSinks) -> dict[str, Any]:
    heard = [stage.heard(recording) for recording in await stage.record(4.0)]
    said = stage.later_ms()
    halves = [one.matches(SAMPLE_RATE // 2) for one in heard]
    whole = [one.matches(SAMPLE_RATE * 3)[0] for one in heard]
    lags = [one.lags_ms(SAMPLE_RATE // 2) for one in heard]
    levels = [20 * np.log10(np.sqrt(np.mean(one.samples[-SAMPLE_RATE * 3 :] ** 2))) for one in heard]
    return {
        "correlation of 3 s with what was said": [round(match.correlation, 4) for match in whole],
        "median of half seconds": [round(float(np.median([m.correlation for m in found])), 4) for found in halves],
        "level dBFS": [round(float(level), 2) for level in levels],
        "second later by ms, measured and said": [
            round(float(np.median(lags[1]) - np.median(lags[0])), 1),
            round(said, 1),
        ],
    }


# --- faults ------------------------------------------------------------------------------------------


async def faults(stage: TwoSinks, seconds: float) -> list[dict[str, Any]]:  # noqa: ARG001  # the same for each
    await stage.watcher.bus.request(AddOutput(device=OTHER, name=NAME))
    await stage.plays(NAME)
    await stage.watcher.sees("its process", lambda _: stage.player())
    await asyncio.sleep(4)
    acts: list[tuple[str, float, Callable[[TwoSinks], Awaitable[None]]]] = [
        ("nothing", 4.0, _nothing),
        *[("the second's process is killed", 6.0, _kill)] * 3,
        ("the second's process hangs for 3 s", 8.0, _hang),
        ("the second's device is suspended for 2 s", 8.0, _suspend(OTHER)),
        ("the first's device is suspended for 2 s", 8.0, _suspend(SINK)),
    ]
    heard: list[tuple[str, HeardSink, HeardSink]] = []
    for what, length_s, act in acts:
        recording = asyncio.create_task(stage.record(length_s))
        await asyncio.sleep(1)
        await act(stage)
        first, second = await recording
        heard.append((what, stage.heard(first), stage.heard(second)))
        await asyncio.sleep(3)
    return [  # judged afterwards, since that takes time from those who play
        {
            "what": what,
            "silent ms, first and second": [one.silence_ms(), other.silence_ms()],
            "pieces of 0.2 s that are what was said": [one.fitting(), other.fitting()],
        }
        for what, one, other in heard
    ]


async def _nothing(stage: TwoSinks) -> None:  # noqa: ARG001  # it is an act like the others
    await asyncio.sleep(0)


async def _kill(stage: TwoSinks) -> None:
    os.kill(stage.player(), signal.SIGKILL)
    await asyncio.sleep(0)


async def _hang(stage: TwoSinks) -> None:
    number = stage.player()
    os.kill(number, signal.SIGSTOP)
    await asyncio.sleep(3)
    os.kill(number, signal.SIGCONT)


def _suspend(sink: str) -> Callable[[TwoSinks], Awaitable[None]]:
    async def act(stage: TwoSinks) -> None:
        await asyncio.to_thread(stage.server.pactl, "suspend-sink", sink, "1")
        await asyncio.sleep(2)
        await asyncio.to_thread(stage.server.pactl, "suspend-sink", sink, "0")

    return act


# --- drift -------------------------------------------------------------------------------------------


def drift(first_ppm: float, second_ppm: float) -> dict[str, Any]:
    """Return the cost of devices that are so much too fast. Delays are in ms, from the talkers' frame to the sink."""
    devices = DrivenTwo(first_ppm, second_ppm, block=512)
    for _ in devices.seconds(SETTLED_S):
        pass
    before, first_before = devices.faults, devices.first.faults
    heard = list(devices.seconds(DRIFT_S))
    first, second = (outside_the_tone_db(np.concatenate(sounds)) for sounds in zip(*heard, strict=True))
    names = ("missing", "dropped", "late", "added")
    delays = devices.queue_ms[SETTLED_S:]
    return {
        "first ppm": first_ppm,
        "second ppm": second_ppm,
        "beside the tone dB": [round(first, 1), round(second, 1)],
        "second": {name: now - then for name, now, then in zip(names, devices.faults, before, strict=True)},
        "first": {name: now - then for name, now, then in zip(names, devices.first.faults, first_before, strict=True)},
        "second's delay ms, mean and range": [round(float(np.mean(delays)), 2), round(float(np.ptp(delays)), 2)],
        "found ppm": round(-devices.rate_control.ppm, 1),
    }


if __name__ == "__main__":
    main()
