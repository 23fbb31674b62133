"""The wait until all workers run, with a report of those that do not."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.shared.bus_state import BusState
from cli.shared.connect import snapshot
from cli.shared.failures import CommandError
from cli.shared.supervisor import Process, Supervisor
from cli.shared.terminal import listed, printable
from common.basic.clock import boot_s
from common.bus import Bus
from common.bus.retained import is_fresh
from common.errors import BusUnreachableError
from common.files.paths import Paths
from common.log import last_words
from common.messages import WorkerHealth
from common.run.lives import wake
from common.run.programs import WITHOUT_HEARTBEAT

START_S = 30.0
POLL_S = 0.2
MOST_FAILURES = 3
SIMULATOR = "simulator"
UP = ("running", "degraded")
"""States of a worker that is up. Degraded is one that lacks something (a sound device, a sign-in)."""


@dataclass(frozen=True)
class StartProgress:
    """Progress of the workers' start."""

    waiting: tuple[str, ...]
    """Workers that are not up yet."""
    failed: tuple[Process, ...]
    """Workers that supervisord has given up."""


def start_progress(
    processes: Sequence[Process],
    health: dict[str, WorkerHealth],
    former: dict[str, str],
    now: float,
    simulator_since: float = 0.0,
) -> StartProgress:
    """Return which of `processes` are up. `former` has boot ids from before a restart, which do not count.

    `now`: seconds of `common.basic.clock.boot_s`.

    The simulator has no heartbeat. It is up when it has written its file (`simulator_since`, Unix seconds, 0: not
    written). The integrations have none either.
    """

    def is_up(process: Process) -> bool:
        if process.name == SIMULATOR:
            return process.state == "RUNNING" and simulator_since >= process.started_at
        if process.name in WITHOUT_HEARTBEAT:
            return process.state == "RUNNING"
        return _is_up(process, health.get(process.name), former, now)

    waiting = [process.name for process in processes if not process.finished and not is_up(process)]
    return StartProgress(tuple(waiting), tuple(p for p in processes if p.state == "FATAL"))


def _is_up(process: Process, health: WorkerHealth | None, former: dict[str, str], now: float) -> bool:
    if health is None or process.state not in ("RUNNING", "STARTING"):
        return False
    fresh = is_fresh(health, now) and health.boot != former.get(process.name)
    return fresh and health.state in UP


class FailedStarts:
    """Failed starts of processes that end before their first heartbeat."""

    def __init__(self) -> None:
        self._seen: dict[str, set[float]] = {}

    def given_up(self, processes: Sequence[Process]) -> list[Process]:
        """Return the processes that failed `MOST_FAILURES` times. Call it every `POLL_S` seconds."""
        for process in processes:
            if process.state == "BACKOFF":
                self._seen.setdefault(process.name, set()).add(process.started_at)
            elif process.state == "RUNNING":
                self._seen.pop(process.name, None)
        return [process for process in processes if len(self._seen.get(process.name, ())) >= MOST_FAILURES]


async def wait_up(
    bus: Bus,
    supervisor: Supervisor,
    names: Sequence[str] = (),
    former: dict[str, str] | None = None,
    limit_s: float = START_S,
) -> BusState:
    """Wait until the workers `names` (all, if empty) are up with a boot id other than `former`'s. Return the state.

    Raises `CommandError` with the names of those that are not.
    """
    deadline = time.monotonic() + limit_s
    failed_starts, woken = FailedStarts(), set[str]()
    while True:
        processes = [p for p in supervisor.processes() if not names or p.name in names]
        bus_state = await _bus_state(bus)
        wake(Paths.of_environment().run, bus_state.all(WorkerHealth).values(), woken)
        if given_up := failed_starts.given_up(processes):
            raise _gave_up(given_up)
        now = start_progress(processes, bus_state.all(WorkerHealth), former or {}, boot_s(), _simulator_since())
        if now.failed:
            raise _gave_up(now.failed)
        if not now.waiting:
            return bus_state
        if time.monotonic() > deadline:
            raise _too_slow(now.waiting, processes, bus_state, limit_s)
        await asyncio.sleep(POLL_S)


def _simulator_since() -> float:
    try:
        return Paths.of_environment().simulator_file.stat().st_mtime
    except OSError:
        return 0.0


async def _bus_state(bus: Bus) -> BusState:
    """Return the retained state, empty while the broker starts."""
    try:
        return await snapshot(bus, wait_s=1.0)
    except BusUnreachableError:
        return BusState()


def boots(bus_state: BusState) -> dict[str, str]:
    return {name: health.boot for name, health in bus_state.all(WorkerHealth).items()}


def _gave_up(failed: Sequence[Process]) -> CommandError:
    names = listed([process.name for process in failed])
    verb = "do" if len(failed) > 1 else "does"
    error = failed[0].spawn_error
    ended = not error or error.startswith("Exited")  # then its log says more
    reason = last_words.of_log(Path(failed[0].log)) if ended else error
    return CommandError(
        f"{names} {verb} not start{f': {reason}' if reason else ''}.",
        f"See the end of {listed([process.log for process in failed])}, then run `partyline restart {failed[0].name}`.",
    )


def _too_slow(names: Sequence[str], processes: Sequence[Process], bus_state: BusState, limit_s: float) -> CommandError:
    health = bus_state.all(WorkerHealth)
    parts = []
    for name in names:
        beat = health.get(name)
        reason = f" ({printable(beat.detail or beat.state)})" if beat else ""
        parts.append(name + reason)
    logs = listed([process.log for process in processes if process.name in names])
    return CommandError(
        f"Not running within {limit_s:g} s: {listed(parts)}.",
        f"See `partyline status`, and the end of {logs}.",
    )
