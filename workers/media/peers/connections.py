"""The WebRTC connections with one member. They carry out the negotiation's actions and report their state to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from common.errors import PartylineError
from common.messages import Member, PeerSignal
from workers.media.guard.diagnosis import Diagnosis
from workers.media.negotiate.actions import AcceptAnswer, Action, AnswerOffer, Close, MakeOffer, RepeatAnswer
from workers.media.negotiate.negotiation import Negotiation
from workers.media.peers import descriptions
from workers.media.peers.connection_services import AudioListener, ConnectionServices
from workers.media.peers.form_results import Attempt, FormResults
from workers.media.peers.peer import Peer
from workers.media.peers.played import PlayedConnection
from workers.media.peers.wake_check import WakeCheck
from workers.media.receive.buffer.rtp import Rtp

MEDIA_TIMEOUT_S = 12.0
"""A peer that sent RTP or RTCP, and then neither for this time, is gone. ICE itself needs 30 s to notice."""
STUCK_S = 6.0
"""Timeout of DTLS after ICE. A network that carries ICE carries DTLS, so a later success is not expected."""
TRIED_S = 2.0
"""A connection that was tried for less, and did not fail, was replaced and shows nothing."""


class Connections:
    """The connection with a member, and a second one during glare or a replacement."""

    def __init__(
        self,
        member: Member,
        negotiation: Negotiation,
        services: ConnectionServices,
        listener: AudioListener,
        changed: Callable[[], None],
    ) -> None:
        """Call `changed` when a connection came up or ended."""
        self.member = member
        self.why: Diagnosis | None = None
        """Why the latest try failed. None while a connection is up."""
        self._active = False
        """Whether local offers ask for the DTLS client role, because the member has no suite for our certificate."""
        self._negotiation, self._status = negotiation, negotiation.status
        self._services, self._listener, self._publish_change = services, listener, changed
        self._peers: dict[int, Peer] = {}
        self._answers: dict[int, PeerSignal] = {}
        self._results = FormResults(member.peer, negotiation, services)
        self._played = PlayedConnection(self._peers, self._status, self._results, listener)
        self.wake_check = WakeCheck(self._peers, negotiation, services, self.do, changed)

    @property
    def any(self) -> bool:
        return bool(self._peers)

    @property
    def refused(self) -> int:
        """Number of drops on the present connections because the member sends too much."""
        return sum(peer.log.gate.too_much for peer in self._peers.values())

    def update_member(self, member: Member) -> None:
        """Take a newer entry of the same member."""
        self.member = member

    def do(self, actions: Iterable[Action]) -> None:
        """Carry out the negotiation's actions."""
        for action in actions:
            if isinstance(action, MakeOffer | AnswerOffer):
                self._open(action)
            elif isinstance(action, AcceptAnswer) and (peer := self._peers.get(action.connection)) is not None:
                self._results.on_answer()
                self._services.spawn(self._accept(peer, action))
            elif isinstance(action, RepeatAnswer) and (answer := self._answers.get(action.connection)) is not None:
                self._services.publish(answer)
            elif isinstance(action, Close):
                self._close(action.connection)

    def poll(self, now: float) -> None:
        """Report received media to the negotiation, and handle timeouts."""
        ladder, key = self._services.ladder, self.member.peer
        self._negotiation.retries.use_hurry(hurry=ladder.hurries(key))
        if ladder.take_news(key) and not self._status.established:
            self.do(self._negotiation.try_again(now))
        for number in self._status.established:
            if (peer := self._peers.get(number)) is None or not peer.heard_ns:
                continue
            self._negotiation.record_media(number, peer.heard_ns / 1e9, peer.rtp_ns / 1e9 if peer.rtp_ns else -1.0)
            if (silent_s := now - peer.heard_ns / 1e9) > MEDIA_TIMEOUT_S:
                self.do(self._negotiation.on_ended(number, f"nothing was heard for {silent_s:.0f} s", now))
        for number in self._status.connections:
            if (peer := self._peers.get(number)) is not None and peer.stuck_s(now) > STUCK_S:
                self._on_failed(number, peer, now)
        self.do(self._negotiation.poll(now))

    async def close(self) -> None:
        """Close all connections, including those in progress."""
        peers = list(self._peers.values())
        self._peers.clear()
        self._answers.clear()
        self._results.clear()
        self._played.clear()
        await asyncio.gather(*(peer.close() for peer in peers))

    def on_state(self, number: int, peer: Peer) -> None:
        """Hear that the state of a connection changed."""
        now = time.monotonic()
        if peer.state == "connected":
            self.do(self._negotiation.on_up(number, now))
            if number in self._status.established:
                if self._results.get(number) is not None:
                    self._results.on_up(number)
                    self.why = None
                self._played.on_up(number)
        elif peer.state in ("failed", "closed"):
            self._on_failed(number, peer, now)
        self._publish_change()

    # --- inside ----------------------------------------------------------------------------------

    def _open(self, action: MakeOffer | AnswerOffer) -> None:
        number = action.connection
        attempt = self._results.begin(number, "offer" if isinstance(action, MakeOffer) else "answer")
        former = None
        if isinstance(action, AnswerOffer):  # it may restart the ICE of a connection
            former = next((peer for peer in self._peers.values() if peer.continues(action.sdp)), None)
        events = _Events(number, self, self._played, self._listener)
        peer = self._peers[number] = Peer(events, self._services.silence, former)
        self._services.spawn(self._describe(peer, action, attempt))

    async def _describe(self, peer: Peer, action: MakeOffer | AnswerOffer, attempt: Attempt) -> None:
        """Make the offer or answer, and publish it."""
        number = action.connection
        if self._results.get(number) is None:
            return  # it was closed before it began
        try:
            sdp = await descriptions.describe(peer, action, attempt.recipe, active=self._active)
        except PartylineError as error:
            self._give_up(number, error)
            return
        if number not in self._status.connections:
            return  # closed meanwhile, or the party was left: nothing to send
        signal = descriptions.signal(self.member, action, attempt, sdp)
        if attempt.role == "answer":
            self._answers[number] = signal
        self._services.publish(signal)

    async def _accept(self, peer: Peer, action: AcceptAnswer) -> None:
        try:
            await descriptions.accept(peer, action)
        except PartylineError as error:
            self._give_up(action.connection, error)

    def _give_up(self, number: int, error: PartylineError) -> None:
        if number not in self._peers:
            return
        who = self.member.online_id or self.member.peer
        fault = PartylineError(f"Signal of {who}: {error.message}", error.remedy, code=error.code)
        self._services.on_connection_fault(fault)
        self.do(self._negotiation.on_ended(number, error.message, time.monotonic()))
        self._publish_change()

    def _on_failed(self, number: int, peer: Peer, now: float) -> None:
        why = None if number in self._status.established else peer.diagnose()
        self.do(self._negotiation.on_ended(number, why.sentence if why else "the connection ended", now))

    def _close(self, number: int) -> None:
        peer = self._peers.pop(number, None)
        self._answers.pop(number, None)
        attempt = self._results.on_ended(number)
        if peer is not None:
            self._diagnose(peer, attempt)
            self._services.spawn(peer.close())
        self._played.on_ended(number)

    def _diagnose(self, peer: Peer, attempt: Attempt | None) -> None:
        """Report why a connection never came up, unless another one is up or everything ends."""
        if attempt is None or attempt.was_up or self._status.established or self._status.is_over:
            return
        why = peer.diagnose()
        if why is not None and (peer.state == "failed" or why.tried_s > TRIED_S):
            self.why = why
            self._active = why.cause == "no suite" or self._active
            self._services.on_no_connection(self.member, why)


class _Events:
    """Passes on the events of connection `number`."""

    def __init__(
        self, number: int, connections: Connections, played: PlayedConnection, listener: AudioListener
    ) -> None:
        self._number, self._connections, self._played, self._listener = number, connections, played, listener

    def on_rtp(self, packet: Rtp, arrived_ns: int) -> None:
        self._played.on_rtp(self._number, packet, arrived_ns)

    def on_state(self, peer: Peer) -> None:
        self._connections.on_state(self._number, peer)

    def on_fault(self, what: str) -> None:
        self._listener.on_fault(what)
