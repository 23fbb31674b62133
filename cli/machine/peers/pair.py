"""`partyline pair`: two machines get to know each other by a code of six digits."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from cli.machine.peers.discovery import announced, waiting_machines
from cli.shared import supervisor
from cli.shared.command import Command
from cli.shared.connect import run
from cli.shared.failures import OK, CommandError, UsageError
from cli.shared.lan_addresses import addresses
from cli.shared.terminal import echo, printable
from common.bus.peers import keyring
from common.bus.peers.far_site import PORTS, split
from common.bus.peers.keyring import PairedMachine
from common.bus.peers.pairing import Guest, HostCard, clean_code, clean_name, new_code
from common.bus.peers.pairing_lines import PairingServer, pair
from common.bus.peers.peer_rights import PEER_RIGHTS, PeerRight
from common.config.settings import load
from common.files.paths import Paths
from common.system.hostname import local_name

WAIT_S = 300.0
"""How long a code is good. It is typed within a minute, and a second attempt should fit."""
GATE = "gate"


def execute(args: argparse.Namespace) -> int:
    paths = Paths.of_environment()
    paths.make()
    if args.code:
        run(_as_guest(paths, clean_code(args.code), args.with_machine))
    else:
        if args.may_sign_in and args.right == "listen":
            raise UsageError(
                "partyline pair: --may-sign-in needs --right control or worker.", "Leave out --right listen."
            )
        run(_as_host(paths, args.right, args.seconds, may_sign_in=args.may_sign_in))
    return OK


def pairing_port(first: int) -> int:
    """Return the port that waits for a pairing. The gate's own are before it."""
    return first + len(PORTS)


async def _as_host(paths: Paths, right: PeerRight, wait_s: float, *, may_sign_in: bool) -> None:
    wanted = load(paths).peers
    own = await asyncio.to_thread(keyring.loaded_or_new, paths)
    name, port, code = local_name(), pairing_port(wanted.port), new_code()
    server = PairingServer(code, name, HostCard(public=own.own.public, port=wanted.port, right=right))
    async with server.listening(wanted.listen, port), announced(name, port) as is_announced:
        echo(f"On the other machine: partyline pair {code}")
        where = [] if is_announced else addresses(wanted.listen)
        hint = f"partyline pair {code} --with {(where or [name])[0]}:{port}"
        echo(f"If it does not find this one: {hint}", sys.stderr)
        echo(f"The code is good for {wait_s / 60:.0f} minutes and for one machine. Ctrl-C ends this.", sys.stderr)
        try:
            async with asyncio.timeout(wait_s):
                guest = await server.paired()
        except TimeoutError:
            raise CommandError(
                "No machine was paired in time.", "Run `partyline pair` again, for a new code."
            ) from None
    peer = PairedMachine(name=guest.name, public=guest.public, right=right, may_sign_in=may_sign_in, met_at=time.time())
    found = await asyncio.to_thread(keyring.change, paths, lambda ring: ring.adding(peer))
    known = found.with_key(guest.public)
    called = printable(known.name if known else guest.name)
    echo(f"{called} is paired. It may {may_do(peer)} partyline on this machine.")
    echo(await asyncio.to_thread(_open_gate, paths))


def may_do(peer: PairedMachine) -> str:
    """Return what a machine may do, in words that follow “may”."""
    if peer.right == "listen":
        return "see and hear"
    verbs = [
        "see",
        "control",
        *(["sign in"] if peer.may_sign_in else []),
        *(["split"] if peer.right == "worker" else []),
    ]
    return f"{', '.join(verbs[:-1])} and {verbs[-1]}"


def _open_gate(paths: Paths) -> str:
    """Start the gate of a running pipeline. Return a sentence."""
    found = supervisor.find(paths)
    if found is None:
        return "It gets in when partyline runs here: `partyline up`."
    if any(process.name == GATE and process.state == "RUNNING" for process in found.processes()):
        return "It gets in within a second."  # the gate looks at the keyring itself
    found.restart([GATE])
    return "It gets in within some seconds."


async def _as_guest(paths: Paths, code: str, given: str) -> None:
    wanted = load(paths).peers
    host, port = _place(given, pairing_port(wanted.port)) if given else await _found()
    own = await asyncio.to_thread(keyring.loaded_or_new, paths)
    card, name = await pair(host, port, Guest(code, clean_name(local_name()), own.own.public))
    address = f"[{host}]:{card.port}" if ":" in host else f"{host}:{card.port}"
    peer = PairedMachine(name=name, public=card.public, address=address, met_at=time.time())
    found = await asyncio.to_thread(keyring.change, paths, lambda ring: ring.adding(peer))
    known = found.with_key(card.public)
    called = printable(known.name if known else name)
    echo(f"{called} is paired. Try `partyline --at {called.removesuffix('.local')} status`.")


def _place(given: str, port: int) -> tuple[str, int]:
    return split(given) if given.rpartition(":")[2].isdecimal() and ":" in given else (given, port)


async def _found() -> tuple[str, int]:
    machines = await waiting_machines()
    if not machines:
        raise CommandError(
            "No machine in this network waits for a pairing.",
            "Run `partyline pair` there. If it waits already, use the second line that it shows (`--with`).",
        )
    if len(machines) > 1:
        names = ", ".join(printable(one.name) for one in machines)
        raise CommandError(f"Several machines wait for a pairing: {names}.", "Say which one: `--with NAME`.")
    return machines[0].host, machines[0].port


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", nargs="?", default="", metavar="CODE", help="the code that the other machine shows")
    parser.add_argument(
        "--with", dest="with_machine", default="", metavar="MACHINE",
        help="its name or address, if it is not found by itself (with CODE)",
    )  # fmt: skip
    parser.add_argument(
        "--right", choices=PEER_RIGHTS, default="control",
        help="listen: the other one may see and hear. control (default): change everything but sign-in and keys too. "
        "worker: run workers for this machine too (`partyline split`)",
    )  # fmt: skip
    parser.add_argument(
        "--may-sign-in", action="store_true",
        help="the other one may also sign this machine in and out (`partyline peers` changes it later)",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=WAIT_S, metavar="S", help=f"how long to wait (default: {WAIT_S:g})"
    )


COMMANDS = {
    "pair": Command(
        description="Pair two machines, so that one can see and control partyline on the other.\n\n"
        "Run it on the machine that partyline runs on. It shows a code. Then run it with that code on the other one.\n"
        "They exchange keys, and what they say to each other from then on is encrypted.",
        example="partyline pair 123456",
        run=execute,
        arguments=_arguments,
    ),
}
