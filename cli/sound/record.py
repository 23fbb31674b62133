"""`partyline record`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cli.shared.command import Command, json_option, part
from cli.shared.connect import ask, connect, must_run, run
from cli.shared.failures import OK, CommandError
from cli.shared.output import Style, Table, counted, megabytes, printable, say, say_json, span
from common.messages import Recording
from common.requests import MarkRecording, Request, StartRecording, StopRecording

ANSWER_S = 10.0
FINISH_S = 30.0
"""Finishing the files needs a moment; a slow disk needs some more."""


def record(args: argparse.Namespace) -> int:
    status: int = args.do(args)
    return status


async def _ask(request: Request[Recording], wait_s: float) -> Recording:
    async with connect() as (bus, _):
        return await ask(bus, request, wait_s)


def start(args: argparse.Namespace) -> int:
    found = run(_ask(StartRecording(name=args.name), ANSWER_S))
    if args.json:
        say_json(found)
        return OK
    say(f"Recording into {printable(found.folder)}.")
    say("Everybody in the party has to know of it. `partyline record stop` ends it.")
    return OK


def stop(args: argparse.Namespace) -> int:
    found = run(_ask(StopRecording(), FINISH_S))
    if args.json:
        say_json(found)
        return OK
    files = counted(len(found.talkers), "talker")
    say(f"Recorded {span(found.seconds)} of {files}, {megabytes(found.size_bytes)}, in {printable(found.folder)}.")
    return OK


def mark(args: argparse.Namespace) -> int:
    found = run(_ask(MarkRecording(text=" ".join(args.text)), ANSWER_S))
    if args.json:
        say_json(found)
        return OK
    say(f"Mark {found.marks} is at {span(found.seconds)}.")
    return OK


def status(args: argparse.Namespace) -> int:
    found = run(_status())
    if args.json:
        say_json(found)
        return OK
    for line in lines(found):
        say(line)
    return OK


async def _status() -> Recording:
    async with connect() as (_, picture):
        must_run(picture, "recorder")
        found = picture.one(Recording)
    if found is None:
        raise CommandError("The recorder has not said anything yet.", "See `partyline status` for how it is.")
    return found


def lines(found: Recording) -> list[str]:
    """Return what `partyline record status` shows."""
    if found.state != "recording":
        why = f" It ended by itself: {printable(found.detail)}." if found.state == "stopped" else ""
        last = f" The last recording is in {printable(found.folder)}." if found.folder else ""
        return [f"Nothing is being recorded.{why}{last}"]
    names = [[printable(talker.online_id or talker.account_id), printable(talker.file)] for talker in found.talkers]
    out = [
        f"Recording for {span(found.seconds)} into {printable(found.folder)}.",
        f"{megabytes(found.size_bytes)} so far, {megabytes(found.free_bytes)} free, {counted(found.marks, 'mark')}.",
    ]
    if found.detail:
        out.append(f"{printable(found.detail[:1].upper() + found.detail[1:])}.")
    return out + (Table(["TALKER", "FILE"], names).lines(Style.of(sys.stdout)) if names else [])


def mend(args: argparse.Namespace) -> int:
    from workers.recorder.repair import repair  # noqa: PLC0415  # loads the decoder

    report = repair(Path(args.folder).expanduser())
    if args.json:
        say_json({"seconds": report.seconds, "files": [_as_data(mended) for mended in report.files]})
    else:
        rows = [
            [printable(m.file), f"{m.added_s:.1f} s", f"{m.cut_bytes} bytes", m.fault or "whole"] for m in report.files
        ]
        say("\n".join(Table(["FILE", "SILENCE ADDED", "CUT OFF", ""], rows, "lrrl").lines(Style.of(sys.stdout))))
        say(f"Each file is {span(report.seconds)} long.")
    if broken := [mended.file for mended in report.files if mended.fault]:
        raise CommandError(
            f"{counted(len(broken), 'file')} could not be finished: {', '.join(printable(file) for file in broken)}.",
            "The others are finished. An editor may still read what there is.",
        )
    return OK


def _as_data(mended: object) -> dict[str, object]:
    return {name: getattr(mended, name) for name in ("file", "seconds", "added_s", "cut_bytes", "fault")}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="what to do", metavar="WHAT", required=True)
    one = part(parts, "start", "record every talker into a file of their own, from now on", start)
    json_option(one)
    one.add_argument("--name", default="", metavar="NAME", help="added to the folder's name")
    json_option(part(parts, "stop", "end the recording and finish its files", stop))
    one = part(parts, "mark", "put a mark at this moment, for the editor", mark)
    json_option(one)
    one.add_argument("text", nargs="*", metavar="TEXT", help="what the mark says")
    json_option(part(parts, "status", "show what is being recorded, and where", status))
    one = part(parts, "repair", "finish a recording that broke off; needs no running pipeline", mend)
    json_option(one)
    one.add_argument("folder", metavar="FOLDER", help="the recording's folder")


COMMANDS = {
    "record": Command(
        description=(
            "Record the party: a FLAC file a talker, and the mix with your gains, mutes and levelling; all of one\n"
            "length and in step to the sample, whatever the delay that you set;\n"
            "session.json with who was there when, marks and gaps; labels.txt and speech.txt for Audacity\n"
            "(File > Import > Labels).\n\n"
            "The files stay on this machine. They can be read at any moment, also after a crash. In many places\n"
            "the law wants everybody's consent before a conversation is recorded: ask first."
        ),
        example="partyline record start --name 'Friday raid'",
        run=record,
        arguments=_arguments,
    )
}
