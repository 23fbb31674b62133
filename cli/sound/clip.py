"""`partyline clip`."""

from __future__ import annotations

import argparse

from cli.shared.command import Command, json_option
from cli.shared.connect import ask_once, run
from cli.shared.failures import OK
from cli.shared.terminal import counted, echo, echo_json, megabytes, printable, span
from common.basic.values import LEAST_CLIP_S, ClipSeconds, range_of
from common.messages import ClipState
from common.requests import KeepClip, SaveClip

ANSWER_S = 10.0
SAVE_S = 30.0
"""Time limit of writing the files, chosen for a slow disk."""
MOST_S = int(range_of(ClipSeconds).most)


def clip(args: argparse.Namespace) -> int:
    if args.keep is not None:
        return _keep(args)
    saved = run(ask_once(SaveClip(seconds=args.seconds or 0), SAVE_S))
    if args.json:
        echo_json(saved)
        return OK
    talkers = counted(saved.talkers, "talker")
    echo(f"Saved {span(saved.seconds)} of {talkers}, {megabytes(saved.size_bytes)}, in {printable(saved.folder)}.")
    echo("A copy to share, clip.m4a, follows within seconds.")
    return OK


def _keep(args: argparse.Namespace) -> int:
    found: ClipState = run(ask_once(KeepClip(seconds=args.keep), ANSWER_S))
    if args.json:
        echo_json(found)
        return OK
    if not found.seconds:
        echo("Nothing is kept in memory any more.")
        return OK
    echo(f"The last {found.seconds} s are kept in memory from now on. `partyline clip` saves them.")
    echo("Tell everybody in the party.")
    return OK


def _seconds(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds from 1 to {MOST_S}")
    return int(text)


def _kept(text: str) -> int:
    if not text.isdecimal() or not (int(text) == 0 or LEAST_CLIP_S <= int(text) <= MOST_S):
        raise argparse.ArgumentTypeError(f"{text!r} is neither 0 nor a number from {LEAST_CLIP_S} to {MOST_S}")
    return int(text)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "seconds", nargs="?", type=_seconds, metavar="SECONDS", help="how much to save (default: all that is kept)"
    )
    parser.add_argument(
        "--keep",
        type=_kept,
        metavar="SECONDS",
        help="keep that much in memory from now on (30 to 300), or 0 for nothing",
    )
    json_option(parser)


COMMANDS = {
    "clip": Command(
        description=(
            "Save the last seconds: a FLAC file for each talker and the mix, like a recording, and a copy to share\n"
            "(clip.m4a, clip.mp4). It works while nothing is recorded.\n\n"
            "Nothing is kept until you ask for it with --keep, which is remembered. What is kept is in memory only,\n"
            "and gone with the pipeline. In many places the law requires everybody's consent before a conversation\n"
            "is recorded, and this is recording. Ask first."
        ),
        example="partyline clip 30",
        run=clip,
        arguments=_arguments,
    )
}
