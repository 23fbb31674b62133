"""`partyline voice`."""

from __future__ import annotations

import argparse
from typing import get_args

import msgspec

from cli.shared.command import Command, json_option
from cli.shared.connect import QUICK_S, ask, connect, run
from cli.shared.failures import OK, CommandError
from cli.shared.members import member_argument
from cli.shared.terminal import echo, echo_json
from cli.sound.gain import within
from common.basic.values import EqPreset, GateDb, Pan, range_of
from common.messages import MixerState, MixerTalker, TalkerProcessing
from common.requests import SetTalkerProcessing

GATES = range_of(GateDb)
PANS = range_of(Pan)
SWITCH = ("on", "off")


def voice(args: argparse.Namespace) -> int:
    name, talker = run(_voice(args))
    processing = talker.processing
    if args.json:
        echo_json({"peer": talker.peer, **msgspec.structs.asdict(processing), "processing_ms": talker.processing_ms})
        return OK
    gate = "no gate" if processing.gate_db is None else f"a gate at {processing.gate_db:g} dBFS"
    equaliser = "no equaliser" if processing.eq == "off" else f"the equaliser for {processing.eq}"
    echo(f"{name} has {gate} and {equaliser}. Noise suppression is {'on' if processing.suppress else 'off'}.")
    if processing.pan:
        echo(f"The voice is panned {processing.side}.")
    if talker.processing_ms:
        echo(f"The voice is heard {talker.processing_ms:g} ms later, in the mix alone.")
    return OK


async def _voice(args: argparse.Namespace) -> tuple[str, MixerTalker]:
    async with connect() as (bus, bus_state):
        peer = bus_state.peer_called(args.member)
        name, mixer = bus_state.name(peer), bus_state.one(MixerState)
        found = next((talker for talker in mixer.talkers if talker.peer == peer), None) if mixer is not None else None
        if found is None:
            raise CommandError(
                f"{name} is not in the mix yet, so the present choice is not known.",
                "Try again once the member is connected.",
            )
        wanted = _changed(found.processing, args)
        if wanted != found.processing:
            await ask(bus, SetTalkerProcessing(peer=peer, **msgspec.structs.asdict(wanted)), QUICK_S)
        return name, msgspec.structs.replace(found, processing=wanted)


def _changed(processing: TalkerProcessing, args: argparse.Namespace) -> TalkerProcessing:
    if args.off:
        processing = TalkerProcessing()
    if args.gate is not None:
        processing = msgspec.structs.replace(processing, gate_db=None if args.gate == "off" else args.gate)
    if args.suppress is not None:
        processing = msgspec.structs.replace(processing, suppress=args.suppress == "on")
    if args.eq is not None:
        processing = msgspec.structs.replace(processing, eq=args.eq)
    if args.pan is not None:
        processing = msgspec.structs.replace(processing, pan=args.pan)
    return processing


def _gate(text: str) -> float | str:
    return text if text == "off" else within(GATES, text, "a threshold", "dBFS")


def _pan(text: str) -> float:
    return within(PANS, text, "a place", "(left to right)")


def _arguments(parser: argparse.ArgumentParser) -> None:
    member_argument(parser)
    parser.add_argument(
        "--gate", metavar="DBFS", type=_gate, help=f"lower what is quieter than this, {GATES}, or `off`"
    )
    parser.add_argument("--suppress", choices=SWITCH, help="suppress noise; the voice is then heard 30 ms later")
    parser.add_argument("--eq", choices=get_args(EqPreset), help="what the voice sounds like, and so what mends it")
    parser.add_argument(
        "--pan", metavar="PLACE", type=_pan, help=f"place between left and right, {PANS}; 0 is the middle"
    )
    parser.add_argument("--off", action="store_true", help="switch all of it off")
    json_option(parser)


COMMANDS = {
    "voice": Command(
        description="Show or set gate, noise suppression, equaliser and pan of a member. They are remembered.",
        example="partyline voice Bo-Streams --suppress on --eq dull",
        run=voice,
        arguments=_arguments,
    )
}
