"""Benchmark of the queue before the mixer: how long frames wait, and how many miss their place, over simulated time.

    python -m benchmarks.sound.headroom [--minutes 20] [--json FILE]

Frames of one talker who always sounds come late as on machines that are calm, noisy or busy, and a device takes blocks
of 512 samples. "Band" is the queue as it was: the shortest wait is held between 8 and 20 ms. "Lag" is the queue as it
is: a lag that late frames and the block need. Both get the same late frames. Takes six minutes.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.workers.audio.play.driven import Driven, Lateness
from workers.audio.mix.headroom import Headroom

BLOCK = 512
"""What CoreAudio asks for as a rule."""
SETTLED_S = 180


@dataclass(frozen=True)
class Machine:
    """Frames are late by the half of a normal distribution, and now and then by a pause of the machine."""

    usual_ms: float
    pauses_per_min: float = 0.0
    pause_ms: float = 0.0
    """Mean of the pauses, which are distributed exponentially."""

    def lateness(self, seed: int) -> Lateness:
        random = np.random.default_rng(seed)

        def late_ns() -> float:
            late = abs(random.standard_normal()) * self.usual_ms
            if random.random() < self.pauses_per_min / 6000:
                late += random.exponential(self.pause_ms)
            return float(late * 1e6)

        return late_ns


MACHINES = {
    "calm": Machine(0.5),
    "a pause of 5 ms a minute": Machine(0.7, 1, 5),
    "this one, on an idle hour": Machine(1.5, 4, 6),
    "busy": Machine(2.0, 12, 12),
}


class Band(Headroom):
    """The queue as it was."""

    @property
    def needed_ns(self) -> float | None:
        return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=20.0, help="simulated time for each")
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    rows = []
    print(f"{'machine':<28}{'queue':>7}{'lag ms, mean':>14}{'p95':>7}{'worst':>7}{'missing a minute':>19}")
    for name, machine in MACHINES.items():
        for rule in (Band, Headroom):
            row = {"machine": name, **measure(machine, rule, round(arguments.minutes * 60))}
            rows.append(row)
            print(
                f"{name:<28}{row['queue']:>7}{row['mean_ms']:>14.1f}{row['p95_ms']:>7.1f}{row['worst_ms']:>7.1f}"
                f"{row['missing_a_minute']:>19.2f}",
                flush=True,
            )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def measure(machine: Machine, rule: type[Headroom], seconds: int) -> dict[str, Any]:
    """Return the lag, from tick to device, of each second after the first `SETTLED_S`, and the frames that missed."""
    device = Driven(50, block=BLOCK, late_ns=machine.lateness(3))
    device.chain.headroom = rule(device.chain.queue.target)
    for _ in device.seconds(SETTLED_S):
        pass
    before = device.faults[0]
    for _ in device.seconds(seconds):
        pass
    lags = device.queue_ms[SETTLED_S:]
    return {
        "queue": "band" if rule is Band else "lag",
        "mean_ms": float(np.mean(lags)),
        "p95_ms": float(np.percentile(lags, 95)),
        "worst_ms": max(lags),
        "missing_a_minute": (device.faults[0] - before) / seconds * 60,
    }


if __name__ == "__main__":
    main()
