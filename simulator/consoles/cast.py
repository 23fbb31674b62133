"""The consoles that play: those of the demo party, and those that join and leave during a run."""

from __future__ import annotations

import asyncio
from typing import Any

from simulator.account.accounts import Person
from simulator.consoles import voices
from simulator.consoles.bridge import Bridges
from simulator.consoles.console import Console
from simulator.consoles.scheduler import Scheduler
from simulator.parties.party import Device
from simulator.shared.refusals import Refused
from simulator.world import World

STOP_S = 2.0
"""Time for all consoles to close their connections."""
MOST = 30
"""Limit of consoles in one simulator."""
_CONFLICT = 409


class Cast:
    def __init__(self, world: World, scheduler: Scheduler, bridges: Bridges) -> None:
        self._world = world
        self._scheduler = scheduler
        self._bridges = bridges
        self._playing: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        """Start every console."""
        for console in self._scheduler.consoles.values():
            self._play(console)

    async def end(self) -> list[Any]:
        """Stop every console and return the results, errors included."""
        for console in self._scheduler.consoles.values():
            console.inbox.close()
        if self._playing:
            await asyncio.wait(self._playing, timeout=STOP_S)
        for task in self._playing:
            task.cancel()
        return await asyncio.gather(*self._playing, return_exceptions=True)

    def join(self, peer: str, session_id: str, online_id: str = "") -> None:
        """Let a console join a party, created first if unknown. Raises `Refused`."""
        console = self._scheduler.consoles.get(peer) or self._make(peer, online_id)
        if console.party.session_id:
            raise Refused(_CONFLICT, f"{peer[:60]} is in a party already", violation=False)
        console.join(session_id)

    def leave(self, peer: str) -> None:
        """Let a console leave its party. Raises `Refused`."""
        console = self._scheduler.consoles.get(peer)
        if console is None or not console.party.session_id:
            raise Refused(_CONFLICT, f"{peer[:60]} is no console in a party", violation=False)
        console.leave()

    def _make(self, peer: str, online_id: str) -> Console:
        account_id, _, platform = peer.partition(".")
        number = len(self._scheduler.consoles)
        if not (account_id.isascii() and account_id.isdecimal() and platform) or number >= MOST:
            raise Refused(
                400, f"{peer[:60]!r} is no <account id>.<platform>, or there are {MOST} already", violation=False
            )
        person = self._world.accounts.people.get(account_id)
        if person is None:
            person = Person(account_id, online_id or f"Console-{account_id[:6]}")
            self._world.accounts.add(person)
        device = Device(account_id, person.online_id, platform, duid=f"invented-duid-{number + 1}")
        speakers = voices.speakers()
        for other in self._scheduler.consoles.values():
            other.fellows.add(peer)
        console = Console(
            self._world, self._bridges, device, "usual", speakers[number % len(speakers)], set(self._scheduler.consoles)
        )
        self._world.push.opened(console.inbox.connection(), 0.0)
        self._scheduler.add(console)
        self._play(console)
        return console

    def _play(self, console: Console) -> None:
        self._playing.append(asyncio.create_task(console.run()))
