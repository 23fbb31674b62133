"""Benchmark of the device buffer on a Mac: its length, the callbacks a second, and their CPU time.

    python -m benchmarks.sound.latency [--talkers 3] [--seconds 10] [--json FILE]

It runs the real audio worker on a made-up PortAudio (`tests/support/mac`) that chooses its buffer as pa_mac_core.c
does, for fixed latencies that were reported. "As set" asks for `[audio] latency_ms`, and "by the device" for what
`workers.audio.system.mac_stream` makes of it. The thread that calls back is C's and in real time, so what is late is
our callback, or its wait for the interpreter. Linux with a C compiler only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

from common.config.tables import AudioSettings
from common.messages import MixerState
from tests.support import mac
from tests.workers.audio.rig import Home, Talkers, babble, peer, watching

SETTLE_S = 2.0
"""Left out at the start, where the queue finds its length."""
WAYS = {"as set": f"{AudioSettings().latency_ms / 1000}", "by the device": ""}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--talkers", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    rows = [
        asyncio.run(measure(device, fixed, way, arguments.talkers, arguments.seconds))
        for device, fixed in mac.FIXED_FRAMES.items()
        for way in WAYS
    ]
    titles = ("device", "fixed", "asked", "buffer", "calls/s", "CPU %", "over 3 ms/s", "over buffer/s")
    print("{:<26}{:>6}  {:<15}{:>7}{:>9}{:>8}{:>13}{:>15}".format(*titles))
    for row in rows:
        print(
            f"{row['device']:<26}{row['fixed']:>6}  {row['way']:<15}{row['buffer']:>7}{row['calls_per_s']:>9.0f}"
            f"{row['cpu_percent']:>8.1f}{row['over_3ms_per_s']:>13.2f}{row['over_buffer_per_s']:>15.2f}"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


async def measure(device: str, fixed: int, way: str, talkers: int, seconds: float) -> dict[str, Any]:
    """Return the figures of one device."""
    spoken = {peer(number): babble(seconds + SETTLE_S + 5, seed=number, level=0.1) for number in range(talkers)}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        env = {"FAKE_MAC": folder, "FAKE_FIXED": str(fixed), "FAKE_REPORT": str(report), "FAKE_ASK": WAYS[way]}
        with Home(env, sink="device") as home:
            async with watching(home) as watcher:
                home.start_module("tests.support.mac.audio_worker")
                await watcher.sees("it plays", lambda w: (s := w.now(MixerState)) and s.sink == s.wanted_sink)
                with Talkers(home.paths.run, spoken):
                    await asyncio.sleep(SETTLE_S)
                    before = json.loads(report.read_text())
                    await asyncio.sleep(seconds)
                    after = json.loads(report.read_text())
    took_s = after["seconds"] - before["seconds"]
    per_s = {name: (after[name] - before[name]) / took_s for name in ("calls", "over_period", "over_3ms", "cpu_ns")}
    return {
        "device": device,
        "fixed": fixed,
        "way": way,
        "talkers": talkers,
        "buffer": after["frames"],
        "calls_per_s": per_s["calls"],
        "cpu_percent": per_s["cpu_ns"] / 1e7,
        "over_3ms_per_s": per_s["over_3ms"],
        "over_buffer_per_s": per_s["over_period"],
    }


if __name__ == "__main__":
    main()
