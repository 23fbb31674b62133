"""`partyline devices` and `partyline device`."""

from __future__ import annotations

import argparse
import sys

from cli.command import Command, json_option
from cli.failures import OK, CommandError
from cli.output import Style, Table, counted, printable, say, say_json
from cli.pipeline import ask, connect, run
from common.messages import Devices
from common.requests import SelectDevice

ANSWER_S = 20.0


def devices(args: argparse.Namespace) -> int:
    found = run(_devices())
    if args.json:
        say_json(found)
        return OK
    if not found.devices:
        say("There is no sound device that could play.")
        return OK
    rows = [
        (printable(device.name), counted(device.channels, "channel"), _remark(found, device.name, device.is_default))
        for device in found.devices
    ]
    for line in Table(("device", "", ""), rows).lines(Style.of(sys.stdout)):
        say(line)
    say(_wish(found))
    return OK


async def _devices() -> Devices:
    async with connect() as (bus, _):
        found = next((told.message for told in await bus.snapshot(Devices)), None)
        if not isinstance(found, Devices):
            raise CommandError(
                "The audio worker has not told yet which devices there are.", "Try again in some seconds."
            )
        return found


def _remark(found: Devices, name: str, is_default: bool) -> str:
    remarks = ("plays now" if name == found.current else "", "the default" if is_default else "")
    return ", ".join(remark for remark in remarks if remark)


def _wish(found: Devices) -> str:
    if not found.wanted:
        return "The sound follows the system's default; `partyline device NAME` stays with one."
    return (
        f"The sound stays with “{printable(found.wanted)}”; `partyline device --default` follows the system's default."
    )


def device(args: argparse.Namespace) -> int:
    found = run(_select("" if args.default else args.name))
    if args.json:
        say_json(found)
    elif found.current:
        say(f"The sound goes to “{printable(found.current)}”. {_wish(found)}")
    else:
        say("The device cannot be played on now; see `partyline status`. It is tried again by itself.")
    return OK


async def _select(name: str) -> Devices:
    async with connect() as (bus, _):
        return await ask(bus, SelectDevice(name=name), ANSWER_S)


def _device_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("name", metavar="NAME", nargs="?", default="", help="part of its name; case does not matter")
    which.add_argument("--default", action="store_true", help="follow the system's default")
    json_option(parser)


COMMANDS = {
    "devices": Command(
        description="List the sound devices, and say which one plays.",
        example="partyline devices",
        run=devices,
        arguments=json_option,
    ),
    "device": Command(
        description="Play on a device from now on, whatever its number; remembered over restarts.",
        example="partyline device BlackHole",
        run=device,
        arguments=_device_arguments,
    ),
}
