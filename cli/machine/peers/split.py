"""`partyline split`: the workers of one pipeline on two paired machines."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from typing import Any, get_args

from cli.shared import supervisor as supervisors
from cli.shared.bus_state import BusState
from cli.shared.command import Command, json_option
from cli.shared.connect import CHANGE_S, listens, open_bus, run, snapshot
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.supervisor import Supervisor
from cli.shared.terminal import echo, echo_json, printable
from common.basic import division as divisions
from common.basic.division import Division
from common.bus import Bus
from common.bus.peers import keyring
from common.bus.peers.far_site import FarSite
from common.bus.peers.far_voices import Carriage
from common.bus.peers.keyring import PairedMachine
from common.bus.split.link_frames import Wish
from common.config import edit, settings
from common.errors import BusUnreachableError, PartylineError
from common.files.paths import Paths
from common.messages import PartyState, WorkerHealth
from common.requests import LeaveParty
from common.run.process import running_workers

ASK_S = 10.0
"""Limit for the other machine's answer. It writes a file."""
LINK = "link"
OFF: Mapping[str, Any] = dict.fromkeys(("machine", "side", "desk"))


def execute(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    paths.make()
    if args.off and (args.machine or args.here):
        raise UsageError("--off goes alone.", "Run `partyline split --off`.")
    if args.off:
        run(_off(paths))
    elif args.machine:
        run(_split(paths, args.machine, args.here, args.carriage))
    elif args.here or args.carriage:
        raise UsageError("The other machine is missing.", "Example: `partyline split studio-mini`.")
    else:
        run(_show(paths, as_json=args.json))
    return OK


# --- show ------------------------------------------------------------------------------------------------


async def _show(paths: Paths, *, as_json: bool) -> None:
    division = settings.load(paths).split.division()
    link = (await _state(paths)).of(WorkerHealth, LINK if division and division.at_desk else "gate")
    if as_json:
        echo_json(_as_data(division, link))
        return
    if division is None:
        echo("Every worker runs on this machine.")
        echo("With a machine that was paired by `partyline pair --right worker`: `partyline split MACHINE`.")
        return
    echo(f"This machine is the {division.side}{' machine' if division.side == 'spare' else ''}.")
    echo(f"Here run: {_list(division.here)}.")
    echo(f"On {printable(division.machine)} run: {_list(division.there)}.")
    if division.at_desk:
        said = ", ".join(filter(None, (link.detail, link.facts.get("way", "")))) if link else ""
        echo(f"The link is {link.state}: {printable(said)}." if link else "The link does not run.")


def _as_data(division: Division | None, link: WorkerHealth | None) -> dict[str, Any]:
    if division is None:
        return {"machine": "", "side": "", "here": [], "there": [], "link": None}
    return {
        "machine": division.machine,
        "side": division.side,
        "here": sorted(division.here),
        "there": sorted(division.there),
        "link": link if division.at_desk else None,
    }


def _list(programs: frozenset[str]) -> str:
    order = (*divisions.OF_THE_PARTY, *divisions.MOVABLE)
    return ", ".join(sorted(programs, key=order.index)) or "nothing"


# --- change ----------------------------------------------------------------------------------------------


async def _split(paths: Paths, machine: str, here: str, carriage: Carriage | None) -> None:
    ring = await asyncio.to_thread(keyring.loaded_or_new, paths)
    peer = ring.named(machine)
    site = FarSite(peer.reached_at(), ring.own, peer.public)
    wanted = [name.strip() for name in here.split(",") if name.strip()] or divisions.MOVABLE
    desk = divisions.completed(wanted)
    values: dict[str, Any] = {"machine": peer.name, "side": "desk", "desk": list(desk)}
    if carriage:
        values["carriage"] = carriage
    text = edit.with_values(edit.read(paths), "split", values)
    settings.of_text(text, str(paths.settings_file))
    await _tell(site, peer, Wish(desk=desk))
    await _leave_own_party(paths)
    _write(paths, text)
    division = settings.load(paths).split.division()
    if division is None or (division.machine, division.desk) != (peer.name, frozenset(desk)):
        raise CommandError(
            "The environment sets PARTYLINE_SPLIT__…, and it wins over the settings file.",
            "Unset it (also for the running pipeline: `partyline down`), then try again.",
        )
    echo(f"{printable(peer.name)} is in the party from now on: {_list(division.there)} run there.")
    echo(f"Here run: {_list(division.here)}.")
    echo(await asyncio.to_thread(_move, paths, division))


async def _off(paths: Paths) -> None:
    division = settings.load(paths).split.division()
    if division is None:
        echo("Every worker runs on this machine already.")
        return
    text = edit.with_values(edit.read(paths), "split", OFF)
    name = printable(division.machine)
    told = f"On {name}, run `partyline split --off` too."
    if division.at_desk:
        try:
            ring = await asyncio.to_thread(keyring.loaded_or_new, paths)
            peer = ring.named(division.machine)
            await _tell(FarSite(peer.reached_at(), ring.own, peer.public), peer, Wish(desk=()))
            told = f"{name} runs everything too, and stays in its party."
        except PartylineError as error:
            echo(f"{name} was not told: {error.message}", sys.stderr)
    _write(paths, text)
    echo(f"Every worker runs on this machine again. {told}")
    echo(await asyncio.to_thread(_move, paths, None))


async def _tell(site: FarSite, peer: PairedMachine, wish: Wish) -> None:
    bus = Bus("cli", site)
    try:
        await bus.divide(wish, ASK_S)
    except BusUnreachableError as error:
        raise CommandError(
            f"{printable(peer.name)} does not answer.",
            "Is partyline running there, and is it awake and in this network?",
        ) from error
    except PartylineError as error:
        if error.code != "peers.not-allowed":
            raise
        raise CommandError(
            f"{printable(peer.name)} does not let this machine run workers for it.",
            "Pair them anew: `partyline pair --right worker` there, then `partyline pair CODE` here.",
        ) from error
    finally:
        await bus.close()


async def _leave_own_party(paths: Paths) -> None:
    """Leave the party that this machine is in by itself, since its session ends. Raises `PartylineError`."""
    division = settings.load(paths).split.division()
    state = await _state(paths)
    party = state.one(PartyState)
    if (division is None or division.is_here("session")) and party is not None and party.phase != "none":
        async with open_bus(paths) as bus:
            await bus.request(LeaveParty(), CHANGE_S)
        echo("The party that this machine was in was left.")


async def _state(paths: Paths) -> BusState:
    """Return what the broker here retains, nothing without one."""
    if not listens(paths, "broker"):
        return BusState()
    async with open_bus(paths) as bus:
        try:
            return await snapshot(bus, wait_s=2.0)
        except BusUnreachableError:
            return BusState()


def _write(paths: Paths, text: str) -> None:
    try:
        edit.write(paths, text)
    except OSError as error:
        raise CommandError(
            f"{paths.settings_file} cannot be written: {error.strerror or error}.",
            "Make room on the disk or correct the permissions, then try again.",
        ) from error


def _move(paths: Paths, division: Division | None) -> str:
    """Have a running pipeline follow. Return a sentence."""
    found: Supervisor | None = supervisors.find(paths)
    if found is None:
        return "It holds from the next `partyline up` on."
    found.stop(LINK)  # it has the sockets of workers that may come back
    is_here = division.is_here if division is not None else lambda _: True
    moved = found.settle(is_here, running_workers(paths.run))
    found.start(LINK)
    return f"Restarted for it: {', '.join(moved)}." if moved else "Nothing had to be restarted."


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("machine", nargs="?", default="", metavar="MACHINE", help="the paired machine for the party")
    parser.add_argument(
        "--here", default="", metavar="WORKERS",
        help=f"what runs here, parted by commas, of {', '.join(divisions.MOVABLE)} (default: all of them)",
    )  # fmt: skip
    parser.add_argument("--carriage", choices=get_args(Carriage), help="how the voices come: pcm (default), or opus")
    parser.add_argument("--off", action="store_true", help="run everything on this machine again")
    json_option(parser)


COMMANDS = {
    "split": Command(
        description="Let two paired machines be one pipeline. MACHINE, which was paired by `partyline pair --right "
        "worker`,\nis in the party and signed in. The sound, recordings, pages and OBS are here. Both are told.\n"
        "Without MACHINE it shows what runs where.",
        example="partyline split studio-mini",
        run=execute,
        arguments=_arguments,
    ),
}
