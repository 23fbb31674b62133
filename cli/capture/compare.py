"""`partyline capture compare`, which compares our client's requests with the app's in a capture."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from captures import folder
from captures.model import Capture
from captures.replay.server import ReplayServer, serving
from captures.scrub.http import scrub
from captures.tell.compare import CaptureDifference, notes
from captures.tell.compare import compare as differences
from cli.capture.replay import read_capture, replay_info
from cli.capture.replay_client import act, steps
from cli.shared.command import json_option
from cli.shared.connect import run
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import Style, Table, counted, echo, echo_json, printable


def compare(args: argparse.Namespace) -> int:
    app = read_capture(args.folder)
    ours, failed = run(_ours(app))
    if args.keep:
        folder.write(Path(args.keep).expanduser(), ours)
    found = differences(app, ours)
    if args.json:
        echo_json({"differences": found, "failed": failed})
    else:
        _show(found, [*notes(app, ours), *(f"Our client failed: {printable(text)}" for text in failed)])
    if found or failed:
        raise CommandError(
            f"Our client differs from the capture in {counted(len(found), 'thing')}.",
            "Change our client to match the app. notes/ name the code that relies on each fact.",
        )
    if not args.json:
        echo(f"No difference in {counted(len(ours.exchanges), 'call')}.")
    return OK


async def _ours(app: Capture) -> tuple[Capture, list[str]]:
    """Return our client's calls when the capture answers, and what it failed to do."""
    server = ReplayServer(app)
    async with serving(server) as base:
        info = replay_info(app, base)
        failed = await act(server, steps(app, info), info)
    return scrub(server.asked, "live"), failed


def _show(found: list[CaptureDifference], more: list[str]) -> None:
    style = Style.of(sys.stdout)
    by_call: dict[str, list[CaptureDifference]] = {}
    for difference in found:
        by_call.setdefault(difference.call, []).append(difference)
    for call, some in by_call.items():
        echo(style(printable(call), "bold"))
        rows = [[printable(d.what), printable(d.app) or "-", printable(d.ours) or "-"] for d in some]
        for line in Table(["WHAT", "THE APP", "WE"], rows).lines(style):
            echo(line)
        echo()
    for line in more:
        echo(line)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help="the capture folder")
    parser.add_argument("--keep", metavar="FOLDER", help="write our client's requests to this folder, as a capture")
    json_option(parser)
