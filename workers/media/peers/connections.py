"""The WebRTC connections with one member. They carry out the negotiation's actions and report their state to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

from common.errors import PartylineError
from common.messages import Member, Message, PeerSignal
from common.psn.sdp import BadSdp, Kind
from common.psn.unknowns import Recipe
from workers.media.bridge.bridge_gate import OneVoice
from workers.media.guard.diagnosis import Explanation
from workers.media.negotiate.actions import AcceptAnswer, Action, AnswerOffer, Close, MakeOffer, RepeatAnswer
from workers.media.negotiate.negotiation import Negotiation
from workers.media.peers.ladder import Ladder
from workers.media.peers.peer import Events, Peer
from workers.media.receive.buffer.packets import Rtp
from workers.media.receive.path import ReceivePath

SILENT_S = 12.0
"""A peer that sent RTP or RTCP, and then neither for this time, is gone. ICE itself needs 30 s to notice."""
STUCK_S = 6.0
"""Timeout of DTLS after ICE. A network that carries ICE carries DTLS, so a later success is not expected."""
TRIED_S = 2.0
"""A connection that was tried for less, and did not fail, was replaced and shows nothing."""
TAKEOVER_NS = 120_000_000
"""Playout switches to the other connection after this time without RTP on the current one (three packets)."""


@dataclass
class Surroundings:
    """The worker's services for a talker."""

    silence: bytes
    new_path: Callable[[], ReceivePath]
    publish: Callable[[Message], None]
    clear: Callable[[type[Message], str], None]
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    problem: Callable[[PartylineError], None]
    ladder: Ladder
    found: Callable[[], None]
    """A new recipe worked, and is to be stored."""
    missed: Callable[[float], bool]
    """Whether the push channel was down at some time since then, so that an answer may have been lost."""
    bad_rtp: Callable[[str], None]
    explained: Callable[[Member, Explanation], None]
    """Reports why a connection did not come up."""
    floods: Callable[[str], None]
    """Reports a member that sends far too much."""
    one_voice: OneVoice
    """The bridge's gate, which is given the voices on own connections."""


@dataclass
class _Made:
    """How a connection was requested, and its result."""

    role: Kind
    recipe: Recipe
    asked_at: float
    stood: bool = False
    heard: bool = False


@dataclass
class Ears:
    """Callbacks for the played connection's packets, for faults and for changes."""

    playing: Callable[[Peer], None]
    """Playout has switched to this connection."""
    rtp: Callable[[Rtp, int], None]
    fault: Callable[[str], None]
    changed: Callable[[], None]
    """A connection came up or ended."""


