"""`partyline status`."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import Sequence
from typing import Any

from cli.pipeline.views import status_view
from cli.shared import far
from cli.shared import supervisor as supervisors
from cli.shared.bus_state import BusState, plain
from cli.shared.command import Command, json_option
from cli.shared.connect import connect, run, snapshot
from cli.shared.failures import OK, CommandError
from cli.shared.supervisor import Process
from cli.shared.terminal import Style, echo, echo_json
from common.bus import Bus
from common.bus.retained import standing
from common.errors import BusUnreachableError
from common.files.paths import Paths
from common.messages import (
    AuthState,
    ClipState,
    Following,
    Message,
    MixerState,
    ObsState,
    PartyState,
    PeerState,
    Problem,
    PushState,
    Recording,
    Speaking,
    WorkerHealth,
)

INTERVAL_S = 1.0
_CLEAR = "\x1b[H\x1b[J"


def status(args: argparse.Namespace) -> int:
    return run(_status(args))


async def _status(args: argparse.Namespace) -> int:
    async with connect() as (bus, bus_state):
        await _show(bus_state, args)
        while args.watch:
            await asyncio.sleep(INTERVAL_S)
            await _refresh(bus, args)
    return OK


async def _processes() -> list[Process]:
    """Return what supervisord knows; nothing where the workers run without one."""
    found = None if far.machine() else await asyncio.to_thread(supervisors.find, Paths.of_environment())
    if found is None:
        return []
    try:
        return await asyncio.to_thread(found.processes)
    except CommandError:
        return []  # on its way down


async def _refresh(bus: Bus, args: argparse.Namespace) -> None:
    try:
        bus_state = await snapshot(bus)
    except BusUnreachableError as error:
        echo(f"{error.message} Trying again …", sys.stderr)
        return
    await _show(bus_state, args)


async def _show(bus_state: BusState, args: argparse.Namespace) -> None:
    processes = await _processes()
    if args.json:
        echo_json(as_data(bus_state, far.now(), far.boot_clock(), processes), compact=args.watch)
        return
    lines = status_view.lines(
        bus_state, far.now(), far.boot_clock(), Style.of(sys.stdout), _terminal_width(), processes
    )
    if args.watch and sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
    echo("\n".join([*lines, ""] if args.watch else lines))


def _terminal_width() -> int:
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 200


def as_data(bus_state: BusState, now: float, clock: float, processes: Sequence[Process] = ()) -> dict[str, Any]:
    """Return the state for `--json`: the bus messages as they are, grouped, and supervisord's word on each process."""

    def single(cls: type[Message]) -> Message | None:
        return bus_state.one(cls)

    def many(cls: type[Message]) -> list[Any]:
        return plain(bus_state.all(cls))

    stale = sorted(h.worker for h in bus_state.all(WorkerHealth).values() if standing(h, clock) == "silent")
    return {
        "at": now,
        "realm": bus_state.realm,
        "auth": single(AuthState),
        "push": single(PushState),
        "party": single(PartyState),
        "following": single(Following),
        "mixer": single(MixerState),
        "recording": single(Recording),
        "obs": single(ObsState),
        "clip": single(ClipState),
        "peers": many(PeerState),
        "speaking": [s for s in many(Speaking) if s.speaking],
        "workers": many(WorkerHealth),
        "stale_workers": stale,
        "processes": {process.name: process.state for process in processes},
        "problems": many(Problem),
    }


def _arguments(parser: argparse.ArgumentParser) -> None:
    json_option(parser)
    parser.add_argument("--watch", action="store_true", help="refresh every second until Ctrl-C")


COMMANDS = {
    "status": Command(
        description="Show the sign-in, the party, who speaks, how each voice arrives, workers and open problems.\n\n"
        "DELAY is measured from a packet's arrival to the ear. CONCEALED is sound made up for lost packets.\n"
        "GAPS is sound that was missing in the mix.",
        example="partyline status --watch",
        run=status,
        arguments=_arguments,
    )
}
