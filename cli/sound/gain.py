"""`partyline gain`, and the argument types of gains and delays."""

from __future__ import annotations

import argparse

from cli.shared.command import Command
from cli.shared.connect import QUICK_S, run
from cli.shared.failures import OK
from cli.shared.members import ask_about_member, member_argument
from cli.shared.terminal import decibels, echo
from common.basic.values import GainDb, Range, range_of
from common.requests import SetGain

GAINS = range_of(GainDb)


def gain(args: argparse.Namespace) -> int:
    name, _ = run(ask_about_member(args.member, lambda peer: SetGain(peer=peer, gain_db=args.db), QUICK_S))
    echo(f"The gain of {name} is {decibels(args.db)}.")
    return OK


def gain_db(text: str) -> float:
    """Return a gain in dB, for argparse."""
    return within(GAINS, text, "a gain", "dB")


def within(allowed: Range, text: str, what: str, unit: str) -> float:
    """Return the number in `text`. Raises argparse's error if it is not in the range `allowed`."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value not in allowed:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what} from {allowed.least:g} to {allowed.most:g} {unit}")
    return value


def _arguments(parser: argparse.ArgumentParser) -> None:
    member_argument(parser)
    parser.add_argument("db", metavar="DB", type=gain_db, help=f"gain in dB, {GAINS}; 0 leaves the voice unchanged")


COMMANDS = {
    "gain": Command(
        description="Make a member louder or quieter in the mix. The gain is remembered.",
        example="partyline gain Bo-Streams -6",
        run=gain,
        arguments=_arguments,
    )
}
