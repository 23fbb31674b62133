"""`partyline capture`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from captures import folder
from captures.read.source import scrub_source
from captures.scrub.verify import Finding, verify
from captures.tell.report import report
from cli.capture import replay, start
from cli.shared.command import Command, json_option, part
from cli.shared.failures import OK, CommandError
from cli.shared.output import Style, Table, counted, printable, say, say_json
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
    say(f"{counted(about.exchanges, 'exchange')} and {counted(about.frames, 'WebSocket message')} are in {place}.")
    if about.other_hosts:
        say(f"{counted(about.other_hosts, 'exchange')} with other hosts than Sony's left out.")
    if about.damage:
        raise CommandError(
            f"{source} could be read in part only: {about.damage}.", f"What could be read is in {place}."
        )
    _refuse_leaks(place, verify(place))
    say(f"`partyline capture report {place}` tells what is in it.")
    return OK


def check(args: argparse.Namespace) -> int:
    place = Path(args.folder).expanduser()
    found = verify(place)
    if args.json:
        say_json([{"where": f.where, "what": f.what, "shape": f.shape} for f in found])
    _refuse_leaks(place, found, listed=not args.json)
    if not args.json:
        say(f"Nothing was found in {place} that looks real. Have a look yourself before you share it.")
    return OK


def tell(args: argparse.Namespace) -> int:
    place = Path(args.folder).expanduser()
    capture, damage = folder.read(place)
    text = report(capture, place.name)
    if args.out:
        target = Path(args.out).expanduser()
        try:
            write_atomically(target, text.encode())
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.", "Name another file.") from error
        say(f"The report is in {target}.")
    else:
        say(text.rstrip())
    if damage:
        raise CommandError(f"{place} could be read in part only: {damage}.", "The report tells of the rest.")
    return OK


def _refuse_leaks(place: Path, found: list[Finding], *, listed: bool = True) -> None:
    if not found:
        return
    if listed:
        rows = [[printable(f.where), f.what, printable(f.shape)] for f in found[:SHOWN]]
        for line in Table(["WHERE", "WHAT", "SHAPE"], rows).lines(Style.of(sys.stdout)):
            say(line)
    more = f", {len(found) - SHOWN} of them not listed" if listed and len(found) > SHOWN else ""
    raise CommandError(
        f"{counted(len(found), 'thing')} in {place} may be real{more}.",
        "Do not share it. Scrub the source again, and report what was found by its shape.",
    )


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="what to do", metavar="WHAT", required=True)
    one = part(parts, "start", "record the app's traffic with a phone, scrubbed while it is written", start.start)
    start.arguments(one)
    one = part(
        parts, "scrub", "take everything personal out of a HAR file, mitmproxy flow file or capture folder", scrub
    )
    one.add_argument("file", metavar="FILE", help="what was recorded")
    one.add_argument("--out", metavar="FOLDER", help="where to (default: captures/<name> in $PARTYLINE_HOME)")
    one = part(parts, "verify", "look for anything personal that may be left in a capture folder", check)
    one.add_argument("folder", metavar="FOLDER")
    json_option(one)
    one = part(parts, "report", "write down (Markdown) what a capture says, and what of it is new to the project", tell)
    one.add_argument("folder", metavar="FOLDER")
    one.add_argument("--out", metavar="FILE", help="write it there instead of on the terminal")
    one = part(
        parts,
        "replay",
        "let a capture answer on this machine, as if it were PlayStation's servers",
        replay.replay,
    )
    replay.replay_arguments(one)
    one = part(
        parts,
        "compare",
        "run our client against a capture, and tell where its requests differ from the app's",
        replay.check,
    )
    replay.compare_arguments(one)


COMMANDS = {
    "capture": Command(
        description="Record the official app without yourself in it, turn that into facts, hold our client against it.",
        example="partyline capture start",
        run=run,
        arguments=_arguments,
    )
}
