"""Benchmark of the whole pipeline on this machine: start-up, mouth-to-ear delay by stage, CPU and memory.

    python -m benchmarks.whole.pipeline [--seconds 60] [--settle 0] [--consoles 3] [--json FILE]

It uses the real supervisord, simulator and sound server, with the sound from the sink's monitor. The figures are of
this machine at this hour. Compare them with each other, not with another machine's.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.messages import MixerState, PeerState, WorkerHealth
from tests.e2e import heard
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.soundserver import SoundServer
from tests.support.waiting import eventually

PACKET_MS = 40.0
CODEC_MS = 6.5
"""Opus' own look-ahead, which the correlation measures as delay."""
LATER_FRAMES_MS = (PACKET_MS - 10.0) / 2
"""Mean wait of a packet's frames inside the packet. `age_ms` is the mean over all four."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to listen")
    parser.add_argument("--settle", type=float, default=0.0, help="seconds before that, for the delays to settle")
    parser.add_argument("--consoles", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    figures = measure(arguments.seconds, arguments.consoles, arguments.settle)
    _print(figures)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


def measure(seconds: float, consoles: int, settle_s: float = 0.0) -> dict[str, Any]:
    """Run a pipeline, listen for `seconds` after `settle_s`, and return the figures (ms, MB, CPU in % of a core)."""
    with SoundServer() as server:
        env = {**server.env, "PARTYLINE_SIMULATOR__CONSOLES": str(consoles)}
        with pipeline(env) as made, server.record() as recorder:
            began = time.monotonic_ns()
            made.start()
            control = Control.of(made.paths.simulator_file)
            eventually(lambda: control.get("spoken"), "somebody speaks")
            eventually(lambda: _connected(made) == consoles, "all consoles are connected", every_s=0.2)
            time.sleep(settle_s)
            before, since, listened_ns = _usage(made), time.monotonic(), time.monotonic_ns()
            recorder.wait_s(seconds)
            state, after, took = made.state(), _usage(made), time.monotonic() - since
            recording = recorder.recording()
            matches = heard.lone_matches(recording.samples, recording.started_ns, control, listened_ns)
            first = (control.get("spoken")[0]["first_sample_ns"] - began) / 1e6
    peers, mixer = state.all(PeerState), state.one(MixerState)
    assert mixer is not None
    mouth_to_ear = statistics.median(match.delay_ms for match in matches)
    buffer = statistics.mean(peer.delay_ms for peer in peers if peer.delay_ms)
    age = statistics.mean(talker.age_ms for talker in mixer.talkers if talker.age_ms) - LATER_FRAMES_MS
    return {
        "consoles": consoles,
        "utterances": len(matches),
        "correlation_min": min(match.correlation for match in matches),
        "correlation_median": statistics.median(match.correlation for match in matches),
        "start_to_first_voice_ms": first + mouth_to_ear,
        "mouth_to_ear_ms": mouth_to_ear,
        "of_it_packetisation_ms": PACKET_MS,
        "of_it_codec_ms": CODEC_MS,
        "of_it_delay_buffer_ms": buffer,
        "of_it_bus_and_mixer_ms": age - buffer,
        "of_it_network_device_and_monitor_ms": mouth_to_ear - PACKET_MS - CODEC_MS - age,
        "device_says_ms": mixer.latency_ms,
        "ours_rtp_in_to_callback_ms": age,
        "concealed_frames": sum(peer.concealed_frames for peer in peers),
        "missing_frames": sum(talker.missing for talker in mixer.talkers),
        "frames": sum(peer.frames for peer in peers),
        "processes": {
            name: {
                "rss_mb": used.rss_mb,
                "pss_mb": used.pss_mb,
                "cpu_percent": (used.cpu_s - before[name].cpu_s) / took * 100,
            }
            for name, used in after.items()
        },
    }


def _connected(made: Pipeline) -> int:
    return sum(peer.connection == "connected" for peer in made.state().all(PeerState))


@dataclass(frozen=True)
class _Usage:
    rss_mb: float
    """Resident memory. What processes share counts in each of them."""
    pss_mb: float
    """The same, with what is shared divided among those who share it: the sum is what the machine has less."""
    cpu_s: float


def _usage(made: Pipeline) -> dict[str, _Usage]:
    """Return what each process uses, as the workers and (for the simulator) /proc report it."""
    found = {
        health.worker: _Usage(health.rss_bytes / 1e6, _pss_mb(health.pid), health.cpu_seconds)
        for health in made.state().all(WorkerHealth)
    }
    pid = made.pid("simulator")
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    cpu_s = (int(fields[11]) + int(fields[12])) / 100
    found["simulator"] = _Usage(pages * 4096 / 1e6, _pss_mb(pid), cpu_s)
    return found


def _pss_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def _print(figures: dict[str, Any]) -> None:
    for name, value in figures.items():
        if name == "processes":
            continue
        print(f"{name:<38}{value:>10.3f}" if isinstance(value, float) else f"{name:<38}{value:>10}")
    print(f"\n{'process':<14}{'RSS MB':>8}{'PSS MB':>8}{'CPU %':>8}")
    columns = ("rss_mb", "pss_mb", "cpu_percent")
    for name, usage in figures["processes"].items():
        print(f"{name:<14}" + "".join(f"{usage[column]:>8.1f}" for column in columns))
    ours = [usage for name, usage in figures["processes"].items() if name != "simulator"]
    print(f"{'all of ours':<14}" + "".join(f"{sum(usage[column] for usage in ours):>8.1f}" for column in columns))


if __name__ == "__main__":
    main()
