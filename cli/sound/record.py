"""`partyline record`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from cli.shared.command import Command, json_option, part
from cli.shared.connect import ask_once, connect, must_run, run
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import Style, Table, counted, echo, echo_json, megabytes, printable, span
from common.messages import Recording
from common.requests import MarkRecording, StartRecording, StopRecording

ANSWER_S = 10.0
FINISH_S = 30.0
"""Time limit of finishing the files, chosen for a slow disk."""


def record(args: argparse.Namespace) -> int:
    status: int = args.do(args)
    return status


def start(args: argparse.Namespace) -> int:
    found = run(ask_once(StartRecording(name=args.name), ANSWER_S))
    if args.json:
        echo_json(found)
        return OK
    echo(f"Recording into {printable(found.folder)}.")
    echo("Tell everybody in the party. `partyline record stop` ends the recording.")
    return OK


def stop(args: argparse.Namespace) -> int:
    found = run(ask_once(StopRecording(), FINISH_S))
    if args.json:
        echo_json(found)
        return OK
    files = counted(len(found.talkers), "talker")
    echo(f"Recorded {span(found.seconds)} of {files}, {megabytes(found.size_bytes)}, in {printable(found.folder)}.")
    return OK


def mark(args: argparse.Namespace) -> int:
    found = run(ask_once(MarkRecording(text=" ".join(args.text)), ANSWER_S))
    if args.json:
        echo_json(found)
        return OK
    echo(f"Mark {found.marks} was set at {span(found.seconds)}.")
    return OK


def status(args: argparse.Namespace) -> int:
    found = run(_status())
    if args.json:
        echo_json(found)
        return OK
    for line in lines(found):
        echo(line)
    return OK


async def _status() -> Recording:
    async with connect() as (_, bus_state):
        must_run(bus_state, "recorder")
        found = bus_state.one(Recording)
    if found is None:
        raise CommandError(
            "The recorder worker has not published its state yet.",
            "Try again in a few seconds, or see `partyline status`.",
        )
    return found


def lines(found: Recording) -> list[str]:
    """Return what `partyline record status` shows."""
    if found.state != "recording":
        why = f" It stopped by itself: {printable(found.detail)}." if found.state == "stopped" else ""
        last = f" The last recording is in {printable(found.folder)}." if found.folder else ""
        return [f"No recording is running.{last}{why}"]
    names = [[printable(talker.online_id or talker.account_id), printable(talker.file)] for talker in found.talkers]
    out = [
        f"Recording for {span(found.seconds)} into {printable(found.folder)}.",
        f"{megabytes(found.size_bytes)} so far, {megabytes(found.free_bytes)} free, {counted(found.marks, 'mark')}.",
    ]
    if found.detail:
        out.append(f"{printable(found.detail[:1].upper() + found.detail[1:])}.")
    return out + (Table(["TALKER", "FILE"], names).lines(Style.of(sys.stdout)) if names else [])


def repair(args: argparse.Namespace) -> int:
    from workers.recorder.repair import repair as repair_folder  # noqa: PLC0415  # loads the decoder

    report = repair_folder(Path(args.folder).expanduser())
    if args.json:
        echo_json({"seconds": report.seconds, "files": [_as_data(repaired) for repaired in report.files]})
    else:
        rows = [
            [printable(m.file), f"{m.added_s:.1f} s", f"{m.cut_bytes} bytes", m.fault or "whole"] for m in report.files
        ]
        echo("\n".join(Table(["FILE", "SILENCE ADDED", "CUT OFF", ""], rows, "lrrl").lines(Style.of(sys.stdout))))
        echo(f"Each file is {span(report.seconds)} long.")
    if broken := [repaired.file for repaired in report.files if repaired.fault]:
        raise CommandError(
            f"{counted(len(broken), 'file')} could not be repaired: {', '.join(printable(file) for file in broken)}.",
            "The others are repaired. An editor may still read the damaged ones in part.",
        )
    return OK


def _as_data(repaired: object) -> dict[str, object]:
    return {name: getattr(repaired, name) for name in ("file", "seconds", "added_s", "cut_bytes", "fault")}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    one = part(parts, "start", "start a recording with a separate file for each talker", start)
    json_option(one)
    one.add_argument("--name", default="", metavar="NAME", help="name to add to the folder's name")
    json_option(part(parts, "stop", "stop the recording and finish its files", stop))
    one = part(parts, "mark", "set a mark at this moment, for the editor", mark)
    json_option(one)
    one.add_argument("text", nargs="*", metavar="TEXT", help="text of the mark")
    json_option(part(parts, "status", "show the running recording and its files", status))
    one = part(parts, "repair", "repair a recording that was cut off (needs no pipeline)", repair)
    json_option(one)
    one.add_argument("folder", metavar="FOLDER", help="the recording's folder")


COMMANDS = {
    "record": Command(
        description=(
            "Record the party: a FLAC file for each talker, and the mix with your gains, mutes and levelling. All\n"
            "files have the same length and are aligned to the sample, whatever delay you set. session.json lists\n"
            "members with their times, marks and gaps. labels.txt and speech.txt are for Audacity\n"
            "(File > Import > Labels).\n\n"
            "The files stay on this machine. They are readable at any moment, also after a crash. In many places\n"
            "the law requires everybody's consent before a conversation is recorded. Ask first."
        ),
        example="partyline record start --name 'Friday raid'",
        run=record,
        arguments=_arguments,
    )
}
