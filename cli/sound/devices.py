"""`partyline devices`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from cli.shared.command import Command, json_option
from cli.shared.connect import connect, must_run, run
from cli.shared.failures import OK, CommandError
from cli.shared.terminal import Style, Table, counted, echo, echo_json, printable
from common.messages import Devices, MixerState, OutputStatus


def devices(args: argparse.Namespace) -> int:
    found, outputs = run(_devices())
    if args.json:
        echo_json(found)
        return OK
    if not found.devices:
        echo("There is no sound device for playback. partyline uses one as soon as it appears.")
        return OK
    rows = [
        (
            str(number),
            printable(device.name),
            counted(device.channels, "channel"),
            _remark(found, outputs, device.name, is_default=device.is_default),
        )
        for number, device in enumerate(found.devices, 1)
    ]
    for line in Table(("", "DEVICE", "", ""), rows).lines(Style.of(sys.stdout)):
        echo(line)
    if found.resting:
        echo(f"“{printable(found.resting)}” is resting until a party is joined.")
    elif not found.current:
        echo("No device plays now. `partyline status` shows why.")
    for line in _others(outputs):
        echo(line)
    echo(_choice(found))
    if len(outputs) > 1:
        echo("`partyline output list` shows the outputs with their gains and delays.")
    return OK


async def _devices() -> tuple[Devices, tuple[OutputStatus, ...]]:
    async with connect() as (bus, bus_state):
        must_run(bus_state, "audio")
        mixer = bus_state.one(MixerState)
        found = next((received.message for received in await bus.snapshot(Devices)), None)
        if not isinstance(found, Devices):
            raise CommandError(
                "The audio worker has not published the list of devices yet.", "Try again in a few seconds."
            )
        return found, mixer.outputs if mixer is not None else ()


def _remark(found: Devices, outputs: Sequence[OutputStatus], name: str, *, is_default: bool) -> str:
    remarks = ["plays now" if name == found.current else "", "the default" if is_default else ""]
    if len(outputs) > 1:
        remarks[0] = ", ".join(f"{one.phase} as “{printable(one.name)}”" for one in outputs if one.target == name)
    return ", ".join(remark for remark in remarks if remark)


def _others(outputs: Sequence[OutputStatus]) -> list[str]:
    """Return a line for each further output that neither plays nor rests."""
    return [
        f"The output “{printable(one.name)}” goes {printable(one.where)}."
        for one in outputs[1:]
        if one.phase not in ("playing", "resting")
    ]


def _choice(found: Devices) -> str:
    if not found.wanted:
        return "The sound follows the system's default. `partyline device NAME` selects a device."
    return f"“{printable(found.wanted)}” is selected. `partyline device --default` follows the system's default."


COMMANDS = {
    "devices": Command(
        description="List the sound devices, and show which one plays. With several outputs: which one plays where.",
        example="partyline devices",
        run=devices,
        arguments=json_option,
    )
}
