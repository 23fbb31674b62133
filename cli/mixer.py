"""`partyline gain`, `partyline mute` and `partyline unmute`."""

from __future__ import annotations

import argparse

from cli.command import Command
from cli.failures import OK
from cli.output import say
from cli.pipeline import ask, connect, run
from common.requests import SetGain, SetMute

ANSWER_S = 5.0
LOWEST_DB, HIGHEST_DB = -60.0, 20.0


def gain(args: argparse.Namespace) -> int:
    name = run(_gain(args.member, args.db))
    say(f"{name} is {'mixed as it comes' if not args.db else f'mixed at {args.db:+g} dB'}.")
    return OK


async def _gain(member: str, db: float) -> str:
    async with connect() as (bus, picture):
        peer = picture.peer_called(member)
        await ask(bus, SetGain(peer=peer, gain_db=db), ANSWER_S)
        return picture.name(peer)


def mute(args: argparse.Namespace) -> int:
    name = run(_mute(args.member, muted=True))
    say(f"{name} is muted for you; the others hear no difference. `partyline unmute {name}` ends it.")
    return OK


def unmute(args: argparse.Namespace) -> int:
    name = run(_mute(args.member, muted=False))
    say(f"{name} is heard again.")
    return OK


async def _mute(member: str, *, muted: bool) -> str:
    async with connect() as (bus, picture):
        peer = picture.peer_called(member)
        await ask(bus, SetMute(peer=peer, muted=muted), ANSWER_S)
        return picture.name(peer)


def _decibels(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not LOWEST_DB <= value <= HIGHEST_DB:
        raise argparse.ArgumentTypeError(f"{text!r} is not between -60 and 20 dB")
    return value


def _member(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("member", metavar="MEMBER", help="online id (case does not matter) or peer key")


def _gain_arguments(parser: argparse.ArgumentParser) -> None:
    _member(parser)
    parser.add_argument("db", metavar="DB", type=_decibels, help="-60 … +20; 0 is as it comes")


COMMANDS = {
    "gain": Command(
        description="Make a member louder or quieter in the mix.",
        example="partyline gain Bo-Streams -6",
        run=gain,
        arguments=_gain_arguments,
    ),
    "mute": Command(
        description="Silence a member in the mix, for yourself only.",
        example="partyline mute Bo-Streams",
        run=mute,
        arguments=_member,
    ),
    "unmute": Command(
        description="Hear a muted member again.",
        example="partyline unmute Bo-Streams",
        run=unmute,
        arguments=_member,
    ),
}
