"""`partyline master`."""

from __future__ import annotations

import argparse

import msgspec

from cli.shared.command import Command, json_option
from cli.shared.connect import QUICK_S, ask, connect, must_run, run, snapshot
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import decibels, echo, echo_json
from cli.sound.gain import GAINS, gain_db, within
from common.basic.values import DelayMs, range_of
from common.messages import MixerState
from common.requests import SetMaster

DELAYS = range_of(DelayMs)


def master(args: argparse.Namespace) -> int:
    wanted = SetMaster(
        gain_db=args.gain,
        delay_ms=args.delay,
        levelling=None if args.levelling is None else args.levelling == "on",
        newcomer_gain_db=args.newcomers,
    )
    state = run(_master(wanted))
    if args.json:
        echo_json({key: getattr(state, key) for key in ("gain_db", "delay_ms", "levelling", "newcomer_gain_db")})
        return OK
    echo(f"The mix has a gain of {decibels(state.gain_db)} and a delay of {state.delay_ms:g} ms.")
    echo(f"Newcomers start with {decibels(state.newcomer_gain_db)}. Levelling is {'on' if state.levelling else 'off'}.")
    return OK


async def _master(wanted: SetMaster) -> MixerState:
    async with connect() as (bus, bus_state):
        if wanted != SetMaster():
            await ask(bus, wanted, QUICK_S)
        else:
            must_run(bus_state, "audio")
        state = (await snapshot(bus)).one(MixerState)
        if state is None:
            raise CommandError(
                "The audio worker has not published the state of the mix yet.", "Try again in a few seconds."
            )
        changed = {name: value for name, value in msgspec.structs.asdict(wanted).items() if value is not None}
        return msgspec.structs.replace(state, **changed)  # the published state may be older than the request


def _delay_ms(text: str) -> float:
    return within(DELAYS, text, "a delay", "ms")


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gain", metavar="DB", type=gain_db, help=f"gain of the whole mix, {GAINS}")
    parser.add_argument("--delay", metavar="MS", type=_delay_ms, help=f"delay of the mix to match a video, {DELAYS}")
    parser.add_argument("--levelling", choices=("on", "off"), help="bring quiet and loud talkers to the same loudness")
    parser.add_argument("--newcomers", metavar="DB", type=gain_db, help="gain of members who have no gain of their own")
    json_option(parser)


COMMANDS = {
    "master": Command(
        description="Show or set what applies to the whole mix. The values are remembered.",
        example="partyline master --gain -3 --delay 120",
        run=master,
        arguments=_arguments,
    )
}
