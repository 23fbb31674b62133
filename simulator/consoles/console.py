"""A console, the party member that negotiates with its peers and speaks to them."""

from __future__ import annotations

import time
from collections.abc import Coroutine
from typing import Any

import structlog

from common.errors import PartylineError
from simulator.consoles import party_events
from simulator.consoles.bridge import Bridges
from simulator.consoles.inbox import ConsoleInbox, RelayedMessage
from simulator.consoles.link import ConsoleLink
from simulator.consoles.links import ConsoleLinks
from simulator.consoles.microphone import EncodedPacket, Microphone
from simulator.consoles.negotiate.behaviour import RELAYED, Behaviour, Policy
from simulator.consoles.negotiate.offers import ConsoleOffers
from simulator.consoles.negotiate.signals import Signals
from simulator.consoles.own_party import OwnParty
from simulator.consoles.party_events import Ended, Event, Joined, Left, Named, SignalEvent
from simulator.facts.consoles import RTP_CLOCK
from simulator.parties import custom_data3
from simulator.parties.party import Device
from simulator.shared.refusals import Refused
from simulator.world import World

_LONGEST_WAIT_S = 0.25
"""Interval in which a console looks at its connections and bridges."""


class Console:
    """One console. `fellows` are the peer keys of all consoles, which do not connect with each other."""

    def __init__(  # noqa: PLR0913, PLR0917  # what makes this console differ from another
        self, world: World, bridges: Bridges, device: Device, policy: Policy, speaker: str, fellows: set[str]
    ) -> None:
        self.device = device
        self.speaker = speaker
        self.fellows = fellows
        self.microphone = Microphone(lambda: int(world.ways.of(RTP_CLOCK)))
        self.behaviour = Behaviour(device, world.ways, policy)
        self.offers = ConsoleOffers(self.behaviour)
        self.party = OwnParty(world, device)
        self.inbox = ConsoleInbox(device)
        self._world = world
        self._bridges = bridges
        self._links = ConsoleLinks(self.offers.on_up, self.offers.on_lost)
        self._signals = Signals(world, device, self.party, self.behaviour, self.offers, self._links)
        self._log = structlog.get_logger("simulator").bind(console=device.online_id)

    @property
    def links(self) -> dict[str, ConsoleLink]:
        """The latest connection with each peer."""
        return self._links.current

    @property
    def heard(self) -> bool:
        """Whether anybody has a connection with us, or hears us through a bridge."""
        return self._links.any_connected or self._bridges.carry(self.party.session_id, self.device.peer)

    def send(self, packet: EncodedPacket) -> None:
        self._links.send(packet)
        self._bridges.hear(self.party.session_id, self.device.peer, self.microphone.samples)

    # --- join and leave --------------------------------------------------------------------------

    def join(self, session_id: str) -> None:
        """Join an existing party. Raises `Refused`."""
        self.party.join(session_id)
        self.enter(session_id)

    def enter(self, session_id: str) -> None:
        """Start as a member. Earlier members are known only from the party's view."""
        now = time.monotonic()
        self.offers.clear()
        party, mine = self.party.enter(session_id, now)
        self.behaviour.join_order = mine.join_order
        for member in party.members.values():
            peer = member.device.peer
            if peer != self.device.peer and peer not in self.fellows:
                self.offers.on_named(peer, us=custom_data3.names(member.custom_data3, self.device.account_id))
                self.offers.on_joined(peer, now, member.join_order)

    def leave(self) -> None:
        """Leave the party. Raises `Refused`."""
        self._world.leave(self.device, self._clear())

    def _clear(self) -> str:
        """Be in no party any more. Return the session id of the former one."""
        self._signals.clear()
        self.offers.clear()
        self.behaviour.join_order = 0
        self._links.drop_all()
        return self.party.clear()

    # --- the loop --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Take part until the inbox is closed. Handle what comes, and send offers when they are due.

        To cancel it would leave sockets of a negotiation open.
        """
        try:
            while True:
                try:
                    came = await self.inbox.next(self._until_next())
                except TimeoutError:
                    await self._poll()
                    continue
                if came is None:
                    return
                await self._safely(self._on_came(came))
                await self._poll()
        finally:
            await self._links.close_all()

    def _until_next(self) -> float:
        times = [self.offers.next_at(), self.party.name_at, self._signals.next_at()]
        waits = [at - time.monotonic() for at in times if at is not None]
        return max(0.0, min([_LONGEST_WAIT_S, *waits]))

    async def _safely(self, doing: Coroutine[Any, Any, None]) -> None:
        """Run `doing` so that the console continues, whatever a peer sends."""
        try:
            await doing
        except Refused as refused:
            if refused.violation:
                self._world.violated(f"console {self.device.online_id}", refused.status, refused.reason)
        except PartylineError as error:
            self._world.violated(f"to console {self.device.online_id}", 0, error.message)
        except Exception:  # noqa: BLE001  # see above, logged with its trace
            self._log.exception("a console met an unexpected fault")

    async def _poll(self) -> None:
        now = time.monotonic()
        await self._links.give_up_late(now)
        if self.party.session_id:
            reached = {peer for peer, link in self._links.current.items() if link.state == "connected"}
            needs = self.behaviour.policy in RELAYED
            self._bridges.attend(self.party.session_id, self.device.peer, needs=needs, reached=reached, now=now)
        if self.party.name_at is not None and self.party.name_at <= now:
            await self._safely(self._name_others())
        for doing in self._signals.due(now):
            await self._safely(doing)

    async def _name_others(self) -> None:
        self.party.name_others()

    async def _on_came(self, came: bytes | RelayedMessage) -> None:
        if isinstance(came, RelayedMessage):
            await self._signals.on_message(came.peer, came.message, came.reply)
            return
        for event in party_events.read(came, self.party.session_id, self.device.account_id):
            await self._on_event(event)

    async def _on_event(self, event: Event) -> None:
        now = time.monotonic()
        match event:
            case Joined(peer, join_order) if peer != self.device.peer:
                self.party.schedule_naming(now)
                if peer not in self.fellows:
                    self.offers.on_joined(peer, now, join_order)
            case Left(self.device.peer) | Ended():
                self._clear()
            case Left(peer):
                self.party.schedule_naming(now)
                self.offers.on_left(peer)
                self._signals.forget(peer)
                await self._links.close(peer)
            case Named(peer, us):
                self.offers.on_named(peer, us=us)
            case SignalEvent(peer, message):
                await self._signals.on_message(peer, message)
