"""Voices across a cable between two machines, as PCM and as Opus: how late, how true, what is missing, at what cost.

    python -m benchmarks.machines.cable [--seconds 40] [--only clean stall …] [--hour] [--save]

Real processes in two network namespaces: a stand-in for media with real speech, the gate; far voices (`FarVoices`),
and audio's receiving half with its chain and a null device. Both machines are one with one clock, so the delay from a
frame's tick to the sample at the sink is true. ``--hour`` plays an hour of drift in simulated time through the parts
that decide instead. Needs root, `ip` and iptables.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from benchmarks.machines.parts import cable_desk, cable_net, cable_spare
from benchmarks.machines.parts.cable_net import packets_lost
from benchmarks.machines.parts.cable_spare import SPEECH_S, voice
from benchmarks.machines.space import HERE, LINK, WITHIN, another_machine, pulled
from common.bus.peers.curve import CurveKeys
from common.messages import FRAME_SAMPLES
from tests.support.processes import free_port
from tests.workers.audio.mix.far.far_driven import FarDriven, clean
from tests.workers.audio.play.driven import outside_the_tone_db

RESULTS = Path(__file__).parents[1] / "results"
TICK_NS = 10_000_000
SETTLE_S = 8
"""The first seconds of each run are not judged: clocks meet, the queue finds its length."""
BEFORE_ALL = ("chrt", "--rr", "10")
"""What runs on this machine besides is not what is measured."""
LAGS = 700
"""Samples that the mix may be later than its frames: the limiter's look-ahead and the codec's delay."""
KINDS = ("clean", "loss 1 %", "jitter 30 ms", "stall 500 ms", "outage 1 s", "+200 ppm", "-200 ppm", "15 talkers")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--only", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--hour", action="store_true", help="an hour of drift in simulated time")
    parser.add_argument("--save", action="store_true", help="add the figures to today's in benchmarks/results")
    arguments = parser.parse_args()
    figures: dict[str, Any] = {}
    if arguments.hour:
        figures = {f"an hour, {ppm:+} ppm": hour(ppm) for ppm in (200.0, -200.0)}
    else:
        with another_machine():
            for kind in arguments.only:
                for carriage in ("pcm", "opus"):
                    figures[f"{kind}, {carriage}"] = found = measure(kind, carriage, arguments.seconds)
                    print(f"{kind}, {carriage}", json.dumps(found), flush=True)
    print(json.dumps(figures, indent=1))
    if arguments.save:
        file = RESULTS / f"machines-cable-{datetime.now(UTC).date()}.json"
        before = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps({**before, **figures}, indent=1) + "\n")


def measure(kind: str, carriage: str, seconds: float) -> dict[str, Any]:
    ppm = {"+200 ppm": 200.0, "-200 ppm": -200.0}.get(kind, 0.0)
    seconds = max(seconds, 120.0) if ppm else seconds
    speaking, silent = (15, 0) if kind == "15 talkers" else (2, 13)
    with CableStage(carriage, kind, ppm) as stage:
        origin = stage.talk(seconds + 4, speaking, silent)
        sent = link_bytes()
        cpu = stage.gate_cpu()
        file = stage.folder / "heard.npz"
        link, audio = stage.listen(seconds, file)
        with trouble(kind, seconds):
            found_audio = last_line(audio, seconds + 60)
        found_link = last_line(link, 60)
        cpu = stage.gate_cpu() - cpu
        sent = link_bytes() - sent
    heard = np.load(file)
    return {
        **judged(heard, origin, ppm, speaking),
        "extra queue, ms": found_audio["extra_ms"],
        "dropped": found_audio["dropped"],
        "lost on the way": found_link["missing"],
        "connections": found_link["connections"],
        "one way in the last 10 s, ms": {
            "median": round(found_link["delay_ms"], 2),
            "jitter": round(found_link["jitter_ms"], 2),
            "round trip": round(found_link["round_trip_ms"], 2),
        },
        "their clock, ppm": round(found_link["clock_ppm"], 1),
        "followed, ppm": round(found_audio["ppm"], 1),
        "Mbit/s": round(sent * 8 / seconds / 1e6, 3),
        "CPU, % of a core": {
            "gate": round(100 * cpu / seconds, 1),
            "link": round(100 * found_link["cpu_s"] / seconds, 1),
            "audio": round(100 * found_audio["cpu_s"] / seconds, 1),
        },
    }


class CableStage:
    """The processes of one run."""

    def __init__(self, carriage: str, kind: str, ppm: float) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cable"))
        self._carriage, self._ppm = carriage, ppm
        self._spare, self._desk = CurveKeys.new(), CurveKeys.new()
        self._port = free_port()
        self._made: list[subprocess.Popen[str]] = []
        self._relayed = {"jitter 30 ms": "jitter", "stall 500 ms": "stall"}.get(kind, "")

    def __enter__(self) -> Self:
        for name in ("s", "d"):
            (self.folder / name).mkdir()
        spare = self.folder / "s"
        self._gate = self._begin(
            (), cable_spare, "gate", spare, HERE, self._port, self._desk.public, self._ppm, keys=self._spare
        )
        if self._relayed:
            self._begin(WITHIN, cable_net, self._port, HERE, self._relayed)
        time.sleep(2)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._made:
            process.kill()
            process.wait()

    def talk(self, seconds: float, speaking: int, silent: int) -> int:
        talking = self._begin((), cable_spare, "talk", self.folder / "s", seconds, speaking, silent, self._ppm)
        assert talking.stdout is not None
        origin: int = json.loads(talking.stdout.readline())["origin_ns"]
        return origin

    def listen(self, seconds: float, file: Path) -> tuple[subprocess.Popen[str], subprocess.Popen[str]]:
        host = "127.0.0.1" if self._relayed else HERE
        link = self._begin(
            *(WITHIN, cable_desk, "link", self.folder / "d", f"{host}:{self._port}", self._spare.public),
            *(self._carriage, seconds + 1),
            keys=self._desk,
        )
        return link, self._begin(WITHIN, cable_desk, "audio", self.folder / "d", seconds, file)

    def gate_cpu(self) -> float:
        fields = Path(f"/proc/{self._gate.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100

    def _begin(
        self, within: tuple[str, ...], module: ModuleType, *words: object, keys: CurveKeys | None = None
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            (*within, *BEFORE_ALL, sys.executable, "-m", module.__name__, *map(str, words)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._made.append(process)
        if keys is not None:
            assert process.stdin is not None
            process.stdin.write(f"{keys.public} {keys.private}\n")
            process.stdin.flush()
        return process


@contextlib.contextmanager
def trouble(kind: str, seconds: float) -> Iterator[None]:
    if kind == "loss 1 %":
        with packets_lost(0.01):
            yield
    elif kind == "outage 1 s":
        time.sleep(seconds / 2)
        with pulled():
            time.sleep(1.0)
        yield
    else:
        yield


def last_line(process: subprocess.Popen[str], limit_s: float) -> dict[str, Any]:
    """Return what a process printed last, after its log."""
    found: dict[str, Any] = json.loads(process.communicate(timeout=limit_s)[0].splitlines()[-1])
    return found


def link_bytes() -> int:
    """Return the bytes that went out of the spare machine's end of the cable."""
    return int(Path(f"/sys/class/net/{LINK}/statistics/tx_bytes").read_text())


