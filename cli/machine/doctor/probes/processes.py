"""Probes of partyline's processes, and of the running pipeline."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import psutil

from cli.machine.doctor.judge.processes import Leftover, OpenProblem, Pipeline, Processes
from cli.machine.doctor.surroundings import Surroundings
from cli.shared import supervisor as supervisors
from cli.shared.connect import listens, open_bus, snapshot
from common.basic.clock import boot_s
from common.bus.retained import standing
from common.errors import BusUnreachableError, SupervisorError
from common.messages import Problem, WorkerHealth

_WATCHERS = frozenset({"supervisord", "partyline", "cli"})
"""Words of a command line that may start workers: `supervisord`, `partyline …`, `python -m cli …`."""
_FAILING = supervisors.DOWN | {"BACKOFF"}


class _Worker(msgspec.Struct, frozen=True):
    pid: int
    name: str
    run: Path | None
    """Its folder of sockets and locks. None if it cannot be read: another user's process."""
    watched: bool
    """Whether a supervisord, or the command that started it, is above it."""


def worker_of(words: Sequence[str]) -> str:
    """Return the worker that a command line runs, "" for any other program."""
    for option, module in itertools.pairwise(words):
        if option == "-m" and (match := re.fullmatch(r"workers\.([a-z]+)", module)):
            return match[1]
    return ""


def _workers() -> Iterator[_Worker]:
    for process in psutil.process_iter():
        try:
            name = worker_of(process.cmdline())
            if name:
                yield _Worker(process.pid, name, _run_folder(process, name), _is_watched(process))
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue


def _run_folder(process: psutil.Process, name: str) -> Path | None:
    """Return the folder of the lock that the worker holds. It names the home, however the worker was told of it."""
    try:
        files = [Path(file.path) for file in process.open_files()]
    except psutil.AccessDenied:
        return None
    return next((file.parent for file in files if file.name == f"{name}.lock"), Path())


def _is_watched(process: psutil.Process) -> bool:
    above = process.parent()
    words = above.cmdline() if above is not None and above.pid > 1 else []
    return any(Path(word).name in _WATCHERS for word in words)


def own_workers(around: Surroundings) -> list[int]:
    """Return the process ids of this home's workers."""
    return [worker.pid for worker in _workers() if worker.run == around.paths.run]


def processes(around: Surroundings) -> Processes:
    workers = list(_workers())
    homes = Counter(
        str(run.parent if run.name == "run" else run)
        for worker in workers
        if (run := worker.run) is not None and run not in (around.paths.run, Path())
    )
    return Processes(
        leftovers=tuple(
            Leftover(pid=worker.pid, worker=worker.name)
            for worker in workers
            if worker.run == around.paths.run and not worker.watched
        ),
        others=dict(homes),
        hidden=sum(worker.run is None for worker in workers),
    )


def pipeline(around: Surroundings) -> Pipeline:
    found = supervisors.find(around.paths)
    there = listens(around.paths, "broker")
    if found is None and not there:
        return Pipeline()
    try:
        programs = found.processes() if found else []
    except SupervisorError:
        programs = []  # it is stopping
    seen = Pipeline(
        supervised=found is not None,
        listens=there,
        down=tuple(one.name for one in programs if one.state in _FAILING and not one.finished),
        spawn_errors={
            one.name: one.spawn_error for one in programs if one.spawn_error and one.state in ("FATAL", "BACKOFF")
        },
    )
    try:
        return asyncio.run(_asked(around, seen))
    except BusUnreachableError:
        return seen


async def _asked(around: Surroundings, seen: Pipeline) -> Pipeline:
    async with open_bus(around.paths) as bus:
        state = await snapshot(bus)
    clock = boot_s()
    health = state.all(WorkerHealth).values()
    return msgspec.structs.replace(
        seen,
        answers=True,
        silent=tuple(one.worker for one in health if standing(one, clock) == "silent"),
        facts={one.worker: one.facts for one in health},
        problems=tuple(
            OpenProblem(code=one.code, severity=one.severity, message=one.message, remedy=one.remedy)
            for one in state.all(Problem).values()
        ),
    )
