"""Chaos test: eight consoles that all talk, the whole pipeline, and faults drawn from a seed.

    python -m benchmarks.chaos [--minutes 10] [--seed 1] [--only kill,server.cut] [--list] [--save]

Faults come one at a time, each third time two together: kill -9 and SIGSTOP of each worker, a failing disk, lost
datagrams, a network outage, misbehaving members, Sony's servers, the clock, the sound server. Each talker's gap is
compared with what the fault may cost (`benchmarks.chaos.kinds`), and after the fault everything must become healthy
again. The calls to "Sony" may reach a tenth of the allowed rate, and more only where a fault demands calls. Exit 1 when
anything is wrong. The same seed draws the same sequence. How far a run gets depends on the machine.

Nothing is recorded meanwhile. Linux only.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from benchmarks.chaos.acts import strike
from benchmarks.chaos.draw import Drawn, draw
from benchmarks.chaos.judge import allowed_calls, demand, excesses, longest, too_many
from benchmarks.chaos.kinds import KINDS, MIX, Kind
from benchmarks.chaos.report import Window, rows, table
from benchmarks.chaos.stage import Stage, staged
from common.config.tables import PsnSettings
from tests.disk.faulty import KINDS as DISKS

CONSOLES = 8
RESULTS = Path(__file__).parent.parent / "results"
PSN = PsnSettings()
OPENINGS_S = PSN.push_open_burst * PSN.push_open_every_s
"""Time in which `push_open_burst` openings are allowed and as many are regained."""
BETWEEN_S = 0.3
"""Time in which a fault may still be unnoticed, so that everything looks healthy."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long faults are set off (10)")
    parser.add_argument("--seed", type=int, default=1, help="what is drawn (1)")
    parser.add_argument("--only", default="", help="only these families or kinds, by comma")
    parser.add_argument("--list", action="store_true", help="only say what each kind may cost, and why")
    parser.add_argument("--save", action="store_true", help="write benchmarks/results/chaos-<date>-<seed>.md and .json")
    arguments = parser.parse_args()
    only = set(filter(None, arguments.only.split(",")))
    if unknown := only - {name for kind in KINDS for name in (kind.name, kind.family)}:
        parser.error(f"no such kind of fault: {', '.join(sorted(unknown))} (see --list)")
    kinds = [kind for kind in KINDS if not only or only & {kind.name, kind.family}]
    if arguments.list:
        _list(kinds)
        return 0
    windows = asyncio.run(measure(arguments.minutes, arguments.seed, kinds))
    report, wrong = _report(arguments.seed, windows)
    print(f"\n{report}")
    if arguments.save:
        _save(arguments.seed, report, windows)
    return 1 if wrong else 0


async def measure(minutes: float, seed: int, kinds: list[Kind]) -> list[Window]:
    """Return a window per fault and per quiet time before one. Ends early where a state is stuck."""
    disk = random.Random(seed).choice(DISKS)
    print(f"seed {seed}; when the disk fails it does so by {disk}", flush=True)
    windows: list[Window] = []
    async with staged(CONSOLES, disk) as stage:
        if stage.standing:
            print(f"problems that stand before any fault: {', '.join(sorted(stage.standing))}")
        ends = time.monotonic() + minutes * 60
        for step in draw(seed, kinds, CONSOLES):
            if time.monotonic() > ends:
                break
            windows.append(await _window(stage, (), step.pause_s))
            print(f"{datetime.now(UTC):%H:%M:%S} step {step.number}: {step.name}", flush=True)
            windows.append(await _window(stage, step.faults))
            if wrong := [f"before it: {words}" for words in windows[-2].wrong] + windows[-1].wrong:
                print(*(f"  WRONG (seed {seed}, step {step.number}): {words}" for words in wrong), sep="\n")
                print(f"  the logs are kept in {_keep_logs(stage, seed, step.number)}", flush=True)
            if windows[-1].stuck:
                break
    return windows


