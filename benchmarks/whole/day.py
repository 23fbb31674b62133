"""A day of the workers without sound, on a clock that runs faster: what grows, and what it costs at "Sony".

    python -m benchmarks.whole.day [--hours 24] [--rate 30] [--quiet] [--json FILE]

broker, auth, session, signaling, dashboard and the simulator run `rate` times as fast (24 h in 48 min at 30). A fault
of `benchmarks.party.calls` comes each 20 min of that time, unless `--quiet`. Whether memory, descriptors, threads or
log grow is judged by the slope without the first quarter. Exit 1 when anything grows, or when "Sony" was called more
than a tenth of its limit in an hour. What plays sound cannot be hurried: `benchmarks.whole.soak` runs it in real time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from benchmarks.party.calls import PROMISED, STORM, Hour
from benchmarks.whole.slope import slope, verdict
from benchmarks.whole.soak import Series, sample
from common.basic.clock import boot_s
from common.messages import PartyState
from tests.common.psn.rig import Rig, real, rig
from tests.support.processes import short_folder

CLOCK = Path(__file__).parent / "fast_clock"
WORKERS = ("broker", "auth", "session", "signaling", "dashboard")
FAULT_EVERY_S = 1200.0
SAMPLE_EVERY_S = 300.0
MAY_GROW = {"rss_mb": 0.25, "dirty_mb": 0.25, "descriptors": 0.1, "threads": 0.1, "log_bytes": 200_000.0}
"""Limits per hour: 6 MB, 2 descriptors and 2 threads a day."""


async def measure(hours: float, rate: float, *, faults: bool) -> tuple[list[float], Series, list[int], str]:
    """Return the times of the samples in fast seconds, the samples, the calls in each hour, the party's last phase."""
    times: list[float] = []
    series: Series = defaultdict(list)
    calls: list[int] = []
    with short_folder() as home:
        async with rig(home) as made:
            made.paths.make()
            clock = {
                "PYTHONPATH": str(CLOCK),
                "CLOCK_RATE": str(rate),
                "CLOCK_FROM": f"{time.monotonic()} {boot_s()} {time.time()}",
            }
            await _start(made, clock)
            run = Hour(made, hours * 60 / rate, FAULT_EVERY_S / rate, 0)
            await run.sign_in()
            await run.join()
            began, step, next_fault, counted_until = time.monotonic(), 0, FAULT_EVERY_S, 0.0
            while (now := (time.monotonic() - began) * rate) < hours * 3600:
                times.append(now)
                _take(made, series)
                while len(calls) <= now // 3600:
                    calls.append(0)
                new = [at for at in await _calls(made) if at > counted_until]
                calls[-1] += len(new)
                counted_until = max([counted_until, *new])
                if faults and now >= next_fault:
                    await run.set_off("calm", *STORM[step % len(STORM)])
                    step, next_fault = step + 1, next_fault + FAULT_EVERY_S
                await asyncio.sleep(SAMPLE_EVERY_S / rate)
            state = made.now(PartyState)
    return times, series, calls, state.phase if state else ""


async def _start(made: Rig, clock: dict[str, str]) -> None:
    made.up("broker", env=clock)
    made.up("simulator", env=clock, more=("--pause-in-silence",))
    await made.until(made.paths.simulator_file.exists, "the simulator is up")
    await made.control("hush", {"on": True})
    made.up("auth", "signaling", "session", "dashboard", env={**real(made), **clock})


def _take(made: Rig, series: Series) -> None:
    for worker in WORKERS:
        process = made.processes[worker]
        for figure, value in (sample(process.popen.pid) | {"log_bytes": float(process.log.stat().st_size)}).items():
            series[worker, figure].append(value)


async def _calls(made: Rig) -> list[float]:
    """Return when "Sony" was called, of the latest calls."""
    calls = await made.control("calls")
    return [call["at"] for call in calls if not call["path"].startswith("/control")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0, help="how long by the fast clock (24)")
    parser.add_argument("--rate", type=float, default=30.0, help="how much faster it runs (30)")
    parser.add_argument("--quiet", action="store_true", help="no faults")
    parser.add_argument("--json", type=Path, help="also write the samples there")
    arguments = parser.parse_args()
    times, series, calls, phase = asyncio.run(measure(arguments.hours, arguments.rate, faults=not arguments.quiet))
    print("| worker | figure | first | last | per hour | ± | verdict |\n|---|---|--:|--:|--:|--:|---|")
    growing = False
    for (worker, figure), values in series.items():
        found = slope(times, values)
        said = verdict(found, MAY_GROW[figure])
        growing |= said == "growing"
        cells = (f"{value:.1f}" for value in (values[0], values[-1], found.per_hour, found.error_per_hour))
        print(f"| {worker} | {figure} | {' | '.join(cells)} | {said} |")
    print(f"\ncalls in each hour: {', '.join(map(str, calls))}. Promised: under {PROMISED}. At the end: {phase}.")
    if arguments.json:
        samples = {f"{worker}.{figure}": values for (worker, figure), values in series.items()}
        arguments.json.write_text(json.dumps({"seconds": times, "calls": calls, **samples}, indent=1) + "\n")
    return 1 if growing or max(calls) >= PROMISED or phase != "joined" else 0


if __name__ == "__main__":
    sys.exit(main())
