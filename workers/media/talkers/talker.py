"""A member of the party in media, with its negotiation, connections, receive path and published state."""

from __future__ import annotations

import time
from typing import ClassVar

import structlog

from common.messages import AudioFrame, Member, PeerSignal, PeerState, SignalRefused, Speaking
from common.messages.peers import Trouble, Way
from workers.media.guard.diagnosis import Explanation
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.states import State
from workers.media.peers.connections import Connections, Ears, Surroundings
from workers.media.peers.peer import Peer
from workers.media.receive.buffer.packets import Rtp
from workers.media.receive.path import Frame, ReceivePath


class Talker:
    is_member: ClassVar[bool] = True
    """Whether it has an entry in the party's table, and leaves with it."""

    def __init__(self, member: Member, negotiation: Negotiation, around: Surroundings) -> None:
        self.negotiation = negotiation
        self.way: Way = "none"
        """How it is heard, set by its owner."""
        self._faults = 0
        self._malformed_told = self._refused_told = 0
        self._log = structlog.get_logger("media")
        self._around = around
        ears = Ears(playing=self._playing, rtp=self._rtp, fault=self._fault, changed=self._changed)
        self._connections = Connections(member, negotiation, around, ears)
        self._path: ReceivePath | None = None
        self._codec = ""
        self._speaking: bool | None = None
        self._said: tuple[object, ...] | None = None
        self._say_speaking(speaking=False)

    @property
    def member(self) -> Member:
        return self._connections.member

    @member.setter
    def member(self, member: Member) -> None:
        self._connections.member = member

    @property
    def receives(self) -> bool:
        """Whether any RTP was received on the current connection."""
        return self._path is not None and self._path.buffer.received > 0

    @property
    def rtp_clock(self) -> int:
        """The rate of its RTP timestamps in hertz, or 0 until it is certain."""
        return self._path.buffer.certain_rate if self._path is not None else 0

    @property
    def why(self) -> Explanation | None:
        """Why the latest try failed. None while a connection is up."""
        return self._connections.why

    # --- signals and time --------------------------------------------------------------------------

    def signal(self, signal: PeerSignal, now: float) -> None:
        """Handle an offer or an answer."""
        self._learn(signal)
        take = self.negotiation.offered if signal.kind == "offer" else self.negotiation.answered
        self._connections.do(take(signal.sequence, signal.sdp, now))
        self._changed()

    def meet(self, signal: PeerSignal, now: float) -> None:
        """Handle an offer, with a local offer sent before the answer."""
        self._learn(signal)
        self._connections.do(self.negotiation.meets(signal.sequence, signal.sdp, now))
        self._changed()

    def _learn(self, signal: PeerSignal) -> None:
        """Record the form of the member's own messages."""
        lines = {"sdp.ssrc": "as-captured" if "a=ssrc:" in signal.sdp else "none"}
        self._around.ladder.showed(self.member.peer, signal.form | lines)

    def refused(self, refusal: SignalRefused, now: float) -> None:
        """Handle the server's refusal of a local signal."""
        actions = self.negotiation.refused(refusal.kind, refusal.sequence, refusal.message, now, final=refusal.final)
        self._connections.do(actions)
        self._changed()

    def ends_with(self, refusal: SignalRefused) -> bool:  # noqa: ARG002  # a member stays as long as its entry
        """Return whether the server's refusal means that this talker is gone."""
        return False

    def poll(self, now: float) -> None:
        """Handle timeouts. Called a few times a second."""
        self._connections.poll(now)
        self._changed()

    def tick(self, number: int, due_ns: int, boot: str) -> tuple[AudioFrame, bytes] | None:
        """Return the frame of this tick, or None without a connection."""
        if self._path is None:
            return None
        frame = self._heard(self._path.pull(due_ns), due_ns)
        if frame.sounding != self._speaking:
            self._say_speaking(speaking=frame.sounding)
        header = AudioFrame(
            peer=self.member.peer,
            boot=boot,
            tick=number,
            tick_ns=due_ns,
            arrived_ns=frame.arrived_ns,
            concealed=frame.concealed,
            sounding=frame.sounding,
        )
        return header, b"" if frame.samples is None else frame.samples.tobytes()

    def _heard(self, frame: Frame, due_ns: int) -> Frame:
        """Return the frame to play. A member's own voice is unchanged, and the bridge's gate is informed of it."""
        if frame.sounding:
            self._around.one_voice.own_voice(self.member.peer, due_ns)
        return frame

    def renew_path(self) -> None:
        """Replace the receive path on the current connection."""
        if self._path is not None:
            formats = self._path.buffer.formats
            self._path = self._around.new_path()
            self._path.buffer.formats = formats

    def leave(self) -> None:
        """Stop sending offers and answers, because the common party is over."""
        self.negotiation.left(time.monotonic())

    async def close(self) -> None:
        """Close all connections, because this member or the local one has left."""
        self.leave()  # its actions would only close the connections, which is awaited below
        self._path = None
        self._around.clear(PeerState, self.member.peer)
        self._around.clear(Speaking, self.member.peer)
        await self._connections.close()

    # --- received ----------------------------------------------------------------------------------

    def _playing(self, peer: Peer) -> None:
        """Switch to another connection. The receive path stays, so that its queued packets are played."""
        if self._path is None:
            self._path = self._around.new_path()
        self._path.buffer.formats, self._codec = peer.formats, peer.codec

    def _rtp(self, packet: Rtp, arrived_ns: int) -> None:
        if self._path is not None:
            self._path.put(packet, arrived_ns)

    def _fault(self, what: str) -> None:
        self._faults += 1
        self._log.debug("a packet could not be used", peer=self.member.peer, what=what, count=self._faults)

    def _changed(self) -> None:
        """Drop the receive path if there is no connection, and publish the state."""
        if self.negotiation.state is State.OUT:
            return  # the published state was cleared, and must not be published again
        if not self._connections.any:
            self._path, self._codec = None, ""
            if self._speaking:
                self._say_speaking(speaking=False)
        self.report()

    @property
    def _malformed(self) -> int:
        """Number of unusable packets, from all stages."""
        path = self._path
        return self._faults + (path.buffer.malformed + path.stats.undecodable if path else 0)

    # --- publish -------------------------------------------------------------------------------------

    def report(self, *, always: bool = False) -> None:
        """Publish the connection's state if it changed, or `always`."""
        if self._malformed > self._malformed_told:
            self._malformed_told = self._malformed
            self._around.bad_rtp(self.member.online_id or self.member.peer)
        if (refused := self._connections.refused) > self._refused_told:
            self._around.floods(self.member.online_id or self.member.peer)
        self._refused_told = refused
        deal = self.negotiation
        said = (deal.connection, self._detail, deal.tries.failures, self._trouble, self.way)
        if always or said != self._said:
            self._said = said
            self._around.publish(self._state())

    @property
    def _detail(self) -> str:
        """The negotiation's state, and why the latest try failed."""
        words, why = self.negotiation.detail, self.why
        told = why is None or self.negotiation.connection == "connected" or why.sentence in words
        return words if told or why is None else f"{words}; last time: {why.sentence}"

    @property
    def _trouble(self) -> Trouble:
        tries = self.negotiation.tries
        if tries.silent:
            return "silent"
        return tries.failure.reason if tries.failures and tries.failure is not None else ""

    def _say_speaking(self, *, speaking: bool) -> None:
        self._speaking = speaking
        self._around.publish(
            Speaking(
                account_id=self.member.account_id,
                platform=self.member.platform,
                online_id=self.member.online_id,
                speaking=speaking,
                at=time.time(),
            )
        )

    def _state(self) -> PeerState:
        figures = self._path.figures() if self._path is not None else {}
        if figures:
            figures["malformed"] = self._malformed
        return PeerState(
            account_id=self.member.account_id,
            platform=self.member.platform,
            online_id=self.member.online_id,
            connection=self.negotiation.connection,
            detail=self._detail,
            attempts=self.negotiation.tries.failures,
            trouble=self._trouble,
            codec=self._codec,
            way=self.way,
            **figures,
        )