def judged(heard: Any, origin_ns: int, ppm: float, speaking: int) -> dict[str, Any]:
    ticks, at_ns = heard["ticks"], heard["heard_ns"]
    judge = (at_ns - at_ns[0] > SETTLE_S * 1e9) & (ticks >= 0)
    due_ns = origin_ns + ticks * (TICK_NS / (1 + ppm * 1e-6))
    late = (at_ns - due_ns)[judge & (heard["sounding"] > 0)] / 1e6
    median, p95, worst = np.percentile(late, (50, 95, 100))
    after = at_ns - at_ns[0] > SETTLE_S * 1e9
    gaps, sounding = int(heard["gaps"][after].sum()), int(heard["sounding"][after].sum())
    made = int(heard["concealed"][after].sum())
    silent = np.flatnonzero(heard["gaps"][after] > 0)
    return {
        "tick to sink, ms": {"median": round(median, 1), "p95": round(p95, 1), "worst": round(worst, 1)},
        "correlation": correlation(heard["sound"], ticks, judge, speaking),
        "frames filled or missing, %": round(100 * gaps / max(1, gaps + sounding), 3),
        "concealed by Opus, %": round(100 * made / max(1, sounding), 3),
        "frames of the mix with a gap": len(silent),
    }


def correlation(sound: NDArray[Any], ticks: NDArray[Any], judge: NDArray[Any], speaking: int) -> float:
    """Return how alike the frames that were played are to what was sent in their ticks."""
    voices = [voice(number)[0] for number in range(speaking)]
    said = np.sum([each[ticks[judge] % (SPEECH_S * 100)].astype(np.float64) for each in voices], axis=0).reshape(-1)
    played = sound.reshape(-1, FRAME_SAMPLES)[judge].reshape(-1).astype(np.float64)
    best = 0.0
    for lag in range(LAGS):
        one, other = said[: len(said) - lag : 7], played[lag::7]  # each seventh sample, for speed
        best = max(best, float(np.dot(one, other) / np.sqrt(np.dot(one, one) * np.dot(other, other))))
    return round(best, 4)


def hour(ppm: float) -> dict[str, Any]:
    """Return what an hour of drift costs, with a tone that never ends, and with speech."""
    tone, worst = FarDriven(ppm, way=clean), -200.0
    for second, sound in enumerate(tone.seconds(3600)):
        if second > 120:
            worst = max(worst, outside_the_tone_db(sound))
    speech = FarDriven(ppm, way=clean, speaks=lambda tick: tick >= 500 and tick % 300 < 220)
    held = [max(abs(frame.drift_ns or 0) for frame in speech.frames[-100:]) for _ in speech.seconds(3600)]
    return {
        "beside the tone, dB": round(worst, 1),
        "missing and dropped": tone.faults,
        "delay, ms": [round(float(value), 1) for value in np.percentile(tone.queue_ms[10:], (0, 50, 100))],
        "delay of speech, ms": [round(float(value), 1) for value in np.percentile(speech.queue_ms[10:], (0, 50, 100))],
        "speech missing and dropped": speech.faults,
        "most that times of speech are held, ms": round(max(held[60:]) / 1e6, 1),
        "their clock, ppm": round(tone.clock.ppm, 1),
        "followed, ppm": round(tone.rate_control.ppm, 1),
    }


if __name__ == "__main__":
    main()
