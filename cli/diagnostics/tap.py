"""`partyline tap`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.diagnostics import tap_audio, tap_live, tap_replay
from cli.shared.command import Command, seconds
from cli.shared.connect import connect, run
from cli.shared.failures import INTERRUPTED, OK, UsageError
from cli.shared.terminal import echo
from common.files.paths import Paths
from common.messages import BY_TOPIC

MOST_SPEED = 1000.0


def tap(args: argparse.Namespace) -> int:
    if bool(args.audio) != bool(args.wav):
        raise UsageError(
            "partyline tap: --audio MEMBER and --wav FILE need each other.",
            "Use both: `partyline tap --audio Bo-Streams --wav bo.wav`.",
        )
    if args.audio:
        return _tap_audio(args)
    _check(args.topic)
    if args.replay and args.record:
        raise UsageError("partyline tap: --replay and --record exclude each other.", "Use one of them.")
    try:
        if args.replay:
            return tap_replay.replay(args)
        return run(tap_live.record(args) if args.record else tap_live.tap(args))
    except KeyboardInterrupt:
        return INTERRUPTED


def _check(topics: Sequence[str]) -> None:
    for topic in topics:
        if not any(known.startswith(topic) or topic.startswith(f"{known}/") for known in BY_TOPIC):
            raise UsageError(f"No topic begins with {topic!r}.", f"Topics: {', '.join(BY_TOPIC)}.")


def _tap_audio(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    peer, name = run(_resolve(args.audio))
    file = Path(args.wav).expanduser()
    interrupted = False
    with tap_audio.recording(file, paths, peer) as recorder:
        echo(f"Writing the voice of {name} to {file}{'' if args.seconds else ' until Ctrl-C'} …", sys.stderr)
        try:
            recorder.run(args.seconds)
        except KeyboardInterrupt:
            interrupted = True
    echo(recorder.summary(name, file))
    return INTERRUPTED if interrupted else OK


async def _resolve(member: str) -> tuple[str, str]:
    async with connect() as (_, bus_state):
        peer = bus_state.peer_called(member)
        return peer, bus_state.name(peer)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "topic", nargs="*", metavar="TOPIC", help="print only topics that begin with TOPIC, e.g. peer.state or problem"
    )
    parser.add_argument("--json", action="store_true", help="print JSON lines with every field")
    parser.add_argument("--no-retained", action="store_true", help="skip retained messages that were published before")
    parser.add_argument(
        "--for",
        dest="seconds",
        type=seconds,
        default=0.0,
        metavar="SECONDS",
        help="end after this time (default: at Ctrl-C)",
    )
    parser.add_argument("--record", metavar="FILE", default="", help="write the messages to a new file, as JSON lines")
    parser.add_argument("--replay", metavar="FILE", default="", help="print a file of --record, without a pipeline")
    parser.add_argument(
        "--speed", type=_speed, default=1.0, metavar="N", help="of --replay: N times as fast, 0 without any wait"
    )
    parser.add_argument(
        "--audio", metavar="MEMBER", default="", help="write the voice of this member, as it is before the mix"
    )
    parser.add_argument("--wav", metavar="FILE", default="", help="file for --audio: 48 kHz, mono, 16 bit")


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= MOST_SPEED:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to {MOST_SPEED:g}")
    return value


COMMANDS = {
    "tap": Command(
        description="Print bus messages live: time, sender, topic, fields. Secrets are hidden.\n"
        "With --audio and --wav it writes a member's voice to a file. With --record it writes the messages to a file,\n"
        "which --replay prints again. `partyline --at MACHINE tap` is of a paired machine's bus, and so are the times.",
        example="partyline tap peer.state problem\n  partyline tap --audio Bo-Streams --wav bo.wav --for 10\n"
        "  partyline --at spare tap --record party.jsonl",
        run=tap,
        arguments=_arguments,
    )
}
