"""`partyline --at MACHINE …`: the same commands for the pipeline of a paired machine.

`cli.__main__` puts the machine into `AT_VARIABLE`. Its clocks differ from ours, and messages carry its times: what
compares the two takes `now` and `boot_clock`, which follow the machine that the bus is of.
"""

from __future__ import annotations

import os
import time

from cli.shared.failures import CommandError
from common.basic.clock import boot_s
from common.basic.version import version
from common.bus import Bus
from common.bus.peers import keyring
from common.bus.peers.contract import GateAbout, understanding
from common.bus.peers.far_site import FarSite
from common.bus.sockets import ABOUT
from common.errors import BadMessageError, BusUnreachableError, PartylineError
from common.files.paths import Paths
from common.messages import wire

AT_VARIABLE = "PARTYLINE_AT"
ASK_S = 5.0
"""Limit for the first answer of another machine. A handshake takes three ways through the network."""
FIT = frozenset(
    (
        *("status", "tap", "parties", "join", "leave", "create", "rename", "visibility", "invite", "kick", "follow"),
        *("gain", "mute", "unmute", "solo", "unsolo", "me", "voice", "master", "devices", "device", "output", "record"),
        *("clip", "dashboard", "obs", "listen-link", "login", "logout", "whoami", "doctor"),
    )
)
"""Commands that need nothing but the bus and the gate. The others are about files and processes of one machine."""

UPDATE_THERE = "Update partyline on that machine (`git pull`, `make setup`, `partyline restart all`)."
UPDATE_HERE = "Update partyline on this machine (`git pull`, `make setup`)."

_offsets = {"unix": 0.0, "boot": 0.0}
_met = [GateAbout()]


def machine() -> str:
    """Return the name of the machine that `--at` names, empty for this one."""
    return os.environ.get(AT_VARIABLE, "")


def site(paths: Paths) -> FarSite | None:
    """Return where that machine's sockets are, None for this machine. Raises `PartylineError`."""
    if not (name := machine()):
        return None
    found = keyring.loaded_or_new(paths)
    peer = found.named(name)
    return FarSite(peer.reached_at(), found.own, peer.public)


async def meet(bus: Bus) -> None:
    """Compare the clocks with the other machine. Raises `CommandError` if it does not answer."""
    before, began = time.time(), boot_s()
    try:
        unix, boot = await bus.clocks(ASK_S)
    except BusUnreachableError as error:
        raise CommandError(
            f"{machine()} does not answer.",
            "Is partyline running there (`partyline status` on it)? Is it awake, and in this network? "
            "`partyline peers` on it must list this machine.",
        ) from error
    half = (boot_s() - began) / 2
    _offsets.update(unix=unix - before - half, boot=boot - began - half)
    _met[0] = await ask_about(bus)
    match understanding(_met[0], version()):
        case "update there":
            raise CommandError(f"{machine()} has an older partyline, which this one does not understand.", UPDATE_THERE)
        case "update here":
            raise CommandError(f"{machine()} has a newer partyline, which this one does not understand.", UPDATE_HERE)


async def ask_about(bus: Bus) -> GateAbout:
    """Return what the gate says of itself. One of an older version says nothing, and is taken to understand us."""
    try:
        (answer,) = await bus.ask_gate(ABOUT, ASK_S)
    except PartylineError as error:
        if error.code != BadMessageError.code:
            raise
        return GateAbout()
    return wire.unpack(answer, GateAbout)


def about() -> GateAbout:
    """Return what the other machine said of itself when the connection was made."""
    return _met[0]


def now() -> float:
    """Return Unix seconds by the clock of the machine that the bus is of."""
    return time.time() + _offsets["unix"]


def boot_clock() -> float:
    """Return `boot_s` of the machine that the bus is of."""
    return boot_s() + _offsets["boot"]
