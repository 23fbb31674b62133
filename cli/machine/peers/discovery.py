"""Bonjour: a machine that waits for a pairing says so in the local network, and another one finds it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

try:
    from zeroconf import Error, ServiceStateChange, Zeroconf
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf
except ModuleNotFoundError:  # pyproject.toml says where
    HAS_BONJOUR = False
else:
    HAS_BONJOUR = True

from cli.shared.lan_addresses import EVERYWHERE, addresses

SERVICE = "_partyline-pair._tcp.local."
LOOK_S = 4.0
"""How long is looked for machines. Bonjour answers within a second; one answer in many is lost on Wi-Fi."""
OTHERS_S = 1.0
"""How long is looked for others after the first one, so that one of two is not taken by chance."""
RESOLVE_MS = 2_000


@dataclass(frozen=True)
class WaitingMachine:
    """A machine that waits for a pairing."""

    name: str
    addresses: tuple[str, ...]
    port: int

    @property
    def host(self) -> str:
        """Its name, if this machine can look it up, else its first address."""
        with contextlib.suppress(OSError):
            socket.getaddrinfo(self.name, self.port)
            return self.name
        return self.addresses[0]


@contextlib.asynccontextmanager
async def announced(name: str, port: int) -> AsyncIterator[bool]:
    """Announce that this machine waits. Yields False if that is not possible: the other one then needs its name."""
    if not HAS_BONJOUR:
        yield False
        return
    info = AsyncServiceInfo(
        SERVICE, f"{name.removesuffix('.local')}.{SERVICE}", port=port, server=f"{name}.",
        addresses=[socket.inet_aton(one) for one in addresses(EVERYWHERE)],
    )  # fmt: skip
    try:
        bonjour = AsyncZeroconf()
        await bonjour.async_register_service(info, allow_name_change=True)
    except (OSError, Error):
        yield False
        return
    try:
        yield True
    finally:
        await bonjour.async_close()


async def waiting_machines(look_s: float = LOOK_S) -> list[WaitingMachine]:
    """Return the machines that wait for a pairing. Ends at the first one, after a moment for others."""
    found: dict[str, WaitingMachine] = {}
    if not HAS_BONJOUR:
        return []
    first, tasks = asyncio.Event(), set[asyncio.Task[None]]()

    def on_change(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if state_change is not ServiceStateChange.Removed:
            task = asyncio.ensure_future(_resolve(zeroconf, service_type, name, found, first))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

    try:
        bonjour = AsyncZeroconf()
    except OSError:
        return []
    try:
        browser = AsyncServiceBrowser(bonjour.zeroconf, SERVICE, handlers=[on_change])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(look_s):
                await first.wait()
                await asyncio.sleep(OTHERS_S)
        await browser.async_cancel()
    finally:
        await bonjour.async_close()
    return sorted(found.values(), key=lambda one: one.name)


async def _resolve(
    zeroconf: Zeroconf, service: str, name: str, found: dict[str, WaitingMachine], first: asyncio.Event
) -> None:
    info = AsyncServiceInfo(service, name)
    known = await info.async_request(zeroconf, RESOLVE_MS)
    places = tuple(info.parsed_scoped_addresses())
    if known and info.port and info.server and places:
        found[name] = WaitingMachine(info.server.rstrip("."), places, info.port)
        first.set()
