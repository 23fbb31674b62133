"""A day of the workers without sound, on a clock that runs faster: what grows, and what it costs at "Sony".

    python -m benchmarks.whole.day [--hours 24] [--rate 30] [--quiet] [--json FILE]

broker, auth, session, signaling, recorder, dashboard and the simulator run `rate` times as fast (24 h in 48 min at 30).
A fault of `benchmarks.party.calls` comes each 20 min of that time and lasts for 10 min, unless `--quiet`, and a
recording of 10 min comes every 2 h. Each figure is judged by its slope without the first quarter, and by the medians of
the quarters. Exit 1 if anything grows, if a worker ends, if "Sony" was called more than a tenth of its limit in an
hour, or if the party is not joined at the end. media and audio cannot be hurried: `benchmarks.whole.soak` runs them in
real time. Linux only.

What waits for the machine is not hurried (`benchmarks.whole.fast_clock`): a disk that takes 0.5 s to flush takes 15 s
of that time. The home therefore lies in memory, and a loaded machine asks for a lower rate.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.party.calls import PROMISED, STORM, Hour, kind_of
from benchmarks.whole.slope import Verdict, quarters, rises, slope, verdict
from benchmarks.whole.soak import Series, sample
from common.basic.clock import boot_s
from common.errors import PartylineError
from common.messages import PartyState
from common.requests import StartRecording, StopRecording
from tests.common.psn.rig import Rig, real, rig
from tests.support.processes import COLD, short_folder

FAST_CLOCK = "benchmarks.whole.fast_clock"
MEMORY_DISK = "/dev/shm"
WORKERS = ("auth", "session", "signaling", "recorder", "dashboard")
PROCESSES = ("broker", "simulator", *WORKERS)
FAULT_EVERY_S = 1200.0
FAULT_S = 600.0
"""Shorter than `[session] rejoin_s`, after which only the user goes back to a party that was lost."""
SAMPLE_EVERY_S = 300.0
RECORDING_EVERY_S = 7200.0
RECORDING_S = 600.0
MAY_GROW = {
    "rss_mb": 0.25,
    "dirty_mb": 0.25,
    "descriptors": 0.1,
    "threads": 0.1,
    "sockets": 0.1,
    "log_bytes": 200_000.0,
}
"""Limits per hour: 6 MB, 2 descriptors and 2 threads a day. The log's is that of `benchmarks.whole.soak`."""
SIMULATOR_MAY_GROW = {"rss_mb": 2.0, "dirty_mb": 2.0, "log_bytes": 2_000_000.0}
"""The simulator keeps its latest calls and events for tests, and logs each call."""


@dataclass
class Day:
    """What was measured. Times are in seconds of the fast clock."""

    times: list[float] = field(default_factory=list)
    series: Series = field(default_factory=lambda: defaultdict(list))
    calls: list[int] = field(default_factory=list)
    """Of each hour."""
    kinds: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    recordings: int = 0
    ended: list[str] = field(default_factory=list)
    """Workers that ended by themselves, with when. Each is started again, as supervisord would."""
    away: int = 0
    """Samples at which the party was not joined."""
    joined_again: int = 0
    """Joins that a user would have had to make."""
    phase: str = ""
    cpu_s: float = 0.0
    """CPU time of all processes in real seconds."""

    def save(self, file: Path | None) -> None:
        if file is not None:
            series = {f"{name}.{figure}": values for (name, figure), values in self.series.items()}
            file.write_text(json.dumps({**vars(self), "series": series}, indent=1) + "\n")


