"""A console's messages: offers and answers that it sends and gets, by push or through a relay."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from common.psn.miranda import frames
from common.psn.miranda.frames import CHANNEL, MessageEnd, MirandaMessage, encode_payload
from simulator.consoles.links import ConsoleLinks
from simulator.consoles.negotiate.behaviour import LATE_S, Behaviour
from simulator.consoles.negotiate.nowhere import nowhere
from simulator.consoles.negotiate.offers import ConsoleOffers
from simulator.consoles.own_party import OwnParty
from simulator.miranda.platforms import code_of
from simulator.miranda.unfit import dressed
from simulator.parties.bodies import CustomMessage, Recipient
from simulator.parties.party import Device
from simulator.world import World

Reply = Callable[[Device, MirandaMessage], None]
"""Sends a console's message through a relay."""


class Signals:
    """Negotiates the connections of `links`, as `offers` decides."""

    def __init__(  # noqa: PLR0913, PLR0917  # the parts of a console
        self,
        world: World,
        device: Device,
        party: OwnParty,
        behaviour: Behaviour,
        offers: ConsoleOffers,
        links: ConsoleLinks,
    ) -> None:
        self._world = world
        self._device = device
        self._party = party
        self._behaviour = behaviour
        self._offers = offers
        self._links = links
        self._by_relay: dict[str, Reply] = {}
        """Peers whose latest message came through a relay, and how to answer there."""
        self._late: deque[tuple[float, str, MirandaMessage]] = deque()
        """Offers that are answered late, with their times."""
        self._sent = 0

    def next_at(self) -> float | None:
        """Return when the next late answer is due, None if there is none."""
        return self._late[0][0] if self._late else None

    def forget(self, peer: str) -> None:
        self._by_relay.pop(peer, None)

    def clear(self) -> None:
        self._late.clear()
        self._by_relay.clear()

    async def on_message(self, peer: str, message: MirandaMessage, reply: Reply | None = None) -> None:
        """Process a peer's message. `reply` is how to answer one that came through a relay."""
        if reply is None:
            self._by_relay.pop(peer, None)
        else:
            self._by_relay[peer] = reply
        if message.kind in ("offer", "sdp_updated") and self._behaviour.policy == "late":
            self._late.append((time.monotonic() + LATE_S, peer, message))
        elif message.kind in ("offer", "sdp_updated"):
            await self._on_offer(peer, message)
        elif message.kind == "answer" and self._offers.on_answer(peer, message.sdp_sequence_number):
            await self._links.accept(peer, message.sdp)

    def due(self, now: float) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield what is to be done now, one by one."""
        while self._late and self._late[0][0] <= now:
            _, peer, message = self._late.popleft()
            yield self._on_offer(peer, message)
        for peer in self._offers.due(now):
            yield self._offer(peer, now)

    async def _on_offer(self, peer: str, message: MirandaMessage) -> None:
        if self._offers.glares(peer):
            await self._offer(peer, time.monotonic())
        if self._offers.on_offer(peer):
            lost = self._behaviour.policy == "unreachable"
            answer = await self._links.answer(peer, nowhere(message.sdp) if lost else message.sdp)
            self._send(peer, "answer", nowhere(answer) if lost else answer, int(message.sdp_sequence_number))

    async def _offer(self, peer: str, now: float) -> None:
        sequence, kind = self._offers.record_offer(peer, now)
        self._send(peer, kind, await self._links.offer(peer), sequence)

    def _send(self, peer: str, kind: str, sdp: str, sequence: int) -> None:
        account_id, _, platform = peer.partition(".")
        self._sent += 1
        message = frames.message(
            kind,
            MessageEnd(account_id=self._device.account_id, platform=code_of(self._device.platform)),
            MessageEnd(account_id=account_id, platform=code_of(platform)),
            sdp,
            sequence,
            self._sent,
        )
        if (reply := self._by_relay.get(peer)) is not None:
            reply(self._device, message)
            return
        frame = dressed(message, self._device.peer, self._world.ways, self._world.relay.counters)
        body = CustomMessage(
            channel=CHANNEL,
            payload=encode_payload(frame),
            to=[Recipient(accountId=account_id, platform=platform)],
            withoutSequenceNumber=True,
        )
        self._world.custom_message(self._device, self._party.session_id, body)
