"""Benchmark of the ways of sound into a real OBS: delay, drift, gaps and CPU time of each.

    python -m benchmarks.sound.transports [--ways 'ours;ogg'] [--seconds 30] [--ppm 0] [--restarts] [--json FILE]

A sender gives out a burst of noise a second, by a clock that is off by `--ppm`, and a real OBS (under Xvfb) plays it
by its Media Source. A second burst half a second later goes through a null sink of PulseAudio, which OBS captures.
What OBS recorded is correlated with both. When the sink played its burst is measured at its monitor, so the delay is
absolute, to about 20 ms, since OBS guesses where what it captures belongs. The way "ours" is a real dashboard worker,
which takes a mix whose clock is off. `--restarts` ends it, the sender of the mix and OBS's connection in turn, and
tells how long there is no sound. Debian only.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import re
import signal
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sound.burst_senders import OURS, PERIOD, WAYS, DashboardSender, MuxedSender, burst, stretch
from tests.cli.obs.recording import ask, record
from tests.cli.obs.studio import Studio, studio
from tests.support.soundserver import RATE, SINK, SoundServer

SOURCE = "transport"
REFERENCE = "reference"
LATEST_S = 4.0
"""A burst that comes later counts as lost."""
ALIKE = 0.35
"""Least correlation of a burst that was heard."""


class Reference:
    """Plays its bursts into the null sink, half a second after the sender's."""

    def __init__(self, server: SoundServer) -> None:
        os.environ.update(server.env)
        import sounddevice  # noqa: PLC0415  # it opens the sound server as it is imported

        self._at = 0

        def play(out: Any, frames: int, _at: Any, _status: Any) -> None:
            out[:, 0] = out[:, 1] = stretch(self._at, frames, seed=2)
            self._at += frames

        self._stream = sounddevice.OutputStream(
            RATE, device="pulse", channels=2, blocksize=960, latency=0.1, callback=play
        )
        self._stream.start()

    def stop(self) -> None:
        self._stream.close()


def places(sound: NDArray[np.float32], seed: int, expected: dict[int, float]) -> dict[int, float]:
    """Return number of a burst → sample where it begins. It is looked for from `expected` - 1 s on."""
    found = {}
    for number, at in expected.items():
        begin = max(0, round(at - RATE))
        piece = sound[begin : round(at + LATEST_S * RATE)]
        template = burst(number, seed)
        if len(piece) < 2 * len(template):
            continue
        size = 1 << (len(piece) + len(template)).bit_length()
        product = np.fft.irfft(np.fft.rfft(piece, size) * np.conj(np.fft.rfft(template, size)), size)
        product = product[: len(piece) - len(template)]
        sums = np.cumsum(np.concatenate([[0.0], piece.astype(np.float64) ** 2]))
        energy = (sums[len(template) :] - sums[: -len(template)])[: len(product)]
        alike = product / np.sqrt(np.maximum(energy, 1e-6) * float((template**2).sum()))
        best = int(np.argmax(alike))
        if alike[best] > ALIKE:
            found[number] = float(begin + best)
    return found


def ticks(pid: int) -> float:
    """Return the CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(obs: Studio, server: SoundServer, name: str, arguments: argparse.Namespace) -> dict[str, Any]:
    way, ppm, seconds = WAYS[name], arguments.ppm, arguments.seconds
    sender = DashboardSender(ppm) if name == OURS else MuxedSender(way, ppm)
    pids = [obs.process.pid, sender.pid if isinstance(sender, DashboardSender) else os.getpid()]
    idle = load(pids)
    settings = {"is_local_file": False, "reconnect_delay_sec": 1, "buffering_mb": 0, "clear_on_media_end": False}
    ask(
        obs,
        "CreateInput",
        sceneName="Scene",
        inputName=SOURCE,
        inputKind="ffmpeg_source",
        inputSettings={**settings, "input": sender.url, **way.obs},
    )
    time.sleep(4)
    playing = load(pids)
    began = time.monotonic()
    acts = list(ACTS) if arguments.restarts and isinstance(sender, DashboardSender) else []
    acted: list[tuple[str, int]] = []

    def over() -> bool:
        if acts and time.monotonic() - began > 8 * (1 + len(acted)):
            what = acts.pop(0)
            acted.append((what, time.monotonic_ns()))
            assert isinstance(sender, DashboardSender)
            ACTS[what](sender, obs)
        return bool(time.monotonic() - began > seconds)

    with server.record() as recorder:
        recorded = record(obs, over, "the time is over", seconds + 120)
        monitor = recorder.recording()
    status = ask(obs, "GetMediaInputStatus", inputName=SOURCE)
    ask(obs, "RemoveInput", inputName=SOURCE)
    sender.stop()
    time.sleep(1)
    row = judge(recorded.samples, recorded.started_ns, monitor, sender)
    for what, at_ns in acted:
        after = [sender.due_ns(n * PERIOD) for n in row["numbers"] if sender.due_ns(n * PERIOD) > at_ns]
        row[f"silent after {what}, s"] = round((after[0] - at_ns) / 1e9, 1) if after else None
    return {
        "way": name,
        "ppm": ppm,
        "seconds": seconds,
        **{key: value for key, value in row.items() if key != "numbers"},
        "obs_cpu_percent_without": idle[0],
        "obs_cpu_percent": playing[0],
        "sender_cpu_percent_without": idle[1],
        "sender_cpu_percent": playing[1],
        "opened": sender.opened,
        "obs_buffering_ms": buffering(obs),
        "obs_media_state": status["mediaState"],
    }


ACTS: dict[str, Callable[[DashboardSender, Studio], None]] = {
    "the mix began anew": lambda ours, _: ours.restart_mix(),
    "kill -9 of the dashboard": lambda ours, _: ours.restart_dashboard(),
    "a restart of the source": lambda _, obs: restart_source(obs),
}


def restart_source(obs: Studio) -> None:
    action = "OBS_WEBSOCKET_MEDIA_INPUT_ACTION_RESTART"
    ask(obs, "TriggerMediaInputAction", inputName=SOURCE, mediaAction=action)


def load(pids: list[int]) -> list[float]:
    """Return the CPU time of processes, in percent of a core, over 5 s."""
    before, began = [ticks(pid) for pid in pids], time.monotonic()
    time.sleep(5)
    took = time.monotonic() - began
    return [round((ticks(pid) - was) / took * 100, 1) for pid, was in zip(pids, before, strict=True)]


def buffering(obs: Studio) -> int:
    """Return the delay that OBS gave to all of its sound, because a source's came late."""
    log = (obs.home / "obs.log").read_text(errors="replace")
    found = re.findall(r"total audio buffering is now (\d+) milliseconds", log)
    return int(found[-1]) if found else 0