class DayRun:
    """One day in the making."""

    def __init__(self, made: Rig, hours: float, rate: float, file: Path | None, *, faults: bool) -> None:
        self._rig = made
        self._rate = rate
        self._until_s = hours * 3600
        self._file = file
        self._faults = faults
        self._env: dict[str, str] = {}
        self._counted_until = 0.0
        self._began = 0.0
        self._calm_at = float("inf")
        self._was_lost = False
        self.day = Day()

    async def start(self) -> None:
        clock = {
            **COLD,
            "CLOCK_RATE": str(self._rate),
            "CLOCK_FROM": f"{time.monotonic()} {boot_s()} {time.time()}",
        }
        made = self._rig
        made.up("broker", env=clock, through=FAST_CLOCK)
        made.up("simulator", env=clock, more=("--pause-in-silence",), through=FAST_CLOCK)
        await made.until(made.paths.simulator_file.exists, "the simulator is up")
        await made.control("hush", {"on": True})
        self._env = {**real(made), **clock, "PARTYLINE_RECORDER__FOLDER": str(made.home / "recordings")}
        made.up(*WORKERS, env=self._env, through=FAST_CLOCK)

    async def run(self) -> Day:
        storm = Hour(self._rig, self._until_s / self._rate / 60, FAULT_EVERY_S / self._rate, 0)
        await storm.sign_in()
        await storm.join()
        self._began = time.monotonic()
        recording = asyncio.create_task(self._record())
        try:
            while (now := self._now()) < self._until_s:
                self._start_again(now)
                self.day.times.append(now)
                self._take()
                await self._count(now)
                self.day.save(self._file)
                if self._faults:
                    await self._strike(storm, now)
                await self._join_again(storm)
                await asyncio.sleep(SAMPLE_EVERY_S / self._rate)
                if recording.done():
                    await recording  # it never ends but by a failure
            await self._rig.control("scenario", {"name": "calm"})
            await self._rig.joined()
        finally:
            recording.cancel()
        state = self._rig.now(PartyState)
        self.day.phase = state.phase if state else ""
        return self.day

    async def _strike(self, storm: Hour, now: float) -> None:
        if now >= (self.day.faults + 1) * FAULT_EVERY_S:
            await storm.set_off("calm", *STORM[self.day.faults % len(STORM)])
            self.day.faults += 1
            self._calm_at = now + FAULT_S
        elif now >= self._calm_at:
            await storm.set_off("calm")
            self._calm_at = float("inf")

    async def _join_again(self, storm: Hour) -> None:
        """Join as a user would, if the party is lost at two samples in a row and no fault is on."""
        state = self._rig.now(PartyState)
        lost = state is None or state.phase == "none"
        if lost and self._was_lost and self._calm_at == float("inf"):
            self.day.joined_again += 1
            with contextlib.suppress(PartylineError, AssertionError):  # told by the samples without a party
                await storm.join()
        self._was_lost = lost

    def _now(self) -> float:
        return (time.monotonic() - self._began) * self._rate

    async def _record(self) -> None:
        while True:
            await asyncio.sleep((RECORDING_EVERY_S - RECORDING_S) / self._rate)
            await self._rig.bus.request(StartRecording(), 60)
            await asyncio.sleep(RECORDING_S / self._rate)
            await self._rig.bus.request(StopRecording(), 60)
            self.day.recordings += 1

    def _start_again(self, now: float) -> None:
        for name in WORKERS:
            process = self._rig.processes[name]
            if (status := process.popen.poll()) is not None:
                why = process.output.strip().splitlines()[-1:] or [""]
                self.day.ended.append(f"{name} at {now / 3600:.1f} h, exit {status}: {why[0][:200]}")
                self._rig.up(name, env=self._env, through=FAST_CLOCK)

    def _take(self) -> None:
        for name in PROCESSES:
            process = self._rig.processes[name]
            if process.popen.poll() is not None:
                continue
            figures = sample(process.popen.pid)
            figures |= {"sockets": float(_sockets(process.popen.pid)), "log_bytes": float(process.log.stat().st_size)}
            for figure, value in figures.items():
                self.day.series[name, figure].append(value)
        state = self._rig.now(PartyState)
        self.day.away += state is None or state.phase != "joined"
        self.day.cpu_s = sum(
            _cpu_s(self._rig.processes[name].popen.pid)
            for name in PROCESSES
            if self._rig.processes[name].popen.poll() is None
        )

    async def _count(self, now: float) -> None:
        """Count the calls to "Sony" since the last count. The simulator keeps the latest ones."""
        while len(self.day.calls) <= now // 3600:
            self.day.calls.append(0)
        calls = [call for call in await self._rig.control("calls") if not call["path"].startswith("/control")]
        new = [call for call in calls if call["at"] > self._counted_until]
        self.day.calls[-1] += len(new)
        self.day.kinds.update(kind_of(call) for call in new)
        self._counted_until = max([self._counted_until, *(call["at"] for call in new)])


def _sockets(pid: int) -> int:
    """Return how many open sockets a process has."""
    count = 0
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            count += str(descriptor.readlink()).startswith("socket:")
        except OSError:
            continue  # closed meanwhile
    return count


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(hours: float, rate: float, file: Path | None, *, faults: bool) -> Day:
    with short_folder(MEMORY_DISK) as home:
        async with rig(home) as made:
            made.paths.make()
            run = DayRun(made, hours, rate, file, faults=faults)
            await run.start()
            return await run.run()


def report(day: Day) -> tuple[str, bool]:
    """Return the table in Markdown, and whether all is well."""
    lines = [
        "| process | figure | quarters | per hour | ± | limit | verdict |",
        "|---|---|--:|--:|--:|--:|---|",
    ]
    well = True
    for (name, figure), values in day.series.items():
        may = MAY_GROW[figure] if name != "simulator" else SIMULATOR_MAY_GROW.get(figure, MAY_GROW[figure])
        times = day.times[: len(values)]
        found, medians = slope(times, values), quarters(values)
        said: Verdict = "growing" if rises(medians, times[-1] / 3600, may) else verdict(found, may)
        well &= said != "growing"
        shown = " → ".join(f"{value:.1f}" for value in medians)
        cells = f"{shown} | {found.per_hour:.3f} | {found.error_per_hour:.3f} | {may:g} | {said}"
        lines.append(f"| {name} | {figure} | {cells} |")
    lines += [
        "",
        f"{day.times[-1] / 3600:.1f} h, {day.faults} faults, {day.recordings} recordings, {day.cpu_s:.0f} s of CPU.",
        f"Not in the party at {day.away} of {len(day.times)} samples, joined by hand {day.joined_again} times.",
        f"At the end: {day.phase}.",
        f"Calls in each hour: {', '.join(map(str, day.calls))}. Promised: under {PROMISED}.",
        *(f"- {count}: {kind}" for kind, count in day.kinds.most_common()),
        *(f"ENDED: {one}" for one in day.ended),
    ]
    well &= max(day.calls) < PROMISED and day.phase == "joined" and not day.ended
    return "\n".join(lines), well


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24.0, help="how long by the fast clock (24)")
    parser.add_argument("--rate", type=float, default=30.0, help="how much faster it runs (30)")
    parser.add_argument("--quiet", action="store_true", help="no faults")
    parser.add_argument("--json", type=Path, help="also write the samples there")
    arguments = parser.parse_args()
    day = asyncio.run(measure(arguments.hours, arguments.rate, arguments.json, faults=not arguments.quiet))
    text, well = report(day)
    print(text)
    day.save(arguments.json)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
