"""A member of the party in media, with its negotiation, connections, receive path and published state."""

from __future__ import annotations

import time
from typing import ClassVar

from common.messages import AudioFrame, Member, PeerSignal, SignalRefused
from workers.media.guard.diagnosis import Diagnosis
from workers.media.negotiate.negotiation import Negotiation
from workers.media.peers.connections import Connections
from workers.media.receive.path import VoiceFrame
from workers.media.talkers.talker_publisher import TalkerPublisher
from workers.media.talkers.talker_services import TalkerServices
from workers.media.talkers.talker_voice import TalkerVoice


class Talker:
    is_member: ClassVar[bool] = True
    """Whether it has an entry in the party's table, and leaves with it."""

    def __init__(self, member: Member, negotiation: Negotiation, services: TalkerServices) -> None:
        self.negotiation = negotiation
        self.voice = TalkerVoice(member.peer, services)
        self._services = services
        self._connections = Connections(member, negotiation, services, self.voice, self._on_changed)
        self.publisher = TalkerPublisher(negotiation, self._connections, self.voice, services)

    @property
    def member(self) -> Member:
        return self._connections.member

    @property
    def rtp_clock(self) -> int:
        """The rate of its RTP timestamps in hertz, or 0 until it is certain."""
        return self.voice.rtp_clock

    @property
    def why(self) -> Diagnosis | None:
        """Why the latest try failed. None while a connection is up."""
        return self._connections.why

    def update_member(self, member: Member) -> None:
        """Take a newer entry of the same member."""
        self._connections.update_member(member)

    # --- signals and time --------------------------------------------------------------------------

    def on_signal(self, signal: PeerSignal, now: float, *, meet: bool = False) -> None:
        """Handle an offer or an answer. `meet`: send a local offer before an answer to an offer."""
        lines = {"sdp.ssrc": "as-captured" if "a=ssrc:" in signal.sdp else "none"}
        self._services.ladder.on_message(self.member.peer, signal.form | lines)
        if signal.kind == "answer":
            handle = self.negotiation.on_answer
        else:
            handle = self.negotiation.meet_offer if meet else self.negotiation.on_offer
        self._connections.do(handle(signal.sequence, signal.sdp, now))
        self._on_changed()

    def on_refusal(self, refusal: SignalRefused, now: float) -> None:
        """Handle the server's refusal of a local signal."""
        actions = self.negotiation.on_refusal(refusal.kind, refusal.sequence, refusal.message, now, final=refusal.final)
        self._connections.do(actions)
        self._on_changed()

    def ends_with(self, refusal: SignalRefused) -> bool:  # noqa: ARG002  # a member stays as long as its entry
        """Return whether the server's refusal means that this talker is gone."""
        return False

    def on_wake(self, slept_s: float, now: float) -> None:
        """Handle that this machine slept until now."""
        self._connections.wake_check.on_wake(slept_s, now)
        self._on_changed()

    def poll(self, now: float) -> None:
        """Handle timeouts. Called a few times a second."""
        self._connections.poll(now)
        self._on_changed()

    def tick(self, number: int, due_ns: int, boot: str) -> tuple[AudioFrame, bytes] | None:
        """Return the frame of this tick, or None without a connection."""
        if self.voice.path is None:
            return None
        frame = self._gated(self.voice.path.pull(due_ns), due_ns)
        if frame.sounding != self.publisher.speaking:
            self.publisher.publish_speaking(speaking=frame.sounding)
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

    def _gated(self, frame: VoiceFrame, due_ns: int) -> VoiceFrame:
        """Return the frame to play. A member's own voice is unchanged, and the bridge's gate is informed of it."""
        if frame.sounding:
            self._services.bridge_gate.record_own_voice(self.member.peer, due_ns)
        return frame

    def leave(self) -> None:
        """Stop sending offers and answers, because the common party is over."""
        self.negotiation.leave(time.monotonic())

    async def close(self) -> None:
        """Close all connections, because this member or the local one has left."""
        self.leave()  # its actions would only close the connections, which is awaited below
        self.voice.clear()
        self.publisher.clear()
        await self._connections.close()

    def _on_changed(self) -> None:
        """Drop the receive path if there is no connection, and publish the state."""
        if self.negotiation.status.is_over:
            return  # the published state was cleared, and must not be published again
        if not self._connections.any:
            self.voice.clear()
            self.publisher.publish_speaking(speaking=False)
        self.publisher.publish_state()
