"""A console, the party member that negotiates with its peers and speaks to them."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
import structlog

from common.errors import PartylineError
from common.psn.miranda import frames
from common.psn.miranda.frames import CHANNEL, MirandaMessage, Party, decode_payload, encode_payload
from simulator.consoles.bridge import Bridges
from simulator.consoles.link import Link
from simulator.consoles.links import Links
from simulator.consoles.microphone import EncodedPacket, Microphone
from simulator.consoles.negotiation import LATE_S, RELAYED, Negotiation, Policy
from simulator.consoles.nowhere import nowhere
from simulator.facts import rests_on
from simulator.facts.consoles import RTP_CLOCK, TELLS_OTHERS
from simulator.miranda.platforms import code_of
from simulator.miranda.unfit import dressed
from simulator.parties import custom_data3, events
from simulator.parties.bodies import ChangeMember, CustomMessage, Recipient
from simulator.parties.party import Device
from simulator.push.hub import KINDS, VOICE_CHAT, Connection
from simulator.shared.refusals import Refused
from simulator.world import World, member_body

TELL_AFTER_JOIN_S = 0.4
TELL_AFTER_OTHERS_S = 0.6
"""Delay from somebody's join or leave to our own customData3 [seen]."""
_LONGEST_WAIT_S = 0.25


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
        self.fellows = fellows
        """Peer keys of all consoles, which do not connect with each other."""
        self.microphone = Microphone(lambda: int(world.ways.of(RTP_CLOCK)))
        self.session_id = ""
        self.bridges: Bridges | None = None
        """The bridges, where it speaks besides its own connections."""
        self.negotiation = Negotiation(device, world.ways, policy)
        self._world = world
        self._links = Links(self.negotiation.up, self.negotiation.lost)
        self._frames: asyncio.Queue[bytes | _Relayed | None] = asyncio.Queue()
        self._by_relay: dict[str, Reply] = {}
        """Peers whose latest message came through a relay, and how to answer there."""
        self._late: deque[tuple[float, str, MirandaMessage]] = deque()
        """Offers that are answered late, with their times."""
        self._tell_at: float | None = None
        """When our customData3 is due."""
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
    def links(self) -> dict[str, Link]:
        """The latest connection with each peer."""
        return self._links.current

    @property
    def heard(self) -> bool:
        """Whether anybody has a connection with us."""
        return self._links.any_connected or self._on_bridge

    @property
    def _on_bridge(self) -> bool:
        return self.bridges is not None and self.bridges.carry(self.session_id, self.device.peer)

    def send(self, packet: EncodedPacket) -> None:
        self._links.send(packet)
        if self.bridges is not None:
            self.bridges.hear(self.session_id, self.device.peer, self.microphone.samples)

    # --- join and leave --------------------------------------------------------------------------

    def join(self, session_id: str) -> None:
        """Join an existing party. Raises `Refused`."""
        party = self._world.parties.find(session_id)
        body = member_body(str(uuid.uuid4()), self._world.ways)
        self._world.join(self.device, session_id, body, cpss_id=party.cpss_id)
        self.entered(session_id)

    def entered(self, session_id: str) -> None:
        """Start as a member. Earlier members are known only from the party's view."""
        now = time.monotonic()
        self.negotiation.begin()
        self.session_id = session_id
        party, mine = self._world.parties.member(session_id, self.device)
        self.negotiation.join_order = mine.join_order
        for member in party.members.values():
            peer = member.device.peer
            if peer != self.device.peer and peer not in self.fellows:
                self.negotiation.named(peer, us=custom_data3.names(member.custom_data3, self.device.account_id))
                self.negotiation.joined(peer, now, member.join_order)
        self._tell_at = now + TELL_AFTER_JOIN_S

    def leave(self) -> None:
        """Leave the party. Raises `Refused`."""
        session_id = self.session_id
        self._out()
        self._world.leave(self.device, session_id)

    async def run(self) -> None:
        """Take part until `stop`. Handle push frames as they come, and send offers when they are due."""
        try:
            while True:
                try:
                    async with asyncio.timeout(self._until_next()):
                        frame = await self._frames.get()
                except TimeoutError:
                    await self._housekeeping()
                    continue
                if frame is None:
                    return
                await self._safely(self._from_relay(frame) if isinstance(frame, _Relayed) else self._event(frame))
                await self._housekeeping()
        finally:
            await self._links.close_all()

    def relayed(self, peer: str, message: MirandaMessage, reply: Reply) -> None:
        """Take in a message that came through a relay. The answer goes to `reply`."""
        self._frames.put_nowait(_Relayed(peer, message, reply))

    def stop(self) -> None:
        """Let `run` end by itself, since a cancelled negotiation leaves sockets open."""
        self._frames.put_nowait(None)

    def _until_next(self) -> float:
        times = [self.negotiation.next_at(), self._tell_at, self._late[0][0] if self._late else None]
        waits = [at - time.monotonic() for at in times if at is not None]
        return max(0.0, min([_LONGEST_WAIT_S, *waits]))

    async def _safely(self, doing: Any) -> None:
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

    # --- events ----------------------------------------------------------------------------------

    async def _event(self, raw: bytes) -> None:
        frame = msgspec.json.decode(raw)
        kind, data = frame["dataType"].removeprefix(events.PREFIX), frame["body"]["data"]
        if data.get("sessionId") != self.session_id:
            return  # of a party that we left
        if kind == events.MEMBERS_CREATED:
            self._came(data["members"])
        elif kind == events.MEMBERS_DELETED:
            for member in data["members"]:
                await self._left(_peer(member))
        elif kind == events.PARTY_DELETED:
            self._out()
        elif kind == events.CUSTOM_DATA3_UPDATED:
            for member in data["members"]:
                us = custom_data3.names(member["customData3"], self.device.account_id)
                self.negotiation.named(_peer(member), us=us)
        elif kind == events.CUSTOM_MESSAGE and data["customMessage"]["channel"] == CHANNEL:
            sender = _peer(data["customProperties"]["from"])
            self._by_relay.pop(sender, None)
            await self._signal(sender, decode_payload(data["customMessage"]["payload"]).message)

    def _came(self, members: list[dict[str, Any]]) -> None:
        now = time.monotonic()
        for member in members:
            peer = _peer(member)
            if peer == self.device.peer:
                continue
            self._tell_at = now + TELL_AFTER_OTHERS_S
            if peer not in self.fellows:
                self.negotiation.joined(peer, now, member["joinOrder"])

    async def _from_relay(self, came: _Relayed) -> None:
        self._by_relay[came.peer] = came.reply
        await self._signal(came.peer, came.message)

    async def _left(self, peer: str) -> None:
        if peer == self.device.peer:
            self._out()
            return
        self._tell_at = time.monotonic() + TELL_AFTER_OTHERS_S
        self.negotiation.left(peer)
        self._by_relay.pop(peer, None)
        await self._links.close(peer)

    def _out(self) -> None:
        self.session_id, self._tell_at = "", None
        self._late.clear()
        self._by_relay.clear()
        self.negotiation.begin()
        self._links.drop_all()

    async def _signal(self, peer: str, message: MirandaMessage) -> None:
        if message.kind in ("offer", "sdp_updated") and self.negotiation.policy == "late":
            self._late.append((time.monotonic() + LATE_S, peer, message))
        elif message.kind in ("offer", "sdp_updated"):
            await self._offered(peer, message)
        elif message.kind == "answer" and self.negotiation.answered(peer, message.sdp_sequence_number):
            await self._links.accept(peer, message.sdp)

    async def _offered(self, peer: str, message: MirandaMessage) -> None:
        if self.negotiation.glares(peer):
            await self._offer(peer, time.monotonic())
        if self.negotiation.offered(peer):
            lost = self.negotiation.policy == "unreachable"
            answer = await self._links.answer(peer, nowhere(message.sdp) if lost else message.sdp)
            self._send(peer, "answer", nowhere(answer) if lost else answer, int(message.sdp_sequence_number))

    def _attend_bridge(self, now: float) -> None:
        if self.bridges is not None and self.session_id:
            reached = {peer for peer, link in self._links.current.items() if link.state == "connected"}
            needs = self.negotiation.policy in RELAYED
            self.bridges.attend(self.session_id, self.device.peer, needs=needs, reached=reached, now=now)

    async def _housekeeping(self) -> None:
        now = time.monotonic()
        await self._links.give_up_late(now)
        self._attend_bridge(now)
        if self._tell_at is not None and self._tell_at <= now:
            await self._safely(self._tell_others())
        while self._late and self._late[0][0] <= now:
            _, peer, message = self._late.popleft()
            await self._safely(self._offered(peer, message))
        for peer in self.negotiation.due(now):
            await self._safely(self._offer(peer, now))

    async def _tell_others(self) -> None:
        self.tell_others()

    @rests_on(TELLS_OTHERS)
    def tell_others(self) -> None:
        """Send customData3. A member that is alone in a party sends none."""
        self._tell_at = None
        party, _ = self._world.parties.member(self.session_id, self.device)
        others = [one.device.account_id for one in party.members.values() if one.device.peer != self.device.peer]
        if others:
            change = ChangeMember(customData3=custom_data3.naming(self.session_id, others))
            self._world.change_member(self.device, self.session_id, change)

    async def _offer(self, peer: str, now: float) -> None:
        sequence, kind = self.negotiation.offering(peer, now), self.negotiation.kind(peer)
        self._send(peer, kind, await self._links.offer(peer), sequence)

    def _send(self, peer: str, kind: str, sdp: str, sequence: int) -> None:
        account_id, _, platform = peer.partition(".")
        self._sent += 1
        message = frames.message(
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
        frame = dressed(message, self.device.peer, self._world.ways, self._world.relay.counters)
        body = CustomMessage(
            channel=CHANNEL,
            payload=encode_payload(frame),
            to=[Recipient(accountId=account_id, platform=platform)],
            withoutSequenceNumber=True,
        )
        self._world.custom_message(self.device, self.session_id, body)


def _peer(member: dict[str, Any]) -> str:
    return f"{member['accountId']}.{member['platform']}"
