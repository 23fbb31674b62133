"""Benchmark of a device with a wrong clock rate over simulated hours: clicks, drops, repeats, and delay changes.

    python -m benchmarks.sound.drift [--hours 1] [--ppm 200 -200 500 -500] [--json FILE]

A tone of 1 kHz, s16 as it comes from media, goes through the whole mix, with callbacks and frames late by about a
millisecond. "Beside the tone" is the highest energy outside it in any window of 0.17 s, so that one click in the hour
would show. One repeated sample has -50 dB or more. Takes one to two minutes per hour.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from tests.workers.audio.play.driven import Driven, outside_the_tone_db

SETTLED_S = 7
"""In the first five seconds nobody speaks, and the queue finds its length."""
LEARNED_S = 120
BLOCKS = (480, 441, 512, 240)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=1.0, help="simulated time for each")
    parser.add_argument("--ppm", type=float, nargs="+", default=[200.0, -200.0, 500.0, -500.0])
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    columns = ("ppm", "block", "beside_the_tone_db", "missing", "dropped", "late", "added")
    delays = ("delay_ms", "delay_learning_ms", "delay_learned_ms", "found_ppm")
    print("".join(f"{name:>19}" for name in (*columns, *delays)))
    rows = []
    for number, ppm in enumerate(arguments.ppm):
        row = measure(ppm, BLOCKS[number % len(BLOCKS)], round(arguments.hours * 3600))
        rows.append(row)
        print("".join(f"{row[name]:>19.6g}" for name in (*columns, *delays)), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def measure(ppm: float, block: int, seconds: int) -> dict[str, Any]:
    """Return the cost of a device that is `ppm` too fast. Delays are in ms, from tick to sink."""
    device = Driven(ppm, block=block)
    for _ in device.seconds(SETTLED_S):
        pass
    before, worst, held = device.faults, -200.0, np.zeros(0, np.float32)
    for sound in device.seconds(seconds):
        held = np.concatenate([held, sound])
        if len(held) >= 48_000 * 10:  # windows reach across the seconds' borders
            worst = max(worst, outside_the_tone_db(held))
            held = held[len(held) // 8192 * 8192 :]
    missing, dropped, late, added = (after - then for after, then in zip(device.faults, before, strict=True))
    delays = device.queue_ms[SETTLED_S:]
    return {
        "ppm": ppm,
        "block": block,
        "beside_the_tone_db": worst,
        "missing": missing,
        "dropped": dropped,
        "late": late,
        "added": added,
        "delay_ms": float(np.mean(delays)),
        "delay_learning_ms": float(np.ptp(delays)),
        "delay_learned_ms": float(np.ptp(delays[LEARNED_S:])) if len(delays) > LEARNED_S else float("nan"),
        "found_ppm": -device.rate_control.ppm,
    }


if __name__ == "__main__":
    main()
