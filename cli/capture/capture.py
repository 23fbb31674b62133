"""`partyline capture`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from captures import folder
from captures.read.source import scrub_source
from captures.scrub.verify import Leak, verify
from captures.tell.report import report
from cli.capture import compare, replay, start
from cli.shared.command import Command, json_option, part
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import Style, Table, counted, echo, echo_json, printable
from common.files.paths import Paths, write_atomically

SHOWN = 40
"""Most findings that are listed. The rest is counted."""


def run(args: argparse.Namespace) -> int:
    status: int = args.do(args)
    return status


def scrub(args: argparse.Namespace) -> int:
    source = Path(args.file).expanduser()
    place = Path(args.out).expanduser() if args.out else Paths.of_environment().home / "captures" / source.stem
    capture = scrub_source(source)
    folder.write(place, capture)
    about = capture.about
    echo(f"{counted(about.exchanges, 'exchange')} and {counted(about.frames, 'WebSocket message')} are in {place}.")
    if about.other_hosts:
        echo(f"{counted(about.other_hosts, 'exchange')} with other hosts were omitted.")
    if about.damage:
        raise CommandError(f"{source} could only be read in part: {about.damage}.", f"The readable part is in {place}.")
    _refuse_leaks(place, verify(place))
    echo(f"`partyline capture report {place}` describes its contents.")
    return OK


def verify_folder(args: argparse.Namespace) -> int:
    place = Path(args.folder).expanduser()
    found = verify(place)
    if args.json:
        echo_json([{"where": f.where, "what": f.what, "shape": f.shape} for f in found])
    _refuse_leaks(place, found, listed=not args.json)
    if not args.json:
        echo(f"Nothing in {place} looks like personal data. Check it yourself before you share it.")
    return OK


def write_report(args: argparse.Namespace) -> int:
    place = Path(args.folder).expanduser()
    capture, damage = folder.read(place)
    text = report(capture, place.name)
    if args.out:
        target = Path(args.out).expanduser()
        try:
            write_atomically(target, text.encode())
        except OSError as error:
            raise CommandError(
                f"{target} cannot be written: {error.strerror}.", "Choose another file for --out."
            ) from error
        echo(f"The report is in {target}.")
    else:
        echo(text.rstrip())
    if damage:
        raise CommandError(f"{place} could only be read in part: {damage}.", "The report covers the readable part.")
    return OK


def _refuse_leaks(place: Path, found: list[Leak], *, listed: bool = True) -> None:
    if not found:
        return
    if listed:
        rows = [[printable(f.where), f.what, printable(f.shape)] for f in found[:SHOWN]]
        for line in Table(["WHERE", "WHAT", "SHAPE"], rows).lines(Style.of(sys.stdout)):
            echo(line)
    more = f" ({len(found) - SHOWN} are not listed)" if listed and len(found) > SHOWN else ""
    raise CommandError(
        f"{counted(len(found), 'value')} in {place} may be personal data{more}.",
        "Do not share the folder. Scrub the source again, and report the shapes of the values.",
    )


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    one = part(parts, "start", "record the app's traffic with a phone, and scrub it while it is written", start.start)
    start.arguments(one)
    one = part(parts, "scrub", "remove personal data from a HAR file, mitmproxy flow file or capture folder", scrub)
    one.add_argument("file", metavar="FILE", help="the recording")
    one.add_argument("--out", metavar="FOLDER", help="output folder (default: $PARTYLINE_HOME/captures/<name>)")
    one = part(parts, "verify", "search a capture folder for personal data", verify_folder)
    one.add_argument("folder", metavar="FOLDER", help="the capture folder")
    json_option(one)
    one = part(parts, "report", "describe a capture in Markdown, with what is new to the project", write_report)
    one.add_argument("folder", metavar="FOLDER", help="the capture folder")
    one.add_argument("--out", metavar="FILE", help="write the report to this file instead of the terminal")
    one = part(
        parts,
        "replay",
        "serve a capture on this machine in place of PlayStation's servers",
        replay.replay,
    )
    replay.arguments(one)
    one = part(
        parts,
        "compare",
        "run our client against a capture, and list the differences from the app's requests",
        compare.compare,
    )
    compare.arguments(one)


COMMANDS = {
    "capture": Command(
        description="Record the app's traffic without personal data, report it, and compare our client with it.",
        example="partyline capture start",
        run=run,
        arguments=_arguments,
    )
}
