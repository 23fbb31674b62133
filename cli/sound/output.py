"""`partyline output`, and its view of the outputs, which `devices` and `status` share."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence

from cli.shared.command import Command, json_option, part
from cli.shared.connect import ask_once, connect, must_run, run
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import Cell, Style, Table, decibels, echo, echo_json, ms, printable
from cli.sound.gain import GAINS, gain_db, within
from cli.sound.master import DELAYS
from common.basic.values import MAIN_OUTPUT, MOST_OUTPUTS
from common.messages import MixerState, OutputStatus
from common.requests import AddOutput, Done, RemoveOutput, Request, SetOutput

ANSWER_S = 15.0
"""Time limit of an answer. Chosen longer than the list of devices may take to read."""
FOLLOW = "mix"
"""The word for the mix's own delay."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,15}")


def output(args: argparse.Namespace) -> int:
    status: int = args.do(args)
    return status


def show(args: argparse.Namespace) -> int:
    found = run(_outputs())
    if args.json:
        echo_json(found)
        return OK
    for line in lines(found, Style.of(sys.stdout)):
        echo(line)
    for line in advice(found):
        echo(line)
    return OK


async def _outputs() -> tuple[OutputStatus, ...]:
    async with connect() as (_, bus_state):
        must_run(bus_state, "audio")
        state = bus_state.one(MixerState)
    if state is None or not state.outputs:
        raise CommandError("The audio worker has not published its outputs yet.", "Try again in a few seconds.")
    return state.outputs


def lines(outputs: Sequence[OutputStatus], style: Style) -> list[str]:
    """Return a table of the outputs."""
    rows = [
        [
            printable(one.name),
            where(one),
            "muted" if one.muted else decibels(one.gain_db),
            f"{ms(one.delay_ms)}{'' if one.own_delay else ' (the mix)'}",
            ms(one.latency_ms) if one.latency_ms else "-",
        ]
        for one in outputs
    ]
    return Table(["OUTPUT", "PLAYS", "GAIN", "DELAY", "LATENCY"], rows, "llrrr").lines(style)


def where(one: OutputStatus) -> Cell:
    """Return where an output plays, in colour if it does not."""
    words = printable(one.where)
    return words if one.phase in ("playing", "resting") else (words, "yellow")


def advice(outputs: Sequence[OutputStatus]) -> list[str]:
    """Return how to line up the outputs that play, if they are heard at different times."""
    heard = {one.name: one.latency_ms + one.delay_ms for one in outputs if one.phase == "playing" and one.latency_ms}
    if len(heard) < 2:
        return []
    late = max(heard, key=lambda name: heard[name])
    earlier = [(one, heard[late] - heard[one.name]) for one in outputs if one.name in heard]
    return [
        f"“{printable(one.name)}” is {ms(by)} earlier than “{printable(late)}”. "
        f"`partyline output delay {printable(one.name)} {one.delay_ms + by:.0f}` lines it up."
        for one, by in earlier
        if by >= ALIKE_MS
    ]


ALIKE_MS = 5.0
"""Outputs that differ by less count as aligned. Chosen above what a shared device block changes."""


def _ask(args: argparse.Namespace, request: Request[Done], words: str = "") -> int:
    done = run(ask_once(request, ANSWER_S))
    if args.json:
        echo_json(done)
    else:
        echo(words or printable(done.message))
    return OK


def add(args: argparse.Namespace) -> int:
    done = run(ask_once(AddOutput(device=args.device, name=args.name), ANSWER_S))
    if args.json:
        echo_json(done)
        return OK
    echo(printable(done.message))
    echo("`partyline devices` shows which output plays where. It is remembered until `partyline output remove`.")
    return OK


def remove(args: argparse.Namespace) -> int:
    return _ask(args, RemoveOutput(name=args.name))


def gain(args: argparse.Namespace) -> int:
    return _ask(args, SetOutput(name=args.name, gain_db=args.db), f"The gain of {args.name} is {decibels(args.db)}.")


def delay(args: argparse.Namespace) -> int:
    if args.ms is None:
        request, words = SetOutput(name=args.name, follow_mix_delay=True), "the mix's"
    else:
        request, words = SetOutput(name=args.name, delay_ms=args.ms), f"{args.ms:g} ms"
    return _ask(args, request, f"The delay of {args.name} is {words}.")


def mute(args: argparse.Namespace) -> int:
    words = f"{args.name} is muted. `partyline output unmute {args.name}` ends it."
    return _ask(args, SetOutput(name=args.name, muted=True), words)


def unmute(args: argparse.Namespace) -> int:
    return _ask(args, SetOutput(name=args.name, muted=False), f"{args.name} is not muted any more.")


def device(args: argparse.Namespace) -> int:
    return _ask(args, SetOutput(name=args.name, device=args.device))


def _name(text: str) -> str:
    if not _NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a name of an output: up to 16 small letters, digits and hyphens, a letter first"
        )
    return text


def _delay_ms(text: str) -> float | None:
    return None if text == FOLLOW else within(DELAYS, text, "a delay", f"ms, or “{FOLLOW}”")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parts = parser.add_subparsers(title="actions", metavar="ACTION", required=True)

    def action(name: str, words: str, do: object, *, named: bool = True) -> argparse.ArgumentParser:
        one = part(parts, name, words, do)  # type: ignore[arg-type]
        json_option(one)
        if named:
            one.add_argument("name", metavar="NAME", type=_name, help=f"the output, e.g. {MAIN_OUTPUT}")
        return one

    action("list", "list the outputs with their devices, gains, delays and latencies", show, named=False)
    one = action("add", "play on one more device at the same time", add, named=False)
    one.add_argument("device", metavar="DEVICE", help="name or part of it, or its number in `partyline devices`")
    one.add_argument("--name", type=_name, help="what to call the output; otherwise after its device")
    action("remove", "stop a further output and forget it", remove)
    one = action("gain", "make one output louder or quieter", gain)
    one.add_argument("db", metavar="DB", type=gain_db, help=f"gain in dB, {GAINS}, on top of the mix's")
    one = action("delay", "delay one output, to line it up with another or with a video", delay)
    one.add_argument(
        "ms", metavar="MS", type=_delay_ms, help=f"delay in ms, {DELAYS}, in place of the mix's; “{FOLLOW}”: the mix's"
    )
    action("mute", "mute one output", mute)
    action("unmute", "unmute one output", unmute)
    one = action("device", "move a further output to another device", device)
    one.add_argument("device", metavar="DEVICE", help="name or part of it, or its number in `partyline devices`")


COMMANDS = {
    "output": Command(
        description=(
            "Play the mix on several devices at once, e.g. on your headphones and on BlackHole for OBS. Each output\n"
            "has its own gain, delay and mute, and follows the clock of its device. One that fails does not disturb\n"
            f"the others. There are up to {MOST_OUTPUTS}. “{MAIN_OUTPUT}” is the one whose device "
            "`partyline device` chooses.\n\n"
            "LATENCY is the time from the talkers' sound to the device's, without the delay. The list says which\n"
            "delay lines two outputs up. All is remembered."
        ),
        example="partyline output add BlackHole --name obs",
        run=output,
        arguments=_arguments,
    )
}
