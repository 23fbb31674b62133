"""`partyline --at MACHINE …`: the same commands for the pipeline of a paired machine.

`cli.__main__` puts the machine into `AT_VARIABLE`. Its clocks differ from ours, and messages carry its times: what
compares the two takes `now` and `boot_clock`, which follow the machine that the bus is of.
"""

from __future__ import annotations

import os
import time

from cli.shared.failures import CommandError
from common.basic.clock import boot_s
from common.bus import Bus
from common.bus.peers import keyring
from common.bus.peers.far_site import FarSite
from common.errors import BusUnreachableError
from common.files.paths import Paths

AT_VARIABLE = "PARTYLINE_AT"
ASK_S = 5.0
"""Limit for the first answer of another machine. A handshake takes three ways through the network."""
FIT = frozenset(
    (
        *("status", "tap", "parties", "join", "leave", "create", "rename", "visibility", "invite", "kick", "follow"),
        *("gain", "mute", "unmute", "solo", "unsolo", "me", "voice", "master", "devices", "device", "output", "record"),
        *("clip", "listen-link"),
    )
)
"""Commands that need nothing but the bus. The others are about files and processes of their own machine."""

_offsets = {"unix": 0.0, "boot": 0.0}


def machine() -> str:
    """Return the name of the machine that `--at` names, empty for this one."""
    return os.environ.get(AT_VARIABLE, "")


def site(paths: Paths) -> FarSite | None:
    """Return where that machine's sockets are, None for this machine. Raises `PartylineError`."""
    if not (name := machine()):
        return None
    found = keyring.loaded_or_new(paths)
    peer = found.named(name)
    if not peer.address:
        raise CommandError(
            f"{peer.name} may see this machine, but this one does not know the way to it.",
            "Run `partyline pair` there, then `partyline pair CODE` here.",
        )
    return FarSite(peer.address, found.own, peer.public)


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


def now() -> float:
    """Return Unix seconds by the clock of the machine that the bus is of."""
    return time.time() + _offsets["unix"]


def boot_clock() -> float:
    """Return `boot_s` of the machine that the bus is of."""
    return boot_s() + _offsets["boot"]
