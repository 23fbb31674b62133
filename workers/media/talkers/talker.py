"""One member of the party, as media sees them: negotiation, connections, receive path, what is published."""

from __future__ import annotations

import time
from typing import ClassVar

import structlog

from common.messages import AudioFrame, Member, PeerSignal, PeerState, SignalRefused, Speaking
from common.messages.peers import Trouble, Way
from workers.media.guard.explain import Explanation
from workers.media.negotiate.negotiation import Negotiation
from workers.media.negotiate.states import State
from workers.media.peers.connections import Connections, Ears, Surroundings
from workers.media.peers.peer import Peer
from workers.media.receive.buffer.packets import Rtp
from workers.media.receive.path import Frame, ReceivePath


class Talker:
    is_member: ClassVar[bool] = True
    """It stands in the party's table, and leaves with its entry there."""

    def __init__(self, member: Member, negotiation: Negotiation, around: Surroundings) -> None:
        self.negotiation = negotiation
        self.way: Way = "none"
        """How it is heard; its owner knows."""
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
        """Whether anything has come on the connection that stands."""
        return self._path is not None and self._path.buffer.received > 0

    @property
    def rtp_clock(self) -> int:
        """The rate of its RTP timestamps in hertz, once it is certain; 0 until then."""
        return self._path.buffer.certain_rate if self._path is not None else 0

    @property
    def why(self) -> Explanation | None:
        """Why the latest try led to no connection; None while one stands."""
        return self._connections.why

    # --- what happens ------------------------------------------------------------------------------

    def signal(self, signal: PeerSignal, now: float) -> None:
        """Take an offer or an answer."""
        self._learn(signal)
        take = self.negotiation.offered if signal.kind == "offer" else self.negotiation.answered
        self._connections.do(take(signal.sequence, signal.sdp, now))
        self._changed()

    def meet(self, signal: PeerSignal, now: float) -> None:
        """Take an offer, and offer before it is answered."""
        self._learn(signal)
        self._connections.do(self.negotiation.meets(signal.sequence, signal.sdp, now))
        self._changed()

    def _learn(self, signal: PeerSignal) -> None:
        """Learn of which form the member's own messages are."""
        lines = {"sdp.ssrc": "as-captured" if "a=ssrc:" in signal.sdp else "none"}
        self._around.ladder.showed(self.member.peer, signal.form | lines)

    def refused(self, refusal: SignalRefused, now: float) -> None:
        """Take the server's refusal of a signal of ours."""
        actions = self.negotiation.refused(refusal.kind, refusal.sequence, refusal.message, now, final=refusal.final)
        self._connections.do(actions)
        self._changed()

    def ends_with(self, refusal: SignalRefused) -> bool:  # noqa: ARG002  # a member stays as long as its entry
        """Return whether the server's refusal says that this talker is gone."""
        return False

    def poll(self, now: float) -> None:
        """Do what time brings; a few times a second."""
        self._connections.poll(now)
        self._changed()

    def tick(self, number: int, due_ns: int, boot: str) -> tuple[AudioFrame, bytes] | None:
        """Return the frame of this tick, None while there is no connection."""
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
        """Return a frame as it is to be heard: a member's own voice as it came, and the bridge gives way to it."""
        if frame.sounding:
            self._around.one_voice.own_voice(self.member.peer, due_ns)
        return frame

    def renew_path(self) -> None:
        """Begin to receive anew, on the connection that stands."""
        if self._path is not None:
            formats = self._path.buffer.formats
            self._path = self._around.new_path()
            self._path.buffer.formats = formats

    def leave(self) -> None:
        """Fall silent: we are not in a party together any more. Nothing is offered or answered from here on."""
        self.negotiation.left(time.monotonic())

    async def close(self) -> None:
        """End it all: the member has left, or we have."""
        self.leave()  # its actions are the closing of every connection, which is waited for here
        self._path = None
        self._around.clear(PeerState, self.member.peer)
        self._around.clear(Speaking, self.member.peer)
        await self._connections.close()

    # --- what comes in -----------------------------------------------------------------------------

    def _playing(self, peer: Peer) -> None:
        """Hear another connection from now on; the receive path stays, so that what waits in it is heard."""
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
        """Give the receive path up, unless a connection feeds it or is about to; say how things stand."""
        if self.negotiation.state is State.OUT:
            return  # what was published is cleared: a connection that ends now must not bring it back
        if not self._connections.any:
            self._path, self._codec = None, ""
            if self._speaking:
                self._say_speaking(speaking=False)
        self.report()

    @property
    def _malformed(self) -> int:
        """Packets that could not be used, wherever that came out."""
        path = self._path
        return self._faults + (path.buffer.malformed + path.stats.undecodable if path else 0)

    # --- what is published ---------------------------------------------------------------------------

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
        """What is going on, and why the latest try came to nothing."""
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