def judge(
    sound: NDArray[np.float32], started_ns: int, monitor: Any, sender: MuxedSender | DashboardSender
) -> dict[str, Any]:
    # where the reference is, in the monitor and in OBS's file: the distance is the start of OBS's clock
    count = round(len(sound) / RATE)
    first = max(0, round((monitor.started_ns - REFERENCE_BEGAN[0]) / 1e9) - 1)
    by_monitor = places(
        monitor.samples,
        2,
        {
            n: (REFERENCE_BEGAN[0] - monitor.started_ns) / 1e9 * RATE + n * PERIOD
            for n in range(first, first + count + 3)
        },
    )
    by_obs = places(
        sound,
        2,
        {n: (monitor.at_ns(round(at)) - started_ns) / 1e9 * RATE - RATE for n, at in by_monitor.items()},
    )
    zero_ns = statistics.median(
        monitor.at_ns(round(by_monitor[n])) - round(at / RATE * 1e9) for n, at in by_obs.items()
    )
    earliest = int((zero_ns - sender.began_ns) / 1e9)
    numbers = range(earliest + 2, earliest + count - 2)
    expected = {n: (sender.due_ns(n * PERIOD) - zero_ns) / 1e9 * RATE for n in numbers}
    found = places(sound, 1, expected)
    delays = {n: (at - expected[n]) / RATE * 1000 for n, at in sorted(found.items())}
    if not delays:
        return {"heard": 0, "of": len(expected), "numbers": []}
    values = list(delays.values())
    edge = max(3, len(values) // 20)
    steps = [b - a for a, b in itertools.pairwise(values)]
    return {
        "heard": len(found),
        "of": len(expected),
        "delay_ms": round(statistics.median(values), 1),
        "first_ms": round(statistics.median(values[:edge]), 1),
        "last_ms": round(statistics.median(values[-edge:]), 1),
        "lowest_ms": round(min(values), 1),
        "highest_ms": round(max(values), 1),
        "jumps_over_5_ms": sum(abs(step) > 5 for step in steps),
        "numbers": list(delays),
        "delays_ms": [round(value, 1) for value in values],
    }


REFERENCE_BEGAN = [0]


@contextlib.contextmanager
def stage() -> Iterator[tuple[Studio, SoundServer]]:
    with SoundServer() as server, studio(server.env) as obs:
        ask(obs, "SetInputMute", inputName="Desktop Audio", inputMuted=True)
        ask(
            obs,
            "CreateInput",
            sceneName="Scene",
            inputName=REFERENCE,
            inputKind="pulse_output_capture",
            inputSettings={"device_id": f"{SINK}.monitor"},
        )
        with contextlib.suppress(Exception):
            ask(obs, "SetInputMute", inputName="Mic/Aux", inputMuted=True)
        REFERENCE_BEGAN[0] = time.monotonic_ns()
        reference = Reference(server)
        time.sleep(2)
        try:
            yield obs, server
        finally:
            reference.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ways", default=";".join(WAYS), help="names of ways, with ; between them")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--ppm", type=float, default=0.0)
    parser.add_argument("--restarts", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = []
    for name in arguments.ways.split(";"):
        with stage() as (obs, server):
            row = measure(obs, server, name, arguments)
        rows.append(row)
        print({key: value for key, value in row.items() if key != "delays_ms"}, flush=True)
        if arguments.json:
            arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
