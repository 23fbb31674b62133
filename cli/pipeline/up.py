"""`partyline up`."""

from __future__ import annotations

import argparse
import asyncio
import math
import signal
import sys
import time
from typing import TextIO

from cli.pipeline import leave_after_stop, unattended
from cli.pipeline.down import wait_gone
from cli.pipeline.foreground import EndedElsewhere, Foreground, Stopped, signals
from cli.pipeline.launch import SupervisordChild, in_background
from cli.pipeline.progress import Line, Progress
from cli.pipeline.startup import wait_up
from cli.pipeline.views import report_view
from cli.shared import guide, started
from cli.shared import supervisor as supervisors
from cli.shared.bus_state import BusState
from cli.shared.command import Command, conf_option, json_option, seconds
from cli.shared.connect import listens, open_bus, run, snapshot
from cli.shared.failures import INTERRUPTED, OK, CommandError
from cli.shared.supervisor import Supervisor, conf_file
from cli.shared.terminal import Style, echo, echo_json, span
from common.bus import Bus
from common.config.settings import load
from common.config.tables import Settings
from common.files.paths import Paths
from common.messages import AuthState, MixerState, PartyState, Problem
from common.messages.wire import Header, Received
from common.system import local_network

BROKER_S = 5.0
DEMO_PARTY_S = 5.0