async def _window(stage: Stage, faults: tuple[Drawn, ...], quiet_s: float = 0.0) -> Window:
    """Apply the faults and listen until all is healthy, or only listen without faults."""
    stage.ears.take()
    stage.ears.late_s()
    stage.stalls.forget()
    began_ns, began, since = time.monotonic_ns(), time.monotonic(), time.time()
    missing, concealed = stage.missing, stage.concealed
    await asyncio.gather(*(strike(stage, drawn) for drawn in faults))
    await asyncio.sleep(quiet_s or BETWEEN_S)
    healthy_s, unwell = 0.0, list[str]()
    if faults:
        healthy_s, unwell = await stage.until_healthy(max(drawn.kind.healthy_s for drawn in faults))
    ended_ns, heard = time.monotonic_ns(), stage.ears.take()
    held_back = stage.gone_s >= began and await stage.openings(since - OPENINGS_S) > PSN.push_open_burst
    stopped = any(drawn.kind.name == "network.away" for drawn in faults)  # which stops the consoles' clock too
    stalled_s, late_s = await stage.stalled_s(began, consoles=not stopped), stage.ears.late_s()
    gaps = {peer: longest(heard.get(peer, []), began_ns, ended_ns) for peer in (*stage.peers, MIX)}
    wrong = [f"not healthy after {healthy_s:.0f} s: {one}" for one in unwell]
    if found := excesses(gaps, faults, stage.peers, stalled_s, held_back=held_back):
        at = f"which was {datetime.fromtimestamp(since, UTC):%H:%M:%S.%f}; frames came {late_s:.2f} s late at worst"
        wrong += [f"{one}, {at}" for one in found]
    seconds, calls = time.monotonic() - began, await stage.calls(since)
    if words := stage.budget.spend(calls, allowed_calls(faults, seconds)):
        wrong.append(words)
    return Window(
        faults=faults,
        seconds=round(seconds, 2),
        gaps={peer: round(gap.seconds, 3) for peer, gap in gaps.items()},
        missing=stage.missing - missing,
        concealed=stage.concealed - concealed,
        calls=calls,
        held_back=held_back,
        late_s=round(late_s, 3),
        stalled_s=round(stalled_s, 3),
        healthy_s=round(healthy_s, 2),
        wrong=wrong,
        stuck=bool(unwell),
    )


def _keep_logs(stage: Stage, seed: int, step: int) -> Path:
    for number in count():
        kept = Path(f"/tmp/partyline-chaos-{seed}-{step}-{number}")
        if not kept.exists():
            shutil.copytree(stage.pipeline.paths.log, kept)
            return kept
    raise AssertionError("numbers have no end")


def _report(seed: int, windows: list[Window]) -> tuple[str, bool]:
    """Return the report in Markdown, and whether anything is wrong."""
    free = [window for window in windows if not demand(window.faults)]
    calls, seconds = sum(window.calls for window in free), sum(window.seconds for window in free)
    demanded = sum(window.calls for window in windows) - calls
    often = too_many(calls, seconds)
    wrong = [
        f"{' + '.join(one.kind.name for one in w.faults) or 'quiet'}: {words}" for w in windows for words in w.wrong
    ]
    reasons = sorted({f"{one.kind.name} ({one.kind.calls})" for w in windows for one in w.faults if one.kind.calls})
    held_back = sum(w.held_back for w in windows)
    lines = [
        f"# Chaos, seed {seed}, {sum(w.seconds for w in windows) / 60:.1f} min, {CONSOLES} consoles who all talk",
        "",
        table(rows(windows)),
        "",
        f'Calls to "Sony" that no fault demands: {calls} in {seconds:.0f} s{", TOO MANY" if often else ""}.',
        f"Calls in windows with a fault that demands some: {demanded}; {', '.join(reasons) or 'none was drawn'}.",
        f"The machine itself stood still for {max(w.stalled_s for w in windows):.2f} s at worst; that is allowed for.",
        f"Frames missing in the mix: {sum(w.missing for w in windows)}; made up: {sum(w.concealed for w in windows)}.",
        f"Windows in which opening the push channel was held back, for it was lost too often: {held_back}.",
        *(f"WRONG: {words}" for words in wrong),
    ]
    return "\n".join(lines if wrong or often else [*lines, "No gap is unexplained, and no state is stuck."]), bool(
        wrong or often
    )


def _save(seed: int, report: str, windows: list[Window]) -> None:
    name = f"chaos-{datetime.now(UTC):%Y-%m-%d}-{seed}"
    (RESULTS / f"{name}.md").write_text(report + "\n")
    (RESULTS / f"{name}.json").write_text(json.dumps([asdict(window) for window in windows], indent=1) + "\n")


def _list(kinds: list[Kind]) -> None:
    for kind in kinds:
        gap = f"{kind.whom}, {kind.gap_s:g} s{' and while it stands' if kind.held else ''}"
        calls = f" [at most {kind.most_calls} calls: {kind.calls}]" if kind.calls else ""
        print(f"{kind.name:<26} {gap}: {kind.why}{calls}")


if __name__ == "__main__":
    sys.exit(main())
