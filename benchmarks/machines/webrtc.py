"""Sound in a browser on another machine: by WebRTC, beside the WebSocket's way, through a cable that becomes bad.

    python -m benchmarks.machines.webrtc conditions|drift|cost [--save]

A mix goes through a real broker, dashboard and webrtc worker, across a cable of TUN devices, to two Chromiums in a
network namespace. Each plays to a sink of its own, whose monitor is compared with the mix. The delay is from the mix's
frame to the sink and contains the way through Chromium and PulseAudio. WebRTC comes by a listen link over http, the
WebSocket by https. Needs root, `ip`, PulseAudio and Chromium.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machines.listening import mix_score
from benchmarks.machines.listening.bad_cable import HERE, WITHIN, BadCable, Weather, bad_cable
from benchmarks.machines.listening.far_pages import SINKS, ListeningHome, SentMix, far_pages, listening_home
from benchmarks.machines.listening.mix_score import MixWindow
from tests.support.soundserver import Recorder, SoundServer

RESULTS = Path(__file__).parents[1] / "results"
SETTLES_S = 8.0
"""Time for both players to settle, before anything is judged."""


@dataclass(frozen=True)
class CableCondition:
    name: str
    seconds: float
    do: Callable[[BadCable, ListeningHome], object]
    """What happens at its start."""


def _weather(loss: float = 0.0, jitter_ms: float = 0.0) -> Callable[[BadCable, ListeningHome], object]:
    return lambda cable, _: cable.set_weather(Weather(loss, jitter_ms))


def _kill_webrtc(cable: BadCable, made: ListeningHome) -> None:
    cable.set_weather(Weather())
    made.processes["webrtc"].kill()
    made.start("webrtc")


def _begin(happens: Callable[[BadCable], object]) -> Callable[[BadCable, ListeningHome], object]:
    def do(cable: BadCable, _: ListeningHome) -> None:
        cable.set_weather(Weather())
        happens(cable)

    return do


CONDITIONS = (
    CableCondition("clean", 20.0, _weather()),
    CableCondition("1 % lost", 20.0, _weather(loss=0.01)),
    CableCondition("jitter 0-30 ms", 20.0, _weather(jitter_ms=30.0)),
    CableCondition("after that, clean", 10.0, _weather()),
    CableCondition("a stall of 500 ms", 12.0, _begin(lambda cable: cable.stall(0.5))),
    CableCondition("an outage of 1 s", 12.0, _begin(lambda cable: cable.outage(1.0))),
    CableCondition("an outage of 10 s", 22.0, _begin(lambda cable: cable.outage(10.0))),
    CableCondition("kill -9 of the webrtc worker", 14.0, _kill_webrtc),
)


def conditions() -> dict[str, Any]:
    total = SETTLES_S + sum(one.seconds for one in CONDITIONS)
    with ExitStack() as stack:
        cable, server, made = (
            stack.enter_context(bad_cable()),
            stack.enter_context(SoundServer()),
            stack.enter_context(listening_home()),
        )
        recorders = _recorders(stack, server)
        mix = SentMix(made.paths.run, total + 60.0)
        shown = stack.enter_context(far_pages(made, server))
        at, spans = max(SETTLES_S, time.monotonic() - mix.began_s + SETTLES_S), []
        for one in CONDITIONS:
            mix.wait_until(at)
            one.do(cable, made)
            spans.append((one.name, at, at + one.seconds, None))
            at += one.seconds
        mix.wait_until(at + 1.0)
        look = shown.look()
        scores = {way: mix.score(recorder) for way, recorder in recorders.items()}
    return {
        "at the end": look,
        **{
            name: {
                way: {**mix_score.figures(found, since, until), "longest gap s": gap(found, since, until)}
                for way, found in scores.items()
            }
            for name, since, until, _ in spans
        },
    }


def gap(found: list[MixWindow], since: float, until: float) -> float:
    """Return the longest time in which no window was found."""
    longest = now = 0.0
    for one in found:
        if since <= one.at_s < until:
            now = 0.0 if one.correlation >= mix_score.FOUND else now + mix_score.WINDOW_S
            longest = max(longest, now)
    return longest


def _recorders(stack: ExitStack, server: SoundServer) -> dict[str, Recorder]:
    for sink in SINKS.values():
        server.add_sink(sink)
    return {way: stack.enter_context(server.record(sink)) for way, sink in SINKS.items()}


def drift(ppm: float, seconds: float) -> dict[str, Any]:
    """Return the delays of the first and the last 20 s of a mix whose clock is off."""
    with ExitStack() as stack:
        stack.enter_context(bad_cable())
        server, made = stack.enter_context(SoundServer()), stack.enter_context(listening_home())
        recorders = _recorders(stack, server)
        mix = SentMix(made.paths.run, seconds, ppm)
        stack.enter_context(far_pages(made, server))
        began = time.monotonic() - mix.began_s + SETTLES_S
        mix.wait_until(seconds - 2.0)
        scores = {way: mix.score(recorder) for way, recorder in recorders.items()}
    return {
        "uncorrected ms": round(-ppm * (seconds - began - 22) / 1000, 1),
        **{
            way: {
                "first 20 s": mix_score.figures(found, began, began + 20),
                "last 20 s": mix_score.figures(found, seconds - 23, seconds - 3),
                "whole": mix_score.figures(found, began, seconds - 3),
            }
            for way, found in scores.items()
        },
    }


def cost(seconds: float = 20.0) -> dict[str, Any]:
    """Return what the sender takes for listeners that aiortc plays, which are not counted."""
    found: dict[str, Any] = {}
    with bad_cable(), listening_home() as made:
        mix = SentMix(made.paths.run, 300.0)
        for count in (0, 1, 4, 8):
            words = (*WITHIN, sys.executable, "-m", "benchmarks.machines.listening.crowd")
            address = f"https://{HERE}:{made.port}"
            crowd = subprocess.Popen(
                (*words, address, str(count)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            assert crowd.stdin is not None
            assert crowd.stdout is not None
            crowd.stdin.write(f"{made.key}\n")
            crowd.stdin.flush()
            crowd.stdout.readline()
            time.sleep(3.0)
            cpu, sent, began = made.cpu_s(), _sent(), time.monotonic()
            time.sleep(seconds)
            took = time.monotonic() - began
            found[f"{count} listeners"] = {
                "CPU % of a core": round(100 * (made.cpu_s() - cpu) / took, 1),
                "Mbit/s": round((_sent() - sent) * 8 / took / 1e6, 3),
                "memory MB": _memory_mb(made),
            }
            crowd.stdin.close()
            crowd.wait(30)
        mix.process.terminate()
    return found


def _sent() -> int:
    return int(Path("/sys/class/net/partyline2/statistics/tx_bytes").read_text())


def _memory_mb(made: ListeningHome) -> float:
    rollup = Path(f"/proc/{made.processes['webrtc'].popen.pid}/smaps_rollup").read_text()
    return round(int(rollup.partition("Pss:")[2].split()[0]) / 1024, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("conditions", "drift", "cost"))
    parser.add_argument("--seconds", type=float, default=180.0, help="of each drift")
    parser.add_argument("--ppm", type=float, nargs="*", default=[200.0, -200.0])
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    arguments = parser.parse_args()
    match arguments.part:
        case "conditions":
            found = conditions()
        case "drift":
            found = {f"{ppm:+.0f} ppm": drift(ppm, arguments.seconds) for ppm in arguments.ppm}
        case _:
            found = cost()
    print(json.dumps(found, indent=1))
    if arguments.save:
        day = datetime.now(UTC).date()
        (RESULTS / f"machines-webrtc-{arguments.part}-{day}.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
