"""A command's connection to the running pipeline, or exit code 3 with two lines."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from cli.shared import far, supervisor
from cli.shared.bus_state import WATCHED, BusState
from cli.shared.failures import CommandError, NotRunningError
from cli.shared.supervisor import Supervisor
from common.basic.loop import run as in_loop
from common.bus import Bus
from common.bus.retained import is_fresh
from common.errors import BusUnreachableError, SupervisorError
from common.files.paths import Paths
from common.log import last_words, logs
from common.messages import WorkerHealth
from common.requests import Request
from common.run.lives import is_held, wake

T = TypeVar("T")

NOT_RUNNING = "The pipeline is not running."
QUICK_S = 5.0
"""Time limit of a request that a worker answers at once."""
CHANGE_S = 60.0
"""Time limit of a change to the party, which makes several calls that the call rate may delay."""
ABSENT_S = 5.0
"""Time without a heartbeat after which a worker counts as absent. A restart takes less."""
START_IT = "Start it with `partyline up`."


def run(job: Coroutine[Any, Any, T]) -> T:
    """Run an asynchronous command. Only errors of the libraries are logged, to standard error."""
    logs.setup("cli", "error")
    return in_loop(job)


def running_supervisor(conf: str = "") -> Supervisor:
    """Return the running supervisord. Raises `NotRunningError`."""
    found = supervisor.find(Paths.of_environment(), conf)
    if found is None:
        raise NotRunningError(NOT_RUNNING, START_IT)
    return found


@asynccontextmanager
async def open_bus(paths: Paths) -> AsyncIterator[Bus]:
    """Yield a bus, with or without a broker: this machine's, or that of the one that `--at` names."""
    bus = Bus(f"cli-{os.getpid()}", far.site(paths) or paths.run)
    try:
        yield bus
    finally:
        await bus.close()


@asynccontextmanager
async def connect(paths: Paths | None = None) -> AsyncIterator[tuple[Bus, BusState]]:
    """Yield the bus and the retained state of a running pipeline. Raises `NotRunningError`."""
    paths = paths or Paths.of_environment()
    if far.machine():
        async with open_bus(paths) as bus:
            await far.meet(bus)
            yield bus, await snapshot(bus)
        return
    supervised = supervisor.find(paths) is not None
    if not supervised and not listens(paths, "broker"):
        raise NotRunningError(NOT_RUNNING, START_IT)
    async with open_bus(paths) as bus:
        yield bus, await _snapshot_of(bus, paths, supervised=supervised)


async def _snapshot_of(bus: Bus, paths: Paths, *, supervised: bool) -> BusState:
    try:
        return await snapshot(bus)
    except BusUnreachableError as error:
        if not supervised:
            raise NotRunningError(NOT_RUNNING, START_IT) from error
        raise NotRunningError(
            f"supervisord is running, but the broker of {paths.home} does not answer.{_last_words(paths)}",
            "Try again in a few seconds. If it still fails, run `partyline restart broker`, or `partyline down`.",
        ) from error


def _last_words(paths: Paths) -> str:
    """Return the end of the broker's log as a sentence, empty without supervisord or log."""
    found = supervisor.find(paths)
    try:
        brokers = [process for process in found.processes() if process.name == "broker"] if found else []
    except SupervisorError:
        return ""
    last_line = "".join(last_words.of_log(Path(process.log)) for process in brokers if process.log)
    return f" Its log ends with: {last_line}." if last_line else ""


async def snapshot(bus: Bus, wait_s: float = 3.0) -> BusState:
    """Return the retained state. Raises `BusUnreachableError`."""
    return BusState(await bus.snapshot(*WATCHED, wait_s=wait_s))


async def ask(bus: Bus, request: Request[T], wait_s: float) -> T:
    """Send a request and wait up to `wait_s` seconds, or `ABSENT_S` seconds if the worker is absent.

    Raises the `PartylineError` in the reply, or `CommandError` if the worker does not run.
    """
    asking = asyncio.create_task(bus.request(request, wait_s))
    absent_since = time.monotonic()  # a waiting worker is woken and begins within a second or two
    boots: dict[str, float] = {}
    woken: set[str] = set()
    try:
        while True:
            done, _ = await asyncio.wait([asking], timeout=1.0)
            if done:
                return asking.result()
            if boot := await _boot(bus, request.WORKER, woken):
                absent_since = time.monotonic()
                since = boots.setdefault(boot, absent_since)
                if len(boots) > 1 and absent_since - since > ABSENT_S:
                    raise _restarted(request.WORKER)
            elif time.monotonic() - absent_since > ABSENT_S:
                raise _absent(request.WORKER)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def ask_once(request: Request[T], wait_s: float) -> T:
    """Connect to the running pipeline, send one request, and return its reply. Raises like `connect` and `ask`."""
    async with connect() as (bus, _):
        return await ask(bus, request, wait_s)


async def _boot(bus: Bus, worker: str, woken: set[str]) -> str:
    """Return the boot id of the running worker, empty if it does not run."""
    try:
        bus_state = await snapshot(bus, wait_s=1.0)
    except BusUnreachableError:
        return ""
    if not far.machine():
        wake(Paths.of_environment().run, bus_state.all(WorkerHealth).values(), woken)
    return bus_state.all(WorkerHealth)[worker].boot if _beats(bus_state, worker) else ""


def must_run(bus_state: BusState, worker: str) -> None:
    """Raise `CommandError` unless this worker runs. The retained messages of a stopped one are stale."""
    if not _beats(bus_state, worker):
        raise _absent(worker)


def _beats(bus_state: BusState, worker: str) -> bool:
    health = bus_state.of(WorkerHealth, worker)
    return is_fresh(health, far.boot_clock()) and not (health and is_held(health))


def _restarted(worker: str) -> CommandError:
    return CommandError(
        f"The {worker} worker was restarted before it answered.",
        "The request may have taken effect. Check with `partyline status`, then try again.",
    )


def _absent(worker: str) -> CommandError:
    return CommandError(
        f"The {worker} worker is not running.", f"See `partyline status`, then run `partyline restart {worker}`."
    )


def listens(paths: Paths, name: str) -> bool:
    """Return whether a process listens on that worker's socket. The socket's file alone proves nothing."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(paths.run / f"{name}.sock"))
        except OSError:
            return False
    return True
