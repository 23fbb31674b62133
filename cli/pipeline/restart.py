"""`partyline down` and `partyline restart`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from cli.pipeline import leave_after_stop
from cli.pipeline.startup import boots, wait_up
from cli.shared import supervisor as supervisors
from cli.shared.command import Command
from cli.shared.connect import NOT_RUNNING, START_IT, open_bus, run, snapshot
from cli.shared.failures import OK, CommandError, NotRunningError, UsageError
from cli.shared.output import say, words
from cli.shared.picture import Picture
from cli.shared.supervisor import Supervisor
from common.bus import Bus
from common.errors import BusUnreachableError
from common.files.paths import Paths

STOP_S = 30.0


def conf_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--conf", metavar="FILE", default="", help=argparse.SUPPRESS)


def find(conf: str = "") -> Supervisor:
    """Return the running supervisord. Raises `NotRunningError`."""
    found = supervisors.find(Paths.of_environment(), conf)
    if found is None:
        raise NotRunningError(NOT_RUNNING, START_IT)
    return found


def wait_gone(supervisor: Supervisor, limit_s: float = STOP_S) -> None:
    """Wait until supervisord and every worker have exited. Raises `CommandError` after `limit_s`."""
    deadline = time.monotonic() + limit_s
    while supervisor.alive():
        if time.monotonic() > deadline:
            raise CommandError(
                f"The pipeline has not ended within {limit_s:g} s.",
                "See var/log/supervisord.log for the worker that it waits for; it is killed at its own time limit.",
            )
        time.sleep(0.1)


def down(args: argparse.Namespace) -> int:
    supervisor = find(args.conf)
    say("Leaving the party and stopping the pipeline …")
    began = time.monotonic()
    supervisor.shutdown()
    wait_gone(supervisor)
    for line in leave_after_stop.leave(Paths.of_environment()):
        say(line)
    say(f"Stopped after {time.monotonic() - began:.1f} s. Start it again with `partyline up`.")
    return OK


def restart(args: argparse.Namespace) -> int:
    supervisor = find(args.conf)
    names = _chosen(args.worker, [process.name for process in supervisor.processes()])
    began = time.monotonic()
    run(restart_and_wait(supervisor, names))
    verb = "runs" if len(names) == 1 else "run"
    say(f"{words(names)} {verb} anew after {time.monotonic() - began:.1f} s.")
    return OK


def _chosen(asked: Sequence[str], known: Sequence[str]) -> list[str]:
    if "all" in asked:
        return list(known)
    for name in asked:
        if name not in known:
            raise UsageError(f"There is no worker {name!r}.", f"Workers: {', '.join(known)}, or all.")
    return [name for name in known if name in asked]


async def restart_and_wait(supervisor: Supervisor, names: Sequence[str], bus: Bus | None = None) -> Picture:
    """Restart those workers and wait until each is up in a new boot. Return the state at that time."""
    if bus is None:
        async with open_bus(Paths.of_environment()) as own:
            return await restart_and_wait(supervisor, names, own)
    former = boots(await _present(bus))
    supervisor.restart(names)
    return await wait_up(bus, supervisor, names, former)


async def _present(bus: Bus) -> Picture:
    try:
        return await snapshot(bus, wait_s=2.0)
    except BusUnreachableError:
        return Picture()


def _restart_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "worker",
        nargs="+",
        metavar="WORKER",
        help="broker, simulator, auth, audio, dashboard, media, recorder, signaling, session, or all",
    )
    conf_option(parser)


COMMANDS = {
    "down": Command(
        description="Leave the party and stop every worker; ends when they are gone.",
        example="partyline down",
        run=down,
        arguments=conf_option,
    ),
    "restart": Command(
        description="Restart workers; ends when they run again. The party goes on meanwhile.",
        example="partyline restart media audio",
        run=restart,
        arguments=_restart_arguments,
    ),
}
