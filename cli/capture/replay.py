"""`partyline capture replay` and `compare`, which compare our client with a capture that answers it."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

import msgspec

from captures import calls, folder
from captures.model import Capture
from captures.replay.server import ReplayServer, info_of, serving
from captures.scrub.http import scrub
from captures.tell.compare import Difference, compare, notes
from cli.capture.replay_client import LINK, act, steps, urls
from cli.shared.command import json_option
from cli.shared.connect import run
from cli.shared.failures import OK, CommandError
from cli.shared.output import Style, Table, counted, printable, say, say_json
from common.files.paths import write_atomically
from common.psn.http.endpoints import SimulatorInfo


def replay(args: argparse.Namespace) -> int:
    capture = _read(args.folder)
    info_file = Path(args.info).expanduser() if args.info else None
    try:
        run(_serve(capture, args.port, info_file))
    finally:
        if info_file:
            info_file.unlink(missing_ok=True)
    return OK


async def _serve(capture: Capture, port: int, info_file: Path | None) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    server = ReplayServer(capture)
    try:
        async with serving(server, port) as base:
            info = _info(capture, base)
            say(f"The capture answers at {base}:")
            for key, value in urls(info).items():
                say(f"  {key:<32} {value}")
            if info_file:
                write_atomically(info_file, msgspec.json.encode(info))
                say(f"also in {info_file}, as a simulator tells it")
            say("Ctrl-C ends it.")
            await stopping.wait()
    except OSError as error:
        raise CommandError(f"It cannot listen there: {error.strerror}.", "Give another --port, or none.") from error
    say(f"{counted(len(server.asked), 'call')} came.")
    for name in dict.fromkeys(server.unknown):
        say(f"  not in the capture: {printable(name)}")


def check(args: argparse.Namespace) -> int:
    app = _read(args.folder)
    ours, failed = run(_ours(app))
    if args.keep:
        folder.write(Path(args.keep).expanduser(), ours)
    found = compare(app, ours)
    if args.json:
        say_json({"differences": found, "failed": failed})
    else:
        _show(found, [*notes(app, ours), *(f"Our client failed: {printable(text)}" for text in failed)])
    if found or failed:
        raise CommandError(
            f"Our client differs from the capture in {counted(len(found), 'thing')}.",
            "What the app does counts: see notes/ for what relies on it.",
        )
    if not args.json:
        say(f"No difference in {counted(len(ours.exchanges), 'call')}.")
    return OK


async def _ours(app: Capture) -> tuple[Capture, list[str]]:
    """Return our client's calls when the capture answers, and what it failed to do."""
    server = ReplayServer(app)
    async with serving(server) as base:
        info = _info(app, base)
        failed = await act(server, steps(app, info), info)
    return scrub(server.asked, "live"), failed


def _show(found: list[Difference], more: list[str]) -> None:
    style = Style.of(sys.stdout)
    by_call: dict[str, list[Difference]] = {}
    for difference in found:
        by_call.setdefault(difference.call, []).append(difference)
    for call, some in by_call.items():
        say(style(printable(call), "bold"))
        rows = [[printable(d.what), printable(d.app) or "-", printable(d.ours) or "-"] for d in some]
        for line in Table(["WHAT", "THE APP", "WE"], rows).lines(style):
            say(line)
        say()
    for line in more:
        say(line)


def _read(place: str) -> Capture:
    capture, damage = folder.read(Path(place).expanduser())
    if not capture.exchanges:
        raise CommandError(f"{place} holds no exchange.", "Name a capture folder with something in it.")
    if damage or capture.about.damage:
        say(f"Mind that the capture is not whole: {damage or capture.about.damage}.", sys.stderr)
    return capture


def _info(capture: Capture, base: str) -> SimulatorInfo:
    named = [exchange.values[0] for exchange in capture.exchanges if calls.name_of(exchange) == LINK]
    return info_of(base, named[0] if named else "")


def replay_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--port", type=int, default=0, metavar="P", help="on 127.0.0.1 (default: any)")
    parser.add_argument("--info", metavar="FILE", help="write what a client needs to know, as a simulator does")


def compare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--keep", metavar="FOLDER", help="keep what our client asked, as a capture")
    json_option(parser)