def up(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    if args.service:
        return unattended.up(paths, args.conf)
    settings = load(paths)
    found = supervisors.find(paths, args.conf) or _starting_elsewhere(paths, args.conf)
    if found and found.stopping():
        wait_gone(found)
        found = None
    if found:
        _belongs_here(paths)
    if not found:
        _ask_for_local_network(settings)
    if args.seconds:
        return run(_foreground(args, paths, settings, found))
    if found:
        echo("The pipeline is already running. `partyline status` shows its state. `partyline down` stops it.")
        return OK
    if args.foreground:
        return run(_foreground(args, paths, settings, None))
    return _background(args, paths, settings)


def _starting_elsewhere(paths: Paths, conf: str) -> Supervisor | None:
    """Return the supervisord that another command is starting, once it answers.

    Raises `CommandError` if there is one that does not.
    """
    begun = started.last(paths)
    if begun is None:
        return None
    echo("Another command has started the pipeline, which does not answer yet. Waiting for it …", sys.stderr)
    found = begun.wait_for_answer(lambda: supervisors.find(paths, conf))
    if found is None and begun.is_there:
        raise CommandError(
            f"The supervisord that was started last (process {begun.pid}) does not answer.",
            "End it with `partyline down`, then try again.",
        )
    return found


def _ask_for_local_network(settings: Settings) -> None:
    """Let macOS ask its question about the local network now, while somebody sits here."""
    if settings.psn.realm == "playstation" and local_network.ask():
        echo("macOS may ask whether your terminal may find devices in the local network. Allow it.")
        echo("Without it, consoles in your own network are not heard.")


def _belongs_here(paths: Paths) -> None:
    """Raise `CommandError` if the running supervisord serves another home than `paths`."""
    deadline = time.monotonic() + BROKER_S
    while not listens(paths, "broker"):
        if time.monotonic() > deadline:
            raise CommandError(
                f"supervisord is already running, but there is no broker in {paths.home}.",
                "supervisord may serve another $PARTYLINE_HOME, or its broker fails (see `partyline logs broker`). "
                "Stop it with `partyline down`.",
            )
        time.sleep(0.1)


# --- in the background -------------------------------------------------------------------------------


def _background(args: argparse.Namespace, paths: Paths, settings: Settings) -> int:
    style = Style.of(sys.stdout)
    echo(style(f"Starting the pipeline with {_realm(settings)} …", "bold"))
    began = time.monotonic()
    found = in_background(conf_file(paths, args.conf), paths, lambda: supervisors.find(paths, args.conf))
    run(_until_up(paths, found, style))
    echo(style(f"  Every worker is running after {time.monotonic() - began:.1f} s.", "green"))
    echo()
    for line in _next_steps(settings, foreground=False):
        echo(line)
    for line in guide.at_start(paths, settings.dashboard, wanted=not args.no_browser):
        echo(line)
    return OK


async def _until_up(paths: Paths, found: Supervisor, style: Style) -> None:
    async with open_bus(paths) as bus:
        bus_state = await _with_demo_party(bus, await wait_up(bus, found))
    progress = Progress()
    header = Header(sender="cli", boot="", seq=0, at=0.0)
    lines: list[Line] = []
    for cls in (AuthState, PartyState, MixerState, Problem):
        for message in bus_state.all(cls).values():
            lines += progress.on_message(Received(topic=message.topic(), header=header, message=message))
    for line in lines + progress.poll(math.inf):
        echo("  " + _toned(line, style))


async def _with_demo_party(bus: Bus, bus_state: BusState) -> BusState:
    """Wait briefly for the demo party, so that `up` can list its members."""
    deadline = time.monotonic() + DEMO_PARTY_S
    while bus_state.realm != "playstation" and len(bus_state.members()) < 2 and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        bus_state = await snapshot(bus)
    return bus_state


# --- in the foreground -------------------------------------------------------------------------------


async def _foreground(args: argparse.Namespace, paths: Paths, settings: Settings, found: Supervisor | None) -> int:
    stream = sys.stderr if args.json else sys.stdout
    style = Style.of(stream)
    _opening(args, settings, found, style, stream)
    is_shown = not (args.no_browser or args.seconds or args.json)
    follow = Foreground(
        paths,
        lambda line: _echo_line(line, style, stream),
        args.conf,
        fresh=found is None,
        on_up=lambda: guide.at_start(paths, settings.dashboard, wanted=is_shown),
    )
    async with signals() as stop:
        child = None if found else await SupervisordChild.start(conf_file(paths, args.conf), paths)
        try:
            report = await follow.run(child, stop, args.seconds, args.unheard)
        except Stopped as stopped:
            return _after(stopped, args.seconds)
        except EndedElsewhere:
            if args.seconds:
                raise CommandError(
                    "The pipeline was stopped before the time limit.", "Start it again with `partyline up`."
                ) from None
            echo("The pipeline was stopped.", stream)
            return OK
        else:
            if args.json:
                echo_json(report)
            else:
                for line in report_view.lines(report, style):
                    echo(line)
            return OK
        finally:
            if child:
                try:
                    echo(style("\nLeaving the party and stopping the pipeline …", "dim"), stream)
                finally:  # also when the output is closed
                    await child.stop()
                for line in await asyncio.to_thread(leave_after_stop.leave, paths):
                    echo(line, stream)
                echo(style("Stopped.", "dim"), stream)


def _after(stopped: Stopped, listen_s: float) -> int:
    if stopped.number == signal.SIGINT:
        return INTERRUPTED
    if listen_s:
        raise CommandError(
            f"{stopped.number.name} stopped the command before the time limit.", "Start it again with `partyline up`."
        )
    return OK


def _opening(
    args: argparse.Namespace, settings: Settings, found: Supervisor | None, style: Style, stream: TextIO
) -> None:
    if found:
        echo(style("The pipeline is already running. Listening to it …\n", "bold"), stream)
        return
    echo(style(f"Starting the pipeline with {_realm(settings)} …", "bold"), stream)
    if args.seconds:
        echo(f"It listens for {span(args.seconds)} from the first voice on, prints a report, and stops.", stream)
    else:
        for line in _next_steps(settings, foreground=True):
            echo(line, stream)
    echo("", stream)


def _echo_line(line: Line, style: Style, stream: TextIO) -> None:
    echo(f"  {style(time.strftime('%H:%M:%S'), 'dim')}  {_toned(line, style)}", stream)


def _toned(line: Line, style: Style) -> str:
    tone, text = line
    return style(text, {"good": "green", "bad": "yellow", "dim": "dim"}.get(tone, ""))


def _realm(settings: Settings) -> str:
    if settings.psn.realm == "simulator":
        return "the simulator and its demo party"
    return "PlayStation Network"


def _next_steps(settings: Settings, *, foreground: bool) -> list[str]:
    join = settings.psn.realm == "playstation"
    steps = [
        ("partyline", "open the guide in your browser: account, party, OBS"),
        ("partyline status", "show who speaks and the state of each connection"),
        ("partyline join LINK", "join a party") if join else ("partyline login", "sign in to PlayStation Network"),
        ("Ctrl-C", "leave the party and stop") if foreground else ("partyline down", "leave the party and stop"),
    ]
    lead = "In another terminal:" if foreground else "Next steps:"
    return [lead, *(f"  {what:<21}{why}" for what, why in steps)]


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--foreground",
        action="store_true",
        help="stay in the foreground, print progress, and stop the pipeline with this command",
    )
    parser.add_argument(
        "--for",
        dest="seconds",
        metavar="SECONDS",
        type=seconds,
        default=0.0,
        help="in the foreground: listen for this time from the first voice on, report who was heard, and stop. "
        "A pipeline that was already running keeps running",
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="do not open the guide ([dashboard] open_browser = false: never)"
    )
    parser.add_argument(
        "--service",
        action="store_true",
        help="run as `partyline service` does: in the foreground, with the output of a log. Exit code 78 says that "
        "a person has to mend something",
    )
    parser.add_argument("--unheard", type=seconds, default=60.0, help=argparse.SUPPRESS)
    json_option(parser)
    conf_option(parser)


COMMANDS = {
    "up": Command(
        description="Start the pipeline under supervisord. It runs in the background until `partyline down`, or with\n"
        "--foreground until Ctrl-C. --json prints the report of --for as JSON.",
        example="partyline up --for 30",
        run=up,
        arguments=_arguments,
    )
}
