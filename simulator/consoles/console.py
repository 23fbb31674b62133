"""One console: a member of the party that negotiates with its peers and speaks to them."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from common.errors import PartylineError
from common.psn import miranda
from common.psn.miranda import CHANNEL, MirandaMessage, Party, decode_payload, encode_payload
from common.psn.platforms import code_of
from simulator.bodies import CustomMessage, Recipient
from simulator.bridge import Bridge, Bridges
from simulator.consoles.link import Link
from simulator.consoles.microphone import EncodedPacket, Microphone
from simulator.consoles.negotiation import LATE_S, Negotiation, Policy
from simulator.events import CUSTOM_MESSAGE, MEMBERS_CREATED, MEMBERS_DELETED, PARTY_DELETED, PREFIX
from simulator.hub import KINDS, VOICE_CHAT, Connection
from simulator.party import Device
from simulator.refusals import Refused
from simulator.world import World

UP_WITHIN_S = 20.0
"""A connection that is not up by then is given up."""


Reply = Callable[[Device, MirandaMessage], None]
"""Sends a console's message through a relay."""


@dataclass(frozen=True)
class _Relayed:
    peer: str
    message: MirandaMessage
    reply: Reply


class Console:
    def __init__(self, world: World, device: Device, policy: Policy, speaker: str, fellows: set[str]) -> None:
        self.device = device
        self.speaker = speaker
        self.microphone = Microphone()
        self.links: dict[str, Link] = {}
        self.session_id = ""
        self.bridges: Bridges | None = None
        """Where it speaks besides its own connections."""
        self._world = world
        self._fellows = fellows
        """Peer keys of all consoles: they need not hear each other."""
        self._negotiation = Negotiation(device.account_id, policy)
        self._replaced: dict[str, Link] = {}
        self._since: dict[str, float] = {}
        self._frames: asyncio.Queue[bytes | _Relayed | None] = asyncio.Queue()
        self._by_relay: dict[str, Reply] = {}
        """Peers whose latest message came through a relay, and how to answer there."""
        self._late: deque[tuple[float, str, MirandaMessage]] = deque()
        """Offers that are answered late, and when."""
        self._ending: set[asyncio.Task[None]] = set()
        self._sent = 0
        self._log = structlog.get_logger("simulator").bind(console=device.online_id)

    def connection(self) -> Connection:
        """Return this console's push channel."""
        return Connection(
            key=self.device.key,
            protocol="3.0",
            keep_alive=KINDS[VOICE_CHAT],
            kind=VOICE_CHAT,
            opened_at=time.monotonic(),
            send=self._frames.put_nowait,
            close=lambda _: None,
            authorised=True,
            permanent=True,
        )

    @property
    def policy(self) -> Policy:
        """What it does about its peers; a new one counts from their next step on."""
        return self._negotiation.policy

    @policy.setter
    def policy(self, policy: Policy) -> None:
        self._negotiation.policy = policy

    @property
    def heard(self) -> bool:
        """Whether anybody has a connection with us."""
        links = [*self.links.values(), *self._replaced.values()]
        bridge = self._bridge
        return any(link.state == "connected" for link in links) or (bridge is not None and bridge.heard)

    @property
    def _bridge(self) -> Bridge | None:
        return self.bridges.of_party(self.session_id) if self.bridges is not None else None

    def send(self, packet: EncodedPacket) -> None:
        for link in [*self.links.values(), *self._replaced.values()]:
            link.send(packet)
        if (bridge := self._bridge) is not None:
            bridge.hear(self.device.peer, self.microphone.samples)

    async def run(self) -> None:
        """Take part until `stop`: push frames as they come, own offers when they are due."""
        try:
            while True:
                try:
                    async with asyncio.timeout(0.25):
                        frame = await self._frames.get()
                except TimeoutError:
                    await self._housekeeping()
                    continue
                if frame is None:
                    return
                await self._safely(self._from_relay(frame) if isinstance(frame, _Relayed) else self._event(frame))
                await self._housekeeping()
        finally:
            await self.hang_up()

    def relayed(self, peer: str, message: MirandaMessage, reply: Reply) -> None:
        """Take in a message that came through a relay; the answer goes to `reply`."""
        self._frames.put_nowait(_Relayed(peer, message, reply))

    def stop(self) -> None:
        """Let `run` end in its own time: a negotiation that is cut off midway leaves sockets behind."""
        self._frames.put_nowait(None)

    async def hang_up(self) -> None:
        links = [*self.links.values(), *self._replaced.values()]
        self.links.clear()
        self._replaced.clear()
        await asyncio.gather(*(link.close() for link in links), *self._ending, return_exceptions=True)

    async def _safely(self, doing: Any) -> None:
        """Whatever a peer sends, the console goes on."""
        try:
            await doing
        except Refused as refused:
            if refused.violation:
                self._world.violated(f"console {self.device.online_id}", refused.status, refused.reason)
        except PartylineError as error:
            self._world.violated(f"to console {self.device.online_id}", 0, error.message)
        except Exception:  # noqa: BLE001  # see above; it is logged with its trace
            self._log.exception("a console met an unexpected fault")

    # --- events ----------------------------------------------------------------------------------

    async def _event(self, raw: bytes) -> None:
        frame = msgspec.json.decode(raw)
        kind, data = frame["dataType"].removeprefix(PREFIX), frame["body"]["data"]
        if kind == MEMBERS_CREATED:
            for peer in _peers(data["members"]):
                if peer not in self._fellows:
                    self._negotiation.joined(peer, time.monotonic())
        elif kind == MEMBERS_DELETED:
            for peer in _peers(data["members"]):
                await self._left(peer)
        elif kind == PARTY_DELETED:
            self.session_id = ""
            self._negotiation = Negotiation(self.device.account_id, self.policy)
            await self.hang_up()
        elif kind == CUSTOM_MESSAGE and data["customMessage"]["channel"] == CHANNEL:
            sender = data["customProperties"]["from"]
            self._by_relay.pop(f"{sender['accountId']}.{sender['platform']}", None)
            message = decode_payload(data["customMessage"]["payload"]).message
            await self._signal(f"{sender['accountId']}.{sender['platform']}", message)

    async def _from_relay(self, came: _Relayed) -> None:
        self._by_relay[came.peer] = came.reply
        await self._signal(came.peer, came.message)

    async def _left(self, peer: str) -> None:
        if peer == self.device.peer:
            self.session_id = ""
            await self.hang_up()
            return
        self._negotiation.left(peer)
        self._by_relay.pop(peer, None)
        for links in (self.links, self._replaced):
            link = links.pop(peer, None)
            if link is not None:
                await link.close()

    async def _signal(self, peer: str, message: MirandaMessage) -> None:
        if message.kind in ("offer", "sdp_updated") and self.policy == "late":
            self._late.append((time.monotonic() + LATE_S, peer, message))
        elif message.kind in ("offer", "sdp_updated"):
            await self._offered(peer, message)
        elif message.kind == "answer" and self._negotiation.answered(peer, message.sdp_sequence_number):
            await self.links[peer].accept(message.sdp)

    async def _offered(self, peer: str, message: MirandaMessage) -> None:
        if self._negotiation.glares(peer):
            await self._offer(peer, time.monotonic())
        if self._negotiation.offered(peer):
            link = await self._new_link(peer)
            answer = await link.answer(message.sdp)
            self._send(peer, "answer", answer, int(message.sdp_sequence_number))

    async def _new_link(self, peer: str) -> Link:
        """Begin a connection; the old one with that peer goes on until the new one is up."""
        old = self.links.pop(peer, None)
        if old is not None and old.state == "connected":
            older = self._replaced.get(peer)
            self._replaced[peer], old = old, older
        if old is not None:
            await old.close()
        link = self.links[peer] = Link(peer, self._changed)
        self._since[peer] = time.monotonic()
        return link

    def _changed(self, link: Link) -> None:
        self._log.debug("connection", peer=link.peer, state=link.state)
        if link.state == "connected":
            self._negotiation.up(link.peer, time.monotonic())
        if link.state == "connected" and (old := self._replaced.pop(link.peer, None)) is not None:
            self._end(old)
        if link.state in ("failed", "closed") and self.links.get(link.peer) is link:
            del self.links[link.peer]
            self._end(link)
            former = self._replaced.pop(link.peer, None)
            if former is not None and former.state == "connected":
                self.links[link.peer] = former
            else:
                self._negotiation.lost(link.peer, time.monotonic())

    def _end(self, link: Link) -> None:
        task = asyncio.create_task(link.close())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _housekeeping(self) -> None:
        now = time.monotonic()
        for peer, link in list(self.links.items()):
            if link.state == "connecting" and now - self._since[peer] > UP_WITHIN_S:
                await link.close()
        while self._late and self._late[0][0] <= now:
            _, peer, message = self._late.popleft()
            await self._safely(self._offered(peer, message))
        for peer in self._negotiation.due(now):
            await self._safely(self._offer(peer, now))

    async def _offer(self, peer: str, now: float) -> None:
        sequence, kind = self._negotiation.offering(peer, now), self._negotiation.kind(peer)
        link = await self._new_link(peer)
        self._send(peer, kind, await link.offer(), sequence)

    def _send(self, peer: str, kind: str, sdp: str, sequence: int) -> None:
        account_id, _, platform = peer.partition(".")
        self._sent += 1
        message = miranda.message(
            kind,
            Party(account_id=self.device.account_id, platform=code_of(self.device.platform)),
            Party(account_id=account_id, platform=code_of(platform)),
            sdp,
            sequence,
            self._sent,
        )
        if (reply := self._by_relay.get(peer)) is not None:
            reply(self.device, message)
            return
        body = CustomMessage(
            channel=CHANNEL,
            payload=encode_payload(miranda.frame(message)),
            to=[Recipient(accountId=account_id, platform=platform)],
            withoutSequenceNumber=True,
        )
        self._world.custom_message(self.device, self.session_id, body)


def _peers(members: list[dict[str, Any]]) -> list[str]:
    return [f"{member['accountId']}.{member['platform']}" for member in members]
