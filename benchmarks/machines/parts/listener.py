"""Listens to the voices of a pipeline for a while. Prints figures of their way as JSON.

    python -m benchmarks.machines.parts.listener SECONDS ADDRESS SERVER_KEY < key pair      at a gate
    python -m benchmarks.machines.parts.listener SECONDS RUN_FOLDER                         on the same machine

Both machines of the benchmarks are one with one clock, so the time of a frame's tick can be compared.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from common.bus import AudioSubscriber
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_site import FarSite
from common.bus.sockets import Site

MS = 1e6


def main() -> None:
    seconds, place = float(sys.argv[1]), sys.argv[2]
    site: Path | Site = Path(place)
    if len(sys.argv) > 3:
        public, _, private = sys.stdin.readline().strip().partition(" ")
        site = FarSite(place, CurveKeys(public=public, private=private), sys.argv[3])
    print(json.dumps(listen(AudioSubscriber(site), seconds)))


def listen(source: AudioSubscriber, seconds: float) -> dict[str, object]:
    late, last, ticks = list[float](), time.monotonic(), defaultdict[str, list[int]](list)
    silent = {"s": 0.0}
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for frame, _ in source.receive(20):
            now = time.monotonic()
            if late:
                silent["s"] = max(silent["s"], now - last)
            last = now
            late.append(time.monotonic_ns() / MS - frame.tick_ns / MS)
            ticks[f"{frame.peer} {frame.boot}"].append(frame.tick)
    source.close()
    spans = sum(max(each) - min(each) + 1 for each in ticks.values())
    figures = np.percentile(late, (50, 95, 99.9, 100)) if late else [0.0] * 4
    return {
        "talkers": len({name.partition(" ")[0] for name in ticks}),
        "frames": len(late),
        "missing": spans - len(late),
        "tick to here, ms": {
            name: round(float(value), 2)
            for name, value in zip(("median", "p95", "p99.9", "worst"), figures, strict=True)
        },
        "longest silence s": round(silent["s"], 2),
    }


if __name__ == "__main__":
    main()
