"""`partyline peers` and `partyline unpair`."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import msgspec

from cli.machine.peers.pair import may_do
from cli.shared.command import Command, json_option
from cli.shared.failures import OK, UsageError
from cli.shared.terminal import Style, Table, echo, echo_json, printable
from common.bus.peers import keyring
from common.bus.peers.keyring import PairedMachine
from common.bus.peers.peer_rights import PEER_RIGHTS
from common.files.paths import Paths


def peers(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    if args.machine:
        return _change(paths, args)
    if args.right or args.may_sign_in:
        raise UsageError(
            "partyline peers: which machine is to be changed?", "Example: `partyline peers studio --may-sign-in yes`."
        )
    found = keyring.load(paths)
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
            f"may {may_do(peer)}" if peer.right else "-",
            peer.address or "-",
            _day(peer.met_at),
        ]
        for peer in known
    ]
    for line in Table(["MACHINE", "HERE IT", "ITS ADDRESS", "PAIRED"], rows).lines(Style.of(sys.stdout)):
        echo(line)
    return OK


def _change(paths: Paths, args: argparse.Namespace) -> int:
    """Change what one machine may do here, or show it. The gate heeds it within a second."""
    peer = keyring.loaded_or_new(paths).named(args.machine)
    fields: dict[str, Any] = {"right": args.right} if args.right else {}
    if args.may_sign_in:
        fields["may_sign_in"] = args.may_sign_in == "yes"
    if fields:
        if peer.right is None:
            raise UsageError(
                f"{printable(peer.name)} has no access to this machine, so there is nothing to change.",
                "Run `partyline pair` here, then `partyline pair CODE` on it.",
            )
        if fields.get("right", peer.right) == "listen":
            if args.may_sign_in == "yes":
                raise UsageError("partyline peers: --may-sign-in needs the right control.", "Add `--right control`.")
            fields["may_sign_in"] = False
        ring = keyring.change(paths, lambda found: found.changing(found.named(args.machine), **fields))
        peer = ring.named(args.machine)
    if args.json:
        echo_json([_as_data(peer)])
    else:
        echo(
            f"{printable(peer.name)} may {may_do(peer) if peer.right else 'do nothing with'} partyline on this machine."
        )
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


def _peers_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("machine", nargs="?", default="", metavar="MACHINE", help="one of them")
    parser.add_argument("--right", choices=PEER_RIGHTS, default="", help="what it may do here from now on")
    parser.add_argument(
        "--may-sign-in", choices=("yes", "no"), default="", help="whether it may sign this machine in and out"
    )
    json_option(parser)


def _machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("machine", metavar="MACHINE", help="its name, as `partyline peers` shows it")


COMMANDS = {
    "peers": Command(
        description="List the machines that are paired with this one, and what each may do here.\n"
        "With MACHINE it changes that for one of them.",
        example="partyline peers\n  partyline peers studio --may-sign-in yes",
        run=peers,
        arguments=_peers_arguments,
    ),
    "unpair": Command(
        description="Forget a paired machine, and let it in no more.",
        example="partyline unpair studio-mini",
        run=unpair,
        arguments=_machine,
    ),
}
