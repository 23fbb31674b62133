"""Our side of one bridge: create it, add our peer, answer, read its peers, leave it.

Each step may be cancelled. After a leave of the party, only the withdrawal is sent.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import msgspec
import structlog

from common.basic.clock import Moment
from common.errors import PartylineError
from common.messages import BRIDGE, BRIDGE_PEER, PeerSignal, SignalRefused
from common.psn.errors import NotFoundError
from common.psn.party import bridges
from workers.signaling.transports import TRANSIENT, Name, TransportEvents
from workers.signaling.transports.bridge.attachment import ADD_TRIES, Attachment
from workers.signaling.transports.bridge.bridge_calls import BridgeCalls
from workers.signaling.transports.bridge.bridge_use import BridgeUse
from workers.signaling.transports.bridge.memory import OwnBridgeFile
from workers.signaling.transports.bridge.withdrawals import Withdrawals

NAME: Name = "bridge"
"""The transport's name."""
PROBLEM = "signaling.bridge"
_RETRIED = "Nothing to do: it is tried again by itself, after a longer wait each time."


@dataclass(frozen=True)
class CallDelays:
    """Seconds between the app's own calls [seen]."""

    link_s: float = 0.7
    """Create → link to the party."""
    peer_s: float = 0.5
    """Link → add peer."""
    answer_s: float = 0.9
    """Add peer → answer."""


