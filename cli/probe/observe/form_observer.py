"""Observations of the form of our messages that a member understands. No I/O, no clock."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cli.probe.observe.observations import Observation, Unfit, Works
from cli.probe.observe.party_members import PartyMembers
from cli.probe.observe.sdp_form import sdp_form
from common.messages import BRIDGE_PEER, Message, PeerKey, PeerSignal, PeerState, SignalRefused, Trying
from common.psn.unknowns import BY_NAME, Recipe

OFFSET = "frame.offset-8"
_MOST_SIGNALS = 64
_LOST_AFTER_S = 1.5
"""An offer without an answer for this long before another form worked counts as ignored."""


@dataclass
class _Sent:
    """A local message to a member."""

    at: float
    kind: str
    sequence: int
    form: Recipe
    first: bool
    """Whether it is the first local message of this run. A 1 at offset 8 is then ambiguous."""
    refused: bool = False
    answered: bool = False


@dataclass
class _PeerForms:
    sent: deque[_Sent] = field(default_factory=lambda: deque(maxlen=_MOST_SIGNALS))
    connected: bool = False


class FormObserver:
    """Compares the forms of our messages with the connections that follow."""

    def __init__(self, members: PartyMembers) -> None:
        self._members = members
        self._peers: dict[str, _PeerForms] = {}
        self._shared: Recipe = {}
        self._sent = 0
        """Number of local messages to all members."""
        self._platforms: set[str] = set()

    def understands(self, platform: str) -> bool:
        """Return whether a member on this platform has understood one of our messages."""
        return platform in self._platforms

    def on_joined(self, peer: str, now: float) -> None:
        """Nothing depends on it."""

    def on_left(self, peer: str) -> None:
        self._peers.pop(peer, None)

    def on_message(self, message: Message, now: float) -> Iterator[Observation]:
        if isinstance(message, Trying):
            self._shared = dict(message.shared)
        elif isinstance(message, PeerSignal):
            self._on_signal(message, now)
        elif isinstance(message, SignalRefused):
            self._on_refusal(message)
        elif isinstance(message, PeerState):
            yield from self._on_state(message)

    def _on_signal(self, signal: PeerSignal, now: float) -> None:
        if signal.peer == BRIDGE_PEER or signal.transport != "miranda" or not self._members.has_alias(signal.peer):
            return
        if signal.direction == "out":
            sent = self._peers.setdefault(signal.peer, _PeerForms()).sent
            sent.append(_Sent(now, signal.kind, signal.sequence, self._form(signal), first=not self._sent))
            self._sent += 1
        elif signal.kind == "answer":
            self._on_answer(signal.peer, signal.sequence)

    def _on_answer(self, peer: str, sequence: int) -> None:
        ours = next(
            (one for one in reversed(self._sent_to(peer)) if (one.kind, one.sequence) == ("offer", sequence)), None
        )
        if ours is not None:
            ours.answered = True

    def _form(self, signal: PeerSignal) -> Recipe:
        form = {**self._shared, **signal.form, **sdp_form(signal.sdp, signal.kind)}
        if signal.kind == "offer":
            form.pop("sdp.answer-clock", None)  # an offer does not show it
        return {name: value for name, value in form.items() if name in BY_NAME}

    def _sent_to(self, peer: str) -> Sequence[_Sent]:
        return self._peers[peer].sent if peer in self._peers else ()

    def _on_refusal(self, refusal: SignalRefused) -> None:
        same = (refusal.kind, refusal.sequence)
        for one in reversed(self._sent_to(refusal.key())):
            if (one.kind, one.sequence) == same and not one.refused:
                one.refused = refusal.final
                break

    def _on_state(self, state: PeerState) -> Iterator[Observation]:
        peer = self._peers.get(state.key())
        if peer is None:
            return
        if state.connection != "connected":
            peer.connected = False
        elif not peer.connected and state.packets > 0 and peer.sent:
            peer.connected = True
            yield from self._on_connected(state.key(), peer)

    def _on_connected(self, key: str, peer: _PeerForms) -> Iterator[Observation]:
        worked = next((one for one in reversed(peer.sent) if one.kind == "answer" or one.answered), None)
        if worked is None:
            return
        if worked.form:
            self._platforms.add(PeerKey.of(key).platform)
        alias = self._members.alias(key)
        form = {name: value for name, value in worked.form.items() if name != OFFSET or not worked.first}
        yield Works(who=alias, form=form)
        for one in peer.sent:
            if (how := _fate(one, worked)) is not None:
                yield Unfit(who=alias, how=how)


def _fate(one: _Sent, worked: _Sent) -> Literal["refused", "ignored"] | None:
    """Return what became of a message in another form than the working one, or None if it shows nothing."""
    differs = any(worked.form.get(name, value) != value for name, value in one.form.items())
    if one is worked or one.answered or not differs:
        return None
    if one.refused:
        return "refused"
    return "ignored" if worked.at - one.at > _LOST_AFTER_S else None
