"""The mixing desk: `partyline gain`, `mute`, `unmute`, `solo`, `unsolo` and `master`."""

from __future__ import annotations

import argparse

import msgspec

from cli.shared.command import Command, json_option
from cli.shared.connect import ask, connect, must_run, run, snapshot
from cli.shared.failures import OK, CommandError
from cli.shared.output import decibels, say, say_json
from common.basic.values import DelayMs, GainDb, Range, range_of
from common.messages import MixerState
from common.requests import SetGain, SetMaster, SetMute, SetSolo

ANSWER_S = 5.0
GAINS, DELAYS = range_of(GainDb), range_of(DelayMs)


def gain(args: argparse.Namespace) -> int:
    name = run(_gain(args.member, args.db))
    say(f"{name} is {f'mixed at {decibels(args.db)}' if args.db else 'mixed as it comes'}.")
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


def solo(args: argparse.Namespace) -> int:
    name = run(_solo(args.member, solo=True))
    say(f"Only those who are solo are heard now: {name} is. `partyline unsolo {name}` ends it.")
    return OK


def unsolo(args: argparse.Namespace) -> int:
    name = run(_solo(args.member, solo=False))
    say(f"{name} is one of all again.")
    return OK


async def _solo(member: str, *, solo: bool) -> str:
    async with connect() as (bus, picture):
        peer = picture.peer_called(member)
        await ask(bus, SetSolo(peer=peer, solo=solo), ANSWER_S)
        return picture.name(peer)


def master(args: argparse.Namespace) -> int:
    wanted = SetMaster(
        gain_db=args.gain,
        delay_ms=args.delay,
        levelling=None if args.levelling is None else args.levelling == "on",
        newcomer_gain_db=args.newcomers,
    )
    state = run(_master(wanted))
    if args.json:
        say_json({key: getattr(state, key) for key in ("gain_db", "delay_ms", "levelling", "newcomer_gain_db")})
        return OK
    say(f"The mix: {decibels(state.gain_db)}, held back by {state.delay_ms:g} ms.")
    say(f"Newcomers: {decibels(state.newcomer_gain_db)}. Levelling is {'on' if state.levelling else 'off'}.")
    return OK


async def _master(wanted: SetMaster) -> MixerState:
    async with connect() as (bus, picture):
        if wanted != SetMaster():
            await ask(bus, wanted, ANSWER_S)
        else:
            must_run(picture, "audio")
        state = (await snapshot(bus)).one(MixerState)
        if state is None:
            raise CommandError("The audio worker has not told yet how the mix stands.", "Try again in some seconds.")
        chosen = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
        return msgspec.structs.replace(state, **chosen)  # what was just chosen may not have come round yet


def _milliseconds(text: str) -> float:
    return _within(DELAYS, text, "delay", "ms")


def _decibels(text: str) -> float:
    return _within(GAINS, text, "gain", "dB")


def _within(allowed: Range, text: str, what: str, unit: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value not in allowed:
        raise argparse.ArgumentTypeError(f"{text!r} is no {what} between {allowed.least:g} and {allowed.most:g} {unit}")
    return value


def _member(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("member", metavar="MEMBER", help="online id (case does not matter) or peer key")


def _gain_arguments(parser: argparse.ArgumentParser) -> None:
    _member(parser)
    parser.add_argument("db", metavar="DB", type=_decibels, help=f"decibels, {GAINS}; 0 is as the voice comes")


def _master_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gain", metavar="DB", type=_decibels, help=f"of the whole mix, {GAINS}")
    parser.add_argument(
        "--delay", metavar="MS", type=_milliseconds, help=f"hold the mix back to match a video, {DELAYS}"
    )
    parser.add_argument("--levelling", choices=("on", "off"), help="bring quiet and loud talkers to one loudness")
    parser.add_argument("--newcomers", metavar="DB", type=_decibels, help="gain of those for whom none was chosen")
    json_option(parser)


COMMANDS = {
    "gain": Command(
        description="Make a member louder or quieter in the mix. Remembered for the next time, too.",
        example="partyline gain Bo-Streams -6",
        run=gain,
        arguments=_gain_arguments,
    ),
    "mute": Command(
        description="Silence a member in the mix, for yourself only. Remembered for the next time, too.",
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
    "solo": Command(
        description="Hear a member, and of the others only those who are solo as well. Muted stays muted.",
        example="partyline solo Bo-Streams",
        run=solo,
        arguments=_member,
    ),
    "unsolo": Command(
        description="End a member's solo.",
        example="partyline unsolo Bo-Streams",
        run=unsolo,
        arguments=_member,
    ),
    "master": Command(
        description="Show, or choose, what counts for the whole mix. What is chosen is remembered.",
        example="partyline master --gain -3 --delay 120",
        run=master,
        arguments=_master_arguments,
    ),
}
