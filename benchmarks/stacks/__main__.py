"""Interoperability test of our talker with consoles on other WebRTC stacks, one cell per stack and condition.

    python -m benchmarks.stacks --list                what there is, what is missing, and how to install it
    python -m benchmarks.stacks --install             npm packages and Pion's console, into var/stacks
    python -m benchmarks.stacks [--stacks werift,Pion] [--conditions "RSA;IPv6"] [--save NAME [--go-on]] [--minutes 5]

A stack that is not installed is reported and skipped. ``heard``: seconds from the first description to the connection /
to the voice, which correlation finds in the speech. ``explained``: the sentence that the product shows. ``cannot``:
the stack lacks the feature. Anything else is a DEFECT. `--save` merges each cell into those of NAME. `--go-on` runs
only cells that NAME lacks, or that were defects, so that a run can be split.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stacks import cell, report
from benchmarks.stacks.conditions import CONDITIONS, Condition
from benchmarks.stacks.console import StackConsole
from benchmarks.stacks.judge import Cell
from benchmarks.stacks.sound import Files
from benchmarks.stacks.stacks import STACKS, Stack, install, refresh


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="say which stacks and conditions there are")
    parser.add_argument("--install", action="store_true", help="install what needs no root")
    parser.add_argument("--stacks", default=",".join(stack.name for stack in STACKS), help="by comma")
    parser.add_argument("--conditions", default="", help="by semicolon: those that contain one of these words")
    parser.add_argument("--save", metavar="NAME", help="write NAME.json and NAME.md to benchmarks/results/")
    parser.add_argument("--go-on", action="store_true", help="leave out what NAME has already")
    parser.add_argument("--at-once", action="store_true", help="all stacks side by side: quick, the times are not")
    parser.add_argument("--minutes", type=float, default=60.0, help="begin no other condition after so long")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.CRITICAL)  # aiortc's log would break the table
    if arguments.install:
        sys.exit("\n".join(install()) or 0)
    if arguments.list:
        _list()
        return
    stacks = [stack for stack in STACKS if stack.name in arguments.stacks.split(",")]
    words = [word.strip() for word in arguments.conditions.split(";") if word.strip()]
    wanted = [one for one in CONDITIONS if not words or any(word in one.name for word in words)]
    if not stacks or not wanted:
        parser.error("no such stack, or no such condition: see --list")
    done = report.done(arguments.save) if arguments.save and arguments.go_on else set()
    job = Job(stacks, wanted, done, arguments.save or "", time.monotonic() + arguments.minutes * 60, arguments.at_once)
    cells = asyncio.run(measure(job))
    defects = [one for one in cells if one.verdict == "defect"]
    print(f"\n{len(cells)} cells, {len(defects)} defects")
    sys.exit(1 if defects else 0)


def _list() -> None:
    for stack in STACKS:
        print(f"{stack.name:<16}{stack.words:<40}{stack.missing() or 'installed'}")
    print("\nconditions:")
    for condition in CONDITIONS:
        print(f"  {condition.name}")


@dataclass(frozen=True)
class Job:
    stacks: Sequence[Stack]
    conditions: Sequence[Condition]
    done: Collection[tuple[str, str]]
    """(condition, stack) of the skipped cells."""
    save: str
    """Name of the results. Empty if nothing is saved."""
    deadline: float
    """In monotonic seconds."""
    at_once: bool = False


async def measure(job: Job) -> list[Cell]:
    """Return a cell for each condition with each installed stack."""
    refresh()
    cells: list[Cell] = []
    with tempfile.TemporaryDirectory(prefix="stacks-") as folder:
        files = Files(Path(folder))
        files.write()
        present = []
        for stack in job.stacks:
            if missing := stack.missing():
                print(f"{stack.name} is skipped: {missing}")
            else:
                present.append(StackConsole(stack, files))
        try:
            for condition in job.conditions:
                if time.monotonic() > job.deadline:
                    print("the time is over: the rest was not run")
                    break
                wanted = [console for console in present if (condition.name, console.stack.name) not in job.done]
                found = await _row(condition, wanted, at_once=job.at_once)
                cells += found
                if job.save and found:
                    report.save(job.save, found)
        finally:
            await asyncio.gather(*(console.close() for console in present))
    return cells


async def _row(condition: Condition, consoles: Sequence[StackConsole], *, at_once: bool) -> list[Cell]:
    if at_once or condition.extra == "moved":  # long, and its times need no precision
        return list(await asyncio.gather(*(_one(console, condition) for console in consoles)))
    return [await _one(console, condition) for console in consoles]


async def _one(console: StackConsole, condition: Condition) -> Cell:
    found = await cell.run(console, condition)
    shown = found.verdict.upper() if found.verdict == "defect" else found.verdict
    print(f"{condition.name:<48}{console.stack.name:<16}{shown:<10}{found.words}", flush=True)
    if found.verdict == "defect":
        print(f"    {found.observed}", flush=True)
    return found


if __name__ == "__main__":
    main()
