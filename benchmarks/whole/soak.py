"""Soak test: hours of consoles that all talk, and the growth of memory, descriptors, threads and log.

    python -m benchmarks.whole.soak [--minutes 60] [--every 10] [--consoles 8] [--beside] [--json FILE]

Real time. Each figure of each process is sampled. The verdict compares its slope, by least squares without the first
quarter, with its limit per hour. Exit 1 when anything grows. Linux only, as it reads /proc.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.chaos.judge import too_many
from benchmarks.chaos.kinds import WORKERS
from benchmarks.chaos.stage import STAGE_NICE, Stage, staged
from benchmarks.whole.slope import slope, verdict

CONSOLES = 8
BESIDE_NICE = 19
"""Priority below everything else here, media and audio included."""
MAY_GROW = {"rss_mb": 1.0, "dirty_mb": 1.0, "descriptors": 1.0, "threads": 1.0, "log_bytes": 200_000.0}
"""Limits per hour. The log may grow, as 5 MB of it and two older ones are kept, more than three days."""
Series = dict[tuple[str, str], list[float]]
"""(worker, figure) → its samples."""


def sample(pid: int) -> dict[str, float]:
    """Return a process' figures: memory in MB, open descriptors, threads."""
    process = Path(f"/proc/{pid}")
    kilobytes = {name: int(value) for name, value in re.findall(r"(?m)^(\w+): +(\d+) kB", _rollup(process))}
    threads = re.search(r"(?m)^Threads:\s+(\d+)", (process / "status").read_text())
    return {
        "rss_mb": kilobytes["Rss"] / 1024,
        "dirty_mb": kilobytes["Private_Dirty"] / 1024,  # clean pages turn private when another process ends
        "descriptors": len(list((process / "fd").iterdir())),
        "threads": int(threads[1]) if threads else 0,
    }


def _rollup(process: Path) -> str:
    return (process / "smaps_rollup").read_text()


async def measure(minutes: float, every_s: float, consoles: int, nice: int) -> tuple[list[float], Series, int]:
    """Return the times of the samples in s, the samples, and the calls to "Sony" meanwhile."""
    times: list[float] = []
    series: Series = defaultdict(list)
    async with staged(consoles, "ENOSPC", nice) as stage:  # the disk never fails here
        began, since = time.monotonic(), time.time()
        pids = {worker: stage.pid(worker) for worker in WORKERS}
        calls, counted = 0, since
        while (now := time.monotonic() - began) < minutes * 60:
            times.append(now)
            _take(stage, pids, series)
            await asyncio.sleep(every_s)
            until = time.time()
            calls += await _calls(stage, counted, until)
            counted = until
        if again := [worker for worker in WORKERS if stage.pid(worker) != pids[worker]]:
            raise AssertionError(f"started again meanwhile: {', '.join(again)}")
        if unwell := stage.unwell():
            raise AssertionError(f"not healthy at the end: {'; '.join(unwell)}")
    return times, series, calls


def _take(stage: Stage, pids: dict[str, int], series: Series) -> None:
    for worker, pid in pids.items():
        log = stage.pipeline.paths.log
        written = sum(file.stat().st_size for file in log.glob(f"{worker}.log*"))
        for figure, value in (sample(pid) | {"log_bytes": written}).items():
            series[worker, figure].append(value)
    stage.ears.take()


async def _calls(stage: Stage, since: float, until: float) -> int:
    calls = await stage.ask("calls")  # bounded, but read often enough
    return sum(since <= call["at"] < until and not call["path"].startswith("/control") for call in calls)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (60)")
    parser.add_argument("--every", type=float, default=10.0, metavar="S", help="between two samples (10 s)")
    parser.add_argument("--consoles", type=int, default=CONSOLES, help="how many of them (8)")
    parser.add_argument("--beside", action="store_true", help="let what else runs on this machine come first")
    parser.add_argument("--json", type=Path, help="also write the samples there")
    arguments = parser.parse_args()
    nice = BESIDE_NICE if arguments.beside else STAGE_NICE
    times, series, calls = asyncio.run(measure(arguments.minutes, arguments.every, arguments.consoles, nice))
    print("| worker | figure | first | last | per hour | ± | verdict |\n|---|---|--:|--:|--:|--:|---|")
    growing = False
    for (worker, figure), values in series.items():
        found = slope(times, values)
        said = verdict(found, MAY_GROW[figure])
        growing |= said == "growing"
        cells = (f"{value:.1f}" for value in (values[0], values[-1], found.per_hour, found.error_per_hour))
        print(f"| {worker} | {figure} | {' | '.join(cells)} | {said} |")
    often = too_many(calls, times[-1])
    print(f'\ncalls to "Sony": {calls} in {times[-1] / 60:.1f} min{", TOO MANY" if often else ""}')
    if arguments.json:
        samples = {f"{worker}.{figure}": values for (worker, figure), values in series.items()}
        arguments.json.write_text(json.dumps({"seconds": times, "calls": calls, **samples}, indent=1) + "\n")
    return 1 if growing or often else 0


if __name__ == "__main__":
    sys.exit(main())
