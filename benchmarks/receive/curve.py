"""Benchmark of delay against quality by the price of a millisecond, in simulated time.

    python -m benchmarks.receive.curve [--traces wifi,clean] [--seeds 1,2,3] [--prices 0.25,1,4] [--json FILE | --save]

The price is that of the setting `[media] latency = "balanced"` times the factor. `low` and `smooth` are points of the
same curve. A row has the medians over the seeds of delay and PESQ-WB. Needs `make setup-bench`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import statistics
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from benchmarks.receive import results
from benchmarks.receive.network import traces
from benchmarks.receive.network.packets import OPUS, RED, packets
from benchmarks.receive.play import offline
from benchmarks.receive.rows import Row
from benchmarks.receive.speech import speech
from workers.media.receive.buffer.latency import PLANS
from workers.media.receive.path import ReceivePath

TRACES = "clean,jitter-60,loss-10,bursts-1,wifi,red-loss-10"
NAMED = {0.33: "smooth", 1.0: "balanced", 3.33: "low"}
MARKS = "o^sv"
"""One per price."""
PRICES = "0.33,1,3.33,12"
"""`smooth`, `balanced`, `low`, and one beyond."""


def point(trace_name: str, seed: int, price: float) -> Row:
    """Play one trace at `price` (1 is balanced) and score it."""
    PLANS["balanced"] = replace(BALANCED, price=BALANCED.price * price)
    path = ReceivePath(offline.library().decoder())
    path.use_formats({OPUS: "opus", RED: "red"})
    said, plain = speech(), packets()
    trace = traces.make(trace_name, len(plain), seed)
    heard = offline.play(trace, packets(red=trace.red), seed, path)
    return offline.score(heard, said, trace, f"price {price:g}")


BALANCED = PLANS["balanced"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--traces", default=TRACES, help=f"by comma (default {TRACES})")
    parser.add_argument("--seeds", default="1,2,3", help="by comma")
    parser.add_argument("--prices", default=PRICES, help=f"by comma (default {PRICES})")
    parser.add_argument("--json", type=Path, help="write the points there")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/curve-<date>.json and .png")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    prices = [float(price) for price in arguments.prices.split(",")]
    jobs = [(name, seed, price) for name in arguments.traces.split(",") for price in prices for seed in seeds]
    with ProcessPoolExecutor(offline.PROCESSES, mp_context=offline.SPAWN) as pool:
        rows = list(pool.map(point, *zip(*jobs, strict=True)))
    points: list[dict[str, Any]] = []
    print(f"{'trace':<16} {'price':>6} {'delay ms':>9} {'PESQ-WB':>8}")
    for first in range(0, len(jobs), len(seeds)):
        name, _, price = jobs[first]
        some = rows[first : first + len(seeds)]
        delay_ms = statistics.median(row.delay_ms_median for row in some)
        pesq = statistics.median(row.pesq_wb for row in some)
        points.append({"trace": name, "price": price, "delay_ms": round(delay_ms, 1), "pesq_wb": round(pesq, 3)})
        print(f"{name:<16} {price:>6g} {delay_ms:>9.1f} {pesq:>8.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(points, indent=1) + "\n")
    if arguments.save:
        save(points)


def save(points: Sequence[dict[str, Any]], folder: Path = results.FOLDER) -> None:
    """Write the points, and a plot with one line per trace."""
    stem = folder / f"curve-{dt.datetime.now(dt.UTC).date().isoformat()}"
    stem.with_suffix(".json").write_text(json.dumps(points, indent=1) + "\n")
    mpl.use("agg")
    figure = Figure(figsize=(9, 6), layout="constrained")
    axes = figure.subplots()
    for name in dict.fromkeys(point["trace"] for point in points):
        some = [point for point in points if point["trace"] == name]
        (line,) = axes.plot([one["delay_ms"] for one in some], [one["pesq_wb"] for one in some], label=name)
        for one, mark in zip(some, itertools.cycle(MARKS)):
            axes.plot([one["delay_ms"]], [one["pesq_wb"]], mark, color=line.get_color(), alpha=0.7)
    for price, mark in zip(dict.fromkeys(point["price"] for point in points), itertools.cycle(MARKS)):
        axes.plot([], [], mark, color="tab:gray", label=NAMED.get(price, f"{price:g} x the price"))
    axes.set_xlabel("RTP sent → frame out, ms (median)")
    axes.set_ylabel("PESQ-WB")
    axes.legend()
    figure.savefig(stem.with_suffix(".png"), dpi=110)


if __name__ == "__main__":
    main()
