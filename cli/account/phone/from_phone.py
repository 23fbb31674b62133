"""`partyline login --phone`: the QR code, and the wait for the phone."""

from __future__ import annotations

import asyncio
import sys
import time

from cli.account.phone.one_time import LASTS_S, OneTimeAddress, is_private
from cli.account.phone.page_server import PhonePage
from cli.account.ways import SignedIn, Way
from cli.shared import far
from cli.shared.connect import run
from cli.shared.failures import CommandError, UsageError
from cli.shared.lan_addresses import EVERYWHERE, addresses
from cli.shared.pages.qr import qr_lines
from cli.shared.terminal import echo, printable
from common.bus.peers.far_site import PORTS
from common.config.tables import Settings
from common.system.hostname import local_name

AFTER_PEERS = len(PORTS) + 1
"""Its port is behind those of the gate and the pairing."""


def from_phone(settings: Settings, way: Way, address: str) -> SignedIn:
    """Show the code, and return who the phone signed in. Raises `CommandError` if nobody did in time."""
    return run(_wait(settings, way, own_address(address)))


def own_address(given: str) -> str:
    """Return the private address at which the page is offered. Raises `CommandError`."""
    found = addresses(given or EVERYWHERE)
    if given and not is_private(given):
        raise UsageError(f"partyline login: {given!r} is no private IPv4 address.", "It is one as 192.168.1.5.")
    private = [one for one in found if is_private(one) and (given or not one.startswith("127."))]
    if not private:
        raise CommandError(
            "This machine has no private IPv4 address, so a phone does not reach it safely.",
            "Join the phone's network, or use `partyline login`.",
        )
    return private[0]


async def _wait(settings: Settings, way: Way, address: str) -> SignedIn:
    found: list[SignedIn] = []

    async def sign_in(pasted: str) -> str:
        found.append(await asyncio.to_thread(way, pasted))
        return found[-1].name

    machine = far.machine() or local_name()
    limits = OneTimeAddress(time.monotonic)
    page = PhonePage(limits, settings.psn, machine, sign_in, lambda text: echo(text, sys.stderr))
    async with page.listening(address, settings.peers.port + AFTER_PEERS) as url:
        for line in _lines(url):
            echo(line)
        await page.closed()
    if found:
        return found[-1]
    raise CommandError(limits.why_closed or "The page was closed.", "Run `partyline login --phone` again.")


def _lines(url: str) -> list[str]:
    good = f"It is good for {LASTS_S / 60:.0f} minutes and one sign-in. Ctrl-C ends it."
    return [
        *qr_lines(url),
        f"Scan this with a phone in the same network, and follow the page. {good}",
        f"The phone encrypts what you paste there for {printable(far.machine() or 'this machine')}. A listener in this",
        "network learns nothing. A device that can change its traffic could change the page. Use one that you trust.",
        f"By hand: {url}",
    ]