class Connections:
    """The connection with a member, and a second one during glare or a replacement."""

    def __init__(self, member: Member, negotiation: Negotiation, around: Surroundings, ears: Ears) -> None:
        self.member = member
        self.playing: int | None = None
        """Number of the played connection."""
        self.why: Explanation | None = None
        """Why the latest try failed. None while a connection is up."""
        self._active = False
        """Whether local offers ask for the DTLS client role, because the member has no suite for our certificate."""
        self._negotiation = negotiation
        self._around = around
        self._ears = ears
        self._peers: dict[int, Peer] = {}
        self._answers: dict[int, PeerSignal] = {}
        self._made: dict[int, _Made] = {}

    @property
    def any(self) -> bool:
        return bool(self._peers)

    @property
    def refused(self) -> int:
        """Number of drops on the present connections because the member sends too much."""
        return sum(peer.refused for peer in self._peers.values())

    def do(self, actions: Iterable[Action]) -> None:
        """Carry out the negotiation's actions."""
        for action in actions:
            if isinstance(action, MakeOffer | AnswerOffer):
                self._begin(action)
            elif isinstance(action, AcceptAnswer) and (peer := self._peers.get(action.connection)) is not None:
                self._around.ladder.answered(self.member.peer)
                self._around.spawn(self._accept(peer, action))
            elif isinstance(action, RepeatAnswer) and (answer := self._answers.get(action.connection)) is not None:
                self._around.publish(answer)
            elif isinstance(action, Close):
                self._end(action.connection)

    def poll(self, now: float) -> None:
        """Report received media to the negotiation, and handle timeouts."""
        self._negotiation.tries.hurry = self._around.ladder.hurries(self.member.peer)
        if self._around.ladder.has_news(self.member.peer) and not self._negotiation.standing:
            self.do(self._negotiation.try_again(now))
        for number in self._negotiation.standing:
            if (peer := self._peers.get(number)) is None or not peer.heard_ns:
                continue
            self._negotiation.heard(number, peer.heard_ns / 1e9, peer.rtp_ns / 1e9 if peer.rtp_ns else -1.0)
            if (silent_s := now - peer.heard_ns / 1e9) > SILENT_S:
                self.do(self._negotiation.ended(number, f"nothing was heard for {silent_s:.0f} s", now))
        for number in self._negotiation.connections:
            if (peer := self._peers.get(number)) is not None and peer.stuck_s(now) > STUCK_S:
                self._broke(number, peer, now)
        self.do(self._negotiation.tick(now))

    async def close(self) -> None:
        """Close all connections, including those in progress."""
        peers = list(self._peers.values())
        self._peers.clear()
        self._answers.clear()
        self._made.clear()
        self.playing = None
        await asyncio.gather(*(peer.close() for peer in peers))

    # --- inside ----------------------------------------------------------------------------------

    def _begin(self, action: MakeOffer | AnswerOffer) -> None:
        number = action.connection

        def rtp(peer: Peer, packet: Rtp, arrived_ns: int) -> None:
            self._rtp(number, peer, packet, arrived_ns)

        def state(peer: Peer) -> None:
            self._changed(number, peer)

        self._note_silence()
        role: Kind = "offer" if isinstance(action, MakeOffer) else "answer"
        self._made[number] = _Made(role, self._around.ladder.recipe(self.member.peer, role), time.monotonic())
        events = Events(rtp, state, self._ears.fault)
        former = self._restarts(action.sdp) if isinstance(action, AnswerOffer) else None
        peer = self._peers[number] = Peer(events, self._around.silence, former)
        self._around.spawn(self._make(peer, action))

    def _restarts(self, offer: str) -> Peer | None:
        """Return the connection whose ICE the offer restarts, if any."""
        return next((peer for peer in self._peers.values() if peer.continues(offer)), None)

    async def _make(self, peer: Peer, action: MakeOffer | AnswerOffer) -> None:
        made = self._made.get(action.connection)
        if made is None:
            return  # it was closed before it began
        ssrc = made.recipe["sdp.ssrc"] == "as-captured"
        clock = 48_000 if made.recipe["sdp.answer-clock"] == "48000" else 0
        try:
            if isinstance(action, MakeOffer):
                sdp = await peer.offer(ssrc=ssrc, active=self._active)
            else:
                sdp = await peer.answer(action.sdp, clock=clock, ssrc=ssrc)
        except BadSdp as error:
            self._give_up(action.connection, error)
            return
        except Exception as error:  # noqa: BLE001  # one member's fault must not end the other connections
            self._give_up(action.connection, _unexpected(error))
            return
        if action.connection not in self._negotiation.connections:
            return  # closed meanwhile, or the party was left: nothing to send
        signal = PeerSignal(
            direction="out",
            account_id=self.member.account_id,
            platform=self.member.platform,
            kind=made.role,
            sdp=sdp,
            form=made.recipe,
            sequence=action.sequence,
            attempt=action.attempt if made.role == "offer" else 1,
        )
        if made.role == "answer":
            self._answers[action.connection] = signal
        self._around.publish(signal)

    async def _accept(self, peer: Peer, action: AcceptAnswer) -> None:
        try:
            await peer.accept(action.sdp)
        except BadSdp as error:
            self._give_up(action.connection, error)
        except Exception as error:  # noqa: BLE001  # the same
            self._give_up(action.connection, _unexpected(error))

    def _give_up(self, number: int, error: PartylineError) -> None:
        if number not in self._peers:
            return
        who = self.member.online_id or self.member.peer
        self._around.problem(PartylineError(f"Signal of {who}: {error.message}", error.remedy, code=error.code))
        self.do(self._negotiation.ended(number, error.message, time.monotonic()))
        self._ears.changed()

    def _changed(self, number: int, peer: Peer) -> None:
        now = time.monotonic()
        if peer.state == "connected":
            self.do(self._negotiation.up(number, now))
            if number in self._negotiation.standing and number in self._made:
                self._made[number].stood = True
                self.why = None
            if self.playing is None and number in self._negotiation.standing:
                self._play(number)
        elif peer.state in ("failed", "closed"):
            self._broke(number, peer, now)
        self._ears.changed()

    def _broke(self, number: int, peer: Peer, now: float) -> None:
        why = None if number in self._negotiation.standing else peer.explain()
        self.do(self._negotiation.ended(number, why.sentence if why else "the connection ended", now))

    def _explain(self, peer: Peer, made: _Made | None) -> None:
        """Report why a connection never came up, unless another one is up or everything ends."""
        if made is None or made.stood or self._negotiation.standing or self._negotiation.over:
            return
        why = peer.explain()
        if why is not None and (peer.state == "failed" or why.tried_s > TRIED_S):
            self.why = why
            self._active = why.cause == "no suite" or self._active
            self._around.explained(self.member, why)

    def _end(self, number: int) -> None:
        peer = self._peers.pop(number, None)
        made = self._made.pop(number, None)
        self._answers.pop(number, None)
        self._judge(made)
        if peer is not None:
            self._explain(peer, made)
            self._around.spawn(peer.close())
        if self.playing == number:
            self.playing = None
            for other in self._negotiation.standing:
                if other in self._peers:
                    self._play(other)

    def _judge(self, made: _Made | None) -> None:
        """Report an ended connection to the ladder, unless another one is up or everything ends.

        An offer whose answer may have been lost shows nothing about its form.
        """
        if made is None or self._negotiation.standing or self._negotiation.over:
            return
        if made.stood:
            self._around.ladder.lost(self.member.peer)
        elif made.role == "answer" or not self._around.missed(made.asked_at):
            self._around.ladder.failed(self.member.peer, made.role, made.recipe)

    def _note_silence(self) -> None:
        """Report a silent connection to the ladder when another one is made beside it."""
        standing = [self._made[number] for number in self._negotiation.standing if number in self._made]
        if standing and self._negotiation.tries.gave_up_on_silence and not any(made.heard for made in standing):
            self._around.ladder.failed(self.member.peer, standing[0].role, standing[0].recipe)

    def _heard(self, number: int) -> None:
        made = self._made.get(number)
        if made is None or made.heard:
            return
        made.heard = True
        if self._around.ladder.connected(self.member.peer, made.role, time.time(), made.recipe):
            self._around.found()

    def _play(self, number: int) -> None:
        self.playing = number
        self._ears.playing(self._peers[number])

    def _rtp(self, number: int, peer: Peer, packet: Rtp, arrived_ns: int) -> None:
        """Pass on RTP of the played connection, and switch to the other one if that was silent."""
        if number != self.playing:
            played = self._peers.get(self.playing) if self.playing is not None else None
            quiet = played is None or arrived_ns - played.rtp_ns > TAKEOVER_NS
            if number not in self._negotiation.standing or self._peers.get(number) is not peer or not quiet:
                return
            self._play(number)
        self._heard(number)
        self._ears.rtp(packet, arrived_ns)


def _unexpected(error: Exception) -> PartylineError:
    return PartylineError(
        f"making a connection met {type(error).__name__}: {error}",
        "It is tried again; if it persists, report it with media's log.",
        code="media.connection-fault",
    )
