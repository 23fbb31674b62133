"""`partyline peers` and `partyline unpair`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import msgspec

from cli.shared.command import Command, json_option
from cli.shared.failures import OK
from cli.shared.terminal import Style, Table, echo, echo_json, printable
from common.bus.peers import keyring
from common.bus.peers.keyring import PairedMachine
from common.files.paths import Paths

_MAY = {"listen": "may see and hear", "control": "may see and control", "worker": "may run workers", None: "-"}


def peers(args: argparse.Namespace) -> int:
    found = keyring.load(Paths.of_environment())
    known = found.peers if found else ()
    if args.json:
        echo_json([_as_data(peer) for peer in known])
        return OK
    if not known:
        echo("No machine is paired with this one. Run `partyline pair` on the one where partyline runs.")
        return OK
    rows = [
        [
            printable(peer.name),
            _MAY[peer.right],
            peer.address or "-",
            time.strftime("%Y-%m-%d", time.localtime(peer.met_at)),
        ]
        for peer in known
    ]
    for line in Table(["MACHINE", "HERE IT", "ITS ADDRESS", "PAIRED"], rows).lines(Style.of(sys.stdout)):
        echo(line)
    return OK


def _day(at: float) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(at))


def _as_data(peer: PairedMachine) -> dict[str, Any]:
    data: dict[str, Any] = msgspec.to_builtins(peer)
    return data


def unpair(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    peer = keyring.loaded_or_new(paths).named(args.machine)
    keyring.change(paths, lambda ring: ring.without(peer))
    name = printable(peer.name)
    echo(
        f"{name} is not paired any more. It is cut off within a second. On {name}, `partyline unpair` forgets this one."
    )
    return OK


def _machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("machine", metavar="MACHINE", help="its name, as `partyline peers` shows it")


COMMANDS = {
    "peers": Command(
        description="List the machines that are paired with this one.",
        example="partyline peers",
        run=peers,
        arguments=json_option,
    ),
    "unpair": Command(
        description="Forget a paired machine, and let it in no more.",
        example="partyline unpair studio-mini",
        run=unpair,
        arguments=_machine,
    ),
}
