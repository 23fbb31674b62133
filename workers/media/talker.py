"""One member of the party, as media sees them: negotiation, connections, receive path, what is published."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog

from common.errors import PartylineError
from common.messages import AudioFrame, Member, Message, PeerSignal, PeerState, SignalRefused, Speaking
from common.messages.peers import Way
from common.psn.sdp import BadSdp, Kind
from workers.media.negotiation import (
    AcceptAnswer,
    Action,
    AnswerOffer,
    MakeOffer,
    Negotiation,
    RepeatAnswer,
)
from workers.media.peer import Events, Peer
from workers.media.receive.packets import Rtp
from workers.media.receive.path import Frame, ReceivePath

SILENT_S = 12.0
"""A peer that sent RTP or RTCP, and then neither for so long, is gone; ICE itself needs 30 s to notice."""


@dataclass
class Surroundings:
    """What a talker needs from the worker."""

    silence: bytes
    new_path: Callable[[], ReceivePath]
    publish: Callable[[Message], None]
    clear: Callable[[type[Message], str], None]
    spawn: Callable[[Coroutine[Any, Any, Any]], None]
    problem: Callable[[PartylineError], None]
    bad_rtp: Callable[[str], None]


class Talker:
    """Keeps one connection to one member, and a second one while it is being replaced."""

    def __init__(self, member: Member, negotiation: Negotiation, around: Surroundings) -> None:
        self.member = member
        self.negotiation = negotiation
        self.way: Way = "none"
        """How it is heard; its owner knows."""
        self._faults = 0
        self._malformed_told = 0
        self._log = structlog.get_logger("media")
        self._around = around
        self._current: Peer | None = None
        self._pending: Peer | None = None
        self._path: ReceivePath | None = None
        self._codec = ""
        self._answer: PeerSignal | None = None
        self._speaking: bool | None = None
        self._said: tuple[str, str, Way] | None = None
        self._say_speaking(speaking=False)

    @property
    def receives(self) -> bool:
        """Whether anything has come on the connection that stands."""
        return self._path is not None and self._path.buffer.received > 0

    # --- what happens ------------------------------------------------------------------------------

    def signal(self, signal: PeerSignal, now: float) -> None:
        """Take an offer or an answer."""
        if signal.kind == "offer":
            self._act(self.negotiation.offered(signal.sequence, signal.sdp, now))
        else:
            self._act(self.negotiation.answered(signal.sequence, signal.sdp, now))
        self.report()

    def refused(self, refusal: SignalRefused, now: float) -> None:
        """Take the server's refusal of a signal of ours."""
        if self.negotiation.refused(refusal.kind, refusal.sequence, refusal.message, now, final=refusal.final):
            self._drop_pending()
        self.report()

    def poll(self, now: float) -> None:
        """Do what time brings; a few times a second."""
        current = self._current
        if current is not None and current.heard_ns and self.negotiation.state == "connected":
            silent_s = (time.monotonic_ns() - current.heard_ns) / 1e9
            if silent_s > SILENT_S:
                self.negotiation.lost(f"nothing was heard for {silent_s:.0f} s", now)
        self._act(self.negotiation.tick(now))
        if not self.negotiation.attempting:
            self._drop_pending()
        self.report()

    def tick(
        self, number: int, due_ns: int, boot: str, through: Callable[[Frame], Frame] | None = None
    ) -> tuple[AudioFrame, bytes] | None:
        """Return the frame of this tick, None while there is no connection; `through` may change it."""
        if self._path is None:
            return None
        frame = self._path.pull(due_ns)
        if through is not None:
            frame = through(frame)
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

    def renew_path(self) -> None:
        """Begin to receive anew, on the connection that stands."""
        if self._path is not None:
            formats = self._path.buffer.formats
            self._path = self._around.new_path()
            self._path.buffer.formats = formats

    async def close(self) -> None:
        """End it all: the member has left, or we have."""
        peers = [peer for peer in (self._current, self._pending) if peer]
        self._current = self._pending = None
        self._around.clear(PeerState, self.member.peer)
        self._around.clear(Speaking, self.member.peer)
        await asyncio.gather(*(peer.close() for peer in peers))

    # --- connections -------------------------------------------------------------------------------

    def _act(self, action: Action | None) -> None:
        if isinstance(action, MakeOffer | AnswerOffer):
            before = self._pending
            peer = Peer(Events(rtp=self._rtp, state=self._changed, fault=self._fault), self._around.silence)
            self._pending = peer
            if before is not None:
                self._around.spawn(before.close())
            self._around.spawn(self._make(peer, action))
        elif isinstance(action, AcceptAnswer) and self._pending is not None:
            self._around.spawn(self._accept(self._pending, action.sdp))
        elif isinstance(action, RepeatAnswer) and self._answer is not None:
            self._around.publish(self._answer)

    async def _make(self, peer: Peer, action: MakeOffer | AnswerOffer) -> None:
        try:
            sdp = await (peer.offer() if isinstance(action, MakeOffer) else peer.answer(action.sdp))
        except BadSdp as error:
            self._give_up(peer, error)
            return
        except Exception as error:  # noqa: BLE001  # one member's connection must not take the others along
            self._give_up(peer, _unexpected(error))
            return
        if self._pending is peer or self._current is peer:
            signal = (
                self._signal("offer", sdp, action.sequence, action.attempt)
                if isinstance(action, MakeOffer)
                else self._signal("answer", sdp, action.sequence)
            )
            self._answer = signal if signal.kind == "answer" else None
            self._around.publish(signal)

    async def _accept(self, peer: Peer, sdp: str) -> None:
        try:
            await peer.accept(sdp)
        except BadSdp as error:
            self._give_up(peer, error)
        except Exception as error:  # noqa: BLE001  # the same
            self._give_up(peer, _unexpected(error))

    def _signal(self, kind: Kind, sdp: str, sequence: int, attempt: int = 1) -> PeerSignal:
        return PeerSignal(
            direction="out",
            account_id=self.member.account_id,
            platform=self.member.platform,
            kind=kind,
            sdp=sdp,
            sequence=sequence,
            attempt=attempt,
        )

    def _give_up(self, peer: Peer, error: PartylineError) -> None:
        who = self.member.online_id or self.member.peer
        self._around.problem(PartylineError(f"Signal of {who}: {error.message}", error.remedy, code=error.code))
        if self._pending is peer:
            self.negotiation.failed(error.message, time.monotonic())
            self._drop_pending()
            self.report()

    def _drop_pending(self) -> None:
        if self._pending is not None:
            self._around.spawn(self._pending.close())
            self._pending = None
            self._drop_path()

    def _drop_path(self) -> None:
        """Give the receive path up, unless a connection feeds it or is about to: what waits in it is heard."""
        if self._current is None and self._pending is None:
            self._path, self._codec = None, ""
            if self._speaking:
                self._say_speaking(speaking=False)

    def _changed(self, peer: Peer) -> None:
        if peer.state == "connected" and peer is self._pending:
            self._swap(peer)
        elif peer.state in ("failed", "closed"):
            self._ended(peer)
        self.report()

    def _swap(self, peer: Peer) -> None:
        """Let `peer` take over: only now does the old connection end, so that nothing is missed."""
        if self._current is not None:
            self._around.spawn(self._current.close())
        if self._path is None:
            self._path = self._around.new_path()
        self._current, self._pending = peer, None
        self._path.buffer.formats, self._codec = peer.formats, peer.codec
        self.negotiation.connected()

    def _ended(self, peer: Peer) -> None:
        if peer is self._pending:
            self.negotiation.failed("no way was found to this peer (ICE or DTLS failed)", time.monotonic())
            self._drop_pending()
        elif peer is self._current:
            self._around.spawn(peer.close())
            self._current = None
            if self.negotiation.state == "connected":
                self.negotiation.lost("the connection ended", time.monotonic())
            self._drop_path()

    def _rtp(self, peer: Peer, packet: Rtp, arrived_ns: int) -> None:
        if peer is self._current and self._path is not None:
            self._path.put(packet, arrived_ns)

    def _fault(self, what: str) -> None:
        self._faults += 1
        self._log.debug("a packet could not be used", peer=self.member.peer, what=what, count=self._faults)

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
            self._around.bad_rtp(f"{self.member.online_id or self.member.peer}, {self._malformed} so far")
        said = (self.negotiation.state, self.negotiation.detail, self.way)
        if always or said != self._said:
            self._said = said
            self._around.publish(self._state())

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
            connection=self.negotiation.state,
            detail=self.negotiation.detail,
            codec=self._codec,
            way=self.way,
            **figures,
        )


def _unexpected(error: Exception) -> PartylineError:
    return PartylineError(
        f"making a connection met {type(error).__name__}: {error}",
        "It is tried again; if it persists, report it with media's log.",
        code="media.connection-fault",
    )
