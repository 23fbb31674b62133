"""`partyline devices` and `partyline device`."""

from __future__ import annotations

import argparse
import sys

from cli.shared.command import Command, json_option
from cli.shared.connect import ask, connect, must_run, run
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.output import Style, Table, counted, printable, say, say_json
from common.messages import Devices
from common.requests import SelectDevice

ANSWER_S = 20.0


def devices(args: argparse.Namespace) -> int:
    found = run(_devices())
    if args.json:
        say_json(found)
        return OK
    if not found.devices:
        say("There is no sound device that could play. One is used as soon as it is there.")
        return OK
    rows = [
        (
            str(number),
            printable(device.name),
            counted(device.channels, "channel"),
            _remark(found, device.name, device.is_default),
        )
        for number, device in enumerate(found.devices, 1)
    ]
    for line in Table(("", "DEVICE", "", ""), rows).lines(Style.of(sys.stdout)):
        say(line)
    if not found.current:
        say("None of them plays now; `partyline status` says why.")
    say(_wish(found))
    return OK


async def _devices() -> Devices:
    async with connect() as (bus, picture):
        must_run(picture, "audio")
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
    if not args.name and not args.default:
        raise UsageError("No device was named.", "`partyline devices` lists them; --default follows the system's.")
    found = run(_select("" if args.default else args.name))
    if args.json:
        say_json(found)
    elif not found.current:
        say("The device cannot be played on now; `partyline status` says why. It is tried again by itself.")
    elif found.wanted:
        say(f"The sound goes to “{printable(found.current)}” and stays there.")
        say("`partyline device --default` follows the system's default again.")
    else:
        say(f"The sound goes to “{printable(found.current)}” and follows the system's default from now on.")
    return OK


async def _select(name: str) -> Devices:
    async with connect() as (bus, _):
        return await ask(bus, SelectDevice(name=name), ANSWER_S)


def _device_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "name",
        metavar="NAME",
        nargs="?",
        default="",
        help="its name or a part of it (case does not matter), or its number in `partyline devices`",
    )
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
        description="Play on a device from now on, whatever its number, and whenever it is there. Remembered.",
        example="partyline device BlackHole",
        run=device,
        arguments=_device_arguments,
    ),
}