class BridgeClient:
    """The steps. `use` is updated by them."""

    def __init__(
        self,
        calls: BridgeCalls,
        own: OwnBridgeFile,
        use: BridgeUse,
        events: TransportEvents,
        delays: CallDelays,
    ) -> None:
        self._calls = calls
        self._own = own
        self._use = use
        self._events = events
        self._delays = delays
        self._sequence = 0
        self.withdrawals = Withdrawals(calls, own)
        self._log = structlog.get_logger("signaling")

    # --- joining a bridge --------------------------------------------------------------------------

    async def create(self, session_id: str, for_members: list[str]) -> None:
        """Create a bridge, link it to the party, add our peer."""
        own = self._own
        own.keep(own.now.created(session_id, "", Moment.now()))  # a failed one counts too
        self._log.info("a bridge is created", for_members=for_members, number=own.now.count)
        ref = await self._calls.create()
        attachment = Attachment(ref, session_id, own=True)
        self._use.attach(attachment)
        own.keep(msgspec.structs.replace(own.now, bridge_id=ref.bridge_id))
        await asyncio.sleep(self._delays.link_s)
        attachment.on_link(linked=True)  # the call below may succeed without an answer
        try:
            await self._calls.link(session_id, ref)
        except PartylineError:
            await self.leave(attachment, "it could not be linked to the party")
            raise
        await self.add_peer(attachment)

    async def add_peer(self, attachment: Attachment) -> None:
        """Add our peer to a bridge. A bridge that refuses it for good is left."""
        self._use.attach(attachment)
        await asyncio.sleep(self._delays.peer_s)
        try:
            peer_id, sdp = await self._calls.add_peer(attachment.ref)
        except PartylineError as error:
            attachment.on_add_failed()
            if not isinstance(error, TRANSIENT) or attachment.add_tries >= ADD_TRIES:
                self._use.useless.add(attachment.ref.bridge_id)
                await self.leave(attachment, error.message)
            raise
        now = time.monotonic()
        attachment.on_added(peer_id, now)
        self._use.on_added(now)
        self._deliver_offer(attachment, sdp)

    def _deliver_offer(self, attachment: Attachment, sdp: str) -> None:
        """Deliver the bridge's offer to media."""
        self._sequence += 1
        attachment.on_offer(self._sequence, bridges.direction_of(sdp), time.monotonic())
        self._events.on_signal(
            PeerSignal(
                direction="in",
                account_id=BRIDGE.account_id,
                platform=BRIDGE.platform,
                kind="offer",
                sdp=sdp,
                transport=NAME,
                sequence=attachment.sequence,
            )
        )

    # --- media's signals ---------------------------------------------------------------------------

    async def forward(self, signal: PeerSignal) -> None:
        """Forward an answer, or request a new offer."""
        try:
            await (self._answer(signal) if signal.kind == "answer" else self._renew(signal))
        except PartylineError as error:
            if isinstance(error, NotFoundError) and self._use.attached is not None:
                await self.leave(self._use.attached, error.message)
            final = not isinstance(error, TRANSIENT)
            self._events.on_refused(NAME, SignalRefused.of(signal, error.message, final=final), error)

    async def _answer(self, signal: PeerSignal) -> None:
        attached = self._use.attached
        if attached is None or signal.sequence != attached.sequence:
            return  # the answer to a stale offer
        await asyncio.sleep(max(0.0, attached.offered_at + self._delays.answer_s - time.monotonic()))
        await self._calls.answer(attached.ref, attached.peer_id, signal.sdp)
        self._log.info("sent", kind=signal.kind, peer=BRIDGE_PEER, sequence=signal.sequence, by=NAME)
        self._events.on_usable(PROBLEM)
        self._events.on_sent(BRIDGE_PEER)

    async def _renew(self, request: PeerSignal) -> None:
        """Request a new offer from the bridge. If it no longer knows our peer, add the peer again."""
        attached = self._use.attached
        if attached is None or not attached.peer_id:
            self._events.on_ended(SignalRefused.of(request, "The party has no bridge any more.", final=True))
            return
        try:
            self._deliver_offer(attached, await self._calls.renew(attached.ref, attached.peer_id))
        except NotFoundError:
            attached.on_peer_lost()
            await self.add_peer(attached)

    # --- upkeep and the end ------------------------------------------------------------------------

    async def read_peers(self, attachment: Attachment, *, keep_alone: bool) -> None:
        """Read the bridge's other peers, and act on them."""
        mean = attachment.on_peers(await self._calls.peers(attachment.ref), time.monotonic())
        if mean == "renew":
            sdp = await self._calls.renew(attachment.ref, attachment.peer_id)
            if bridges.direction_of(sdp) == "recvonly":
                await self.give_up(attachment, "it only listens, so it brings nobody's voice")
            else:
                self._deliver_offer(attachment, sdp)
        elif mean == "alone" and not keep_alone:
            await self.give_up(attachment, "nobody else came onto it")

    async def give_up(self, attachment: Attachment, why: str) -> None:
        """Leave a bridge for good, and report why."""
        self._use.useless.add(attachment.ref.bridge_id)
        await self.leave(attachment, why)
        self.report_unusable(PartylineError(f"{why}.", _RETRIED))

    async def leave(self, attachment: Attachment, why: str) -> None:
        """Leave a bridge while we stay in the party."""
        self._log.info("leaving the bridge", why=why, own=attachment.own)
        self._detach(attachment)
        await asyncio.shield(self.withdrawals.start(attachment))

    def on_unlinked(self, attachment: Attachment) -> None:
        """Handle that somebody else unlinked the bridge from the party."""
        self._detach(attachment)
        attachment.on_link(linked=False)
        if attachment.own:
            self.withdrawals.start(attachment)

    def report_unusable(self, error: PartylineError) -> None:
        """Report why no bridge is used."""
        message = f"A bridge of the party is not used: {error.message}"
        self._events.on_unusable(
            PROBLEM, PartylineError(message, error.remedy, code=PROBLEM, reference_id=error.reference_id)
        )

    def _detach(self, attachment: Attachment) -> None:
        """Record that we are not on a bridge any more, and notify media."""
        self._use.detach(attachment)
        offer = PeerSignal(
            direction="out",
            account_id=BRIDGE.account_id,
            platform=BRIDGE.platform,
            kind="offer",
            sdp="",
            sequence=0,
        )
        self._events.on_ended(SignalRefused.of(offer, "The party's bridge has ended.", final=True))
