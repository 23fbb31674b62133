"""`partyline capture replay`, and what it shares with `compare`."""

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
from cli.capture.replay_client import LINK, urls
from cli.shared.connect import run
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import counted, echo, printable
from common.files.paths import write_atomically
from common.psn.http.endpoints import SimulatorInfo


def replay(args: argparse.Namespace) -> int:
    capture = read_capture(args.folder)
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
            info = replay_info(capture, base)
            echo(f"The capture is served at {base}. Settings for a client:")
            for key, value in urls(info).items():
                echo(f"  {key:<32} {value}")
            if info_file:
                write_atomically(info_file, msgspec.json.encode(info))
                echo(f"The same information is in {info_file}.")
            echo("Ctrl-C ends it.")
            await stopping.wait()
    except OSError as error:
        raise CommandError(
            f"The server cannot listen on port {port}: {error.strerror}.", "Use another --port, or omit it."
        ) from error
    echo(f"{counted(len(server.asked), 'call')} arrived.")
    for name in dict.fromkeys(server.unknown):
        echo(f"  not in the capture: {printable(name)}")


def read_capture(place: str) -> Capture:
    """Return the capture in the folder `place`. Raises `CommandError` if it is empty."""
    capture, damage = folder.read(Path(place).expanduser())
    if not capture.exchanges:
        raise CommandError(f"{place} contains no exchange.", "Name a capture folder that is not empty.")
    if damage or capture.about.damage:
        echo(f"The capture is incomplete: {damage or capture.about.damage}.", sys.stderr)
    return capture


def replay_info(capture: Capture, base: str) -> SimulatorInfo:
    """Return the info file's contents for a replay of `capture` at the URL `base`."""
    named = [exchange.values[0] for exchange in capture.exchanges if calls.name_of(exchange) == LINK]
    return info_of(base, named[0] if named else "")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="the capture folder")
    parser.add_argument("--port", type=int, default=0, metavar="P", help="port on 127.0.0.1 (default: any free one)")
    parser.add_argument("--info", metavar="FILE", help="write the info file for a client, like the simulator's")
