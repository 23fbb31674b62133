"""Simulated runs in several processes. Rows are kept as they come."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass

from benchmarks.receive.networks.case import NetworkCase
from benchmarks.receive.networks.rows.row import Row
from benchmarks.receive.networks.rows.store import RowStore, version
from benchmarks.receive.play.offline import BEGAN_NS, SPAWN

SIMULATED = ("ours", "aiortc", "ceiling")
NICE = 15


@dataclass(frozen=True)
class _Task:
    case: NetworkCase
    systems: tuple[str, ...]
    versions: dict[str, str]
    """Of the systems when the work began, whatever is edited meanwhile."""


def simulate(wanted: Iterable[NetworkCase], systems: Sequence[str], kept: RowStore, jobs: int) -> int:
    """Play and judge what is not kept yet. Return how many rows were made."""
    versions = {system: version(system) for system in systems}
    there = kept.has()
    tasks = []
    for case in wanted:
        missing = tuple(
            system
            for system in systems
            if ((case.seed.index, case.loss_seed), system, "simulated", versions[system]) not in there
        )
        if missing:
            tasks.append(_Task(case, missing, versions))
    made, began = 0, time.monotonic()
    with ProcessPoolExecutor(jobs, mp_context=SPAWN, initializer=_humble) as pool:
        running = [pool.submit(_run, task) for task in tasks]
        for done, future in enumerate(as_completed(running), 1):
            rows = future.result()
            kept.add(rows)
            made += len(rows)
            spent = time.monotonic() - began
            print(f"{done} of {len(tasks)} in {spent:.0f} s: {rows[0].kind} {rows[0].index}", flush=True)
    return made


def _humble() -> None:
    os.nice(NICE)


def _run(task: _Task) -> list[Row]:
    from benchmarks.receive.networks.judge.marks import mark  # noqa: PLC0415  # tests play without the judges
    from benchmarks.receive.networks.play import simulated  # noqa: PLC0415  # imported where it is used, in the child

    rows = []
    for system in task.systems:
        heard = simulated.player(system)(task.case)
        rows.append(mark(task.case, system, heard, BEGAN_NS, version=task.versions[system]))
    return rows
