"""`partyline restart`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from cli.pipeline.startup import boots, wait_up
from cli.shared.bus_state import BusState
from cli.shared.command import Command, conf_option
from cli.shared.connect import open_bus, run, running_supervisor, snapshot
from cli.shared.divided import check_workers
from cli.shared.failures import OK, UsageError
from cli.shared.supervisor import Supervisor
from cli.shared.terminal import echo, listed
from common.bus import Bus
from common.errors import BusUnreachableError
from common.files.paths import Paths


def restart(args: argparse.Namespace) -> int:
    check_workers(args.worker)
    supervisor = running_supervisor(args.conf)
    names = _chosen(args.worker, [process.name for process in supervisor.processes()])
    began = time.monotonic()
    run(restart_and_wait(supervisor, names))
    verb = "runs" if len(names) == 1 else "run"
    echo(f"{listed(names)} {verb} again after {time.monotonic() - began:.1f} s.")
    return OK


def _chosen(asked: Sequence[str], known: Sequence[str]) -> list[str]:
    if "all" in asked:
        return list(known)
    for name in asked:
        if name not in known:
            raise UsageError(f"There is no worker {name!r}.", f"Workers: {', '.join(known)}, or all.")
    return [name for name in known if name in asked]


async def restart_and_wait(supervisor: Supervisor, names: Sequence[str], bus: Bus | None = None) -> BusState:
    """Restart those workers and wait until each is up in a new boot. Return the state at that time."""
    if bus is None:
        async with open_bus(Paths.of_environment()) as own:
            return await restart_and_wait(supervisor, names, own)
    former = boots(await _present(bus))
    supervisor.restart(names)
    return await wait_up(bus, supervisor, names, former)


async def _present(bus: Bus) -> BusState:
    try:
        return await snapshot(bus, wait_s=2.0)
    except BusUnreachableError:
        return BusState()


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "worker",
        nargs="+",
        metavar="WORKER",
        help="broker, simulator, auth, audio, dashboard, media, recorder, obs, webrtc, signaling, session, gate, link, "
        "integrations, or all",
    )
    conf_option(parser)


COMMANDS = {
    "restart": Command(
        description="Restart workers. You stay in the party. The command ends when the workers run again.",
        example="partyline restart media audio",
        run=restart,
        arguments=_arguments,
    )
}
