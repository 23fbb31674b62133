"""Derives observations from bus messages and their times. No I/O, no clock."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from cli.probe.results.observations import Glare, Numbers, Observation, Offers, Shows, Unfit, Works
from common.messages import (
    BRIDGE_PEER,
    Member,
    Message,
    PartyState,
    PeerKey,
    PeerSignal,
    PeerState,
    PushEvent,
    SignalRefused,
    Trying,
    WireFact,
    peer_key,
)
from common.psn.miranda import frames
from common.psn.miranda.frames import BadMiranda, Frame
from common.psn.party import customdata, push
from common.psn.party.customdata import BadCustomData
from common.psn.sdp import text as sdp_text
from common.psn.sdp.text import BadSdp
from common.psn.shapes import as_dict, as_id, as_list, as_platform, as_text
from common.psn.unknowns import BY_NAME, Recipe

MEMBERS_DELETED = "members:deleted"
OFFSET = "frame.offset-8"
_OPUS = re.compile(r" opus/([0-9]{1,6})", re.IGNORECASE)
_PLACE_1 = 1
_MOST_MEMBERS = 32
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
class _Peer:
    alias: str
    counters: list[int] = field(default_factory=list)
    sent: list[_Sent] = field(default_factory=list)
    offered_at: float = 0.0
    """When its oldest unanswered offer came, or 0 for none."""
    offered_since: bool = False
    """Whether it has offered since the window opened."""
    we_offered: bool = False
    """Whether we have offered since then."""
    met_at: float = 0.0
    """When we both became members, within the window."""
    judged: bool = False
    """Whether its behaviour in this window is reported."""
    connected: bool = False
    works: Recipe = field(default_factory=dict)

    def forget(self) -> None:
        """Reset the state of a member that left."""
        self.met_at = self.offered_at = 0.0
        self.offered_since = self.we_offered = self.judged = self.connected = False
        self.sent.clear()


class Evidence:
    """Collects messages by `note`. `opens` and `closes` delimit a window in which local offers are held back."""

    def __init__(self) -> None:
        self.step = ""
        self._peers: dict[str, _Peer] = {}
        self._party = PartyState(phase="none")
        self._shared: Recipe = {}
        self._messages = 0
        """Number of local messages to all members."""
        self._window: float | None = None
        self._meets = False

    def alias(self, peer: str) -> str:
        """Return a member's alias in the probe's output: ``A``, ``B`` and so on."""
        known = self._peers.get(peer)
        if known is None:
            number = len(self._peers)
            known = _Peer(chr(ord("A") + number) if number < 26 else f"{number + 1}")
            if number < _MOST_MEMBERS:
                self._peers[peer] = known
        return known.alias

    def glaring(self) -> bool:
        """Return whether a member waits for our answer to its offer."""
        return any(self._peer(member.peer).offered_at for member in self._others())

    def met(self) -> dict[str, str]:
        """Return peer key → alias of all known members."""
        return {key: peer.alias for key, peer in self._peers.items()}

    # --- windows -------------------------------------------------------------------------------------

    def opens(self, now: float, *, meets: bool = False) -> None:
        """Open a window in which local offers are held back. `meets`: a remote offer is met with a local one."""
        self._window, self._meets = now, meets
        for peer in self._peers.values():
            peer.offered_since = peer.we_offered = peer.judged = False
            peer.met_at = 0.0  # an earlier member has already offered or not

    def closes(self, now: float) -> list[Observation]:
        """Close the window. Return which members offered in it and which did not."""
        found: list[Observation] = []
        for member in self._others():
            peer = self._peer(member.peer)
            if self._window is not None and peer.met_at and not peer.judged and not peer.we_offered:
                found += self._judged(member, peer, now, offered=peer.offered_since)
        self._window, self._meets = None, False
        return found

    def all_judged(self) -> bool:
        """Return whether every member that joined in the window has offered."""
        met = [peer for member in self._others() if (peer := self._peer(member.peer)).met_at]
        return bool(met) and all(peer.judged for peer in met)

    def _judged(self, member: Member, peer: _Peer, now: float, *, offered: bool) -> list[Observation]:
        older = self._older(member)
        peer.judged = True
        if older is None:
            return []
        smaller = self._smaller(member)
        waited = round(max(0.0, now - peer.met_at), 1)
        return [Offers(step=self.step, who=peer.alias, older=older, smaller=smaller, offered=offered, waited_s=waited)]

    # --- messages ------------------------------------------------------------------------------------

    def note(self, message: Message | None, now: float) -> list[Observation]:
        """Process a message published at `now` (Unix seconds). Return its observations."""
        return list(self._note(message, now)) if message is not None else []

    def _note(self, message: Message, now: float) -> Iterator[Observation]:
        if isinstance(message, PartyState):
            self._take_party(message, now)
        elif isinstance(message, Trying):
            self._shared = dict(message.shared)
        elif isinstance(message, WireFact):
            yield from self._fact(message)
        elif isinstance(message, PushEvent):
            yield from self._event(message)
        elif isinstance(message, PeerSignal):
            yield from self._signal(message, now)
        elif isinstance(message, SignalRefused):
            self._refused(message)
        elif isinstance(message, PeerState):
            yield from self._state(message)

    def _fact(self, fact: WireFact) -> Iterator[Observation]:
        known = BY_NAME.get(fact.name)
        if known is not None and fact.value in known.values:
            yield Shows(step=self.step, name=fact.name, value=fact.value, how=f"The {fact.worker} worker read it so")

    def _take_party(self, state: PartyState, now: float) -> None:
        before = {member.peer for member in self._others()}
        same = state.session_id == self._party.session_id
        self._party = state
        present = {member.peer for member in self._others()}
        for member in self._others():
            if not same or member.peer not in before:
                self._peer(member.peer).met_at = now
        for key in before - (present if same else set()):  # an offer may precede the news that the member is back
            self._peer(key).forget()

    # --- remote messages -----------------------------------------------------------------------------

    def _event(self, event: PushEvent) -> Iterator[Observation]:
        name = push.event_name(event.data_type)
        if event.session_id.lower() != self._party.session_id.lower():
            return
        if name == MEMBERS_DELETED:
            yield from self._left_cause(event)
        elif name == push.CUSTOM_MESSAGE:
            yield from self._message(event)
        for entry in map(as_dict, as_list(event.data.get("members"))):
            yield from self._custom_data4(entry)

    def _left_cause(self, event: PushEvent) -> Iterator[Observation]:
        if as_dict(event.data.get("customProperties")).get("leftEventCause"):
            yield self._shows("party.left-cause-place", "event", "leftEventCause stood in the event's properties")
        entries = [as_dict(entry) for entry in as_list(event.data.get("members"))]
        if any(as_dict(entry.get("customProperties")).get("leftEventCause") for entry in entries):
            yield self._shows("party.left-cause-place", "entry", "leftEventCause stood in the member's entry")

    def _custom_data4(self, entry: dict[str, object]) -> Iterator[Observation]:
        peer = peer_key(as_id(entry.get("accountId")), as_platform(entry.get("platform")))
        text = as_text(entry.get("customData4"))
        if not text or peer == self._party.me:
            return
        try:
            places = customdata.decode4(text).fields
        except BadCustomData:
            return
        value = "number" if _is_number(places[_PLACE_1] if len(places) > _PLACE_1 else "") else "empty"
        yield self._shows("customdata4.place-1", value, f"Place 1 of a member's own customData4 was: {value}")

    def _message(self, event: PushEvent) -> Iterator[Observation]:
        key = peer_key(event.from_account_id, event.from_platform)
        if key == self._party.me:
            return
        try:
            frame = frames.decode_payload(as_text(as_dict(event.data.get("customMessage")).get("payload")))
        except BadMiranda:
            return
        yield from self._frame(self._peer(key), frame)

    def _frame(self, peer: _Peer, frame: Frame) -> Iterator[Observation]:
        peer.counters.append(frame.counter)
        del peer.counters[:-_MOST_SIGNALS]
        yield Numbers(step=self.step, who=peer.alias, counters=tuple(peer.counters))
        line = frame.prefix.strip()
        if line in BY_NAME["frame.line"].values:
            yield self._shows("frame.line", line, f"Member {peer.alias} writes the line {line}")
        for name, value in sdp_form(frame.message.sdp, frame.message.kind).items():
            yield self._shows(name, value, f"The {frame.message.kind} of member {peer.alias} had {value}")

    # --- offers and answers ----------------------------------------------------------------------------

    def _signal(self, signal: PeerSignal, now: float) -> Iterator[Observation]:
        key = signal.peer
        if key == BRIDGE_PEER or signal.transport != "miranda":
            return
        peer = self._peer(key)
        if signal.direction == "out":
            yield from self._sent(peer, key, signal, now)
        elif signal.kind == "offer":
            yield from self._offered(peer, key, now)
        else:
            yield from self._answered(peer, key, signal)

    def _sent(self, peer: _Peer, key: str, signal: PeerSignal, now: float) -> Iterator[Observation]:
        form = {**self._shared, **signal.form, **sdp_form(signal.sdp, signal.kind)}
        if signal.kind == "offer":
            form.pop("sdp.answer-clock", None)  # an offer says nothing of it
        form = {name: value for name, value in form.items() if name in BY_NAME}
        peer.sent.append(_Sent(now, signal.kind, signal.sequence, form, first=not self._messages))
        self._messages += 1
        del peer.sent[:-_MOST_SIGNALS]
        if signal.kind == "offer":
            peer.we_offered = True
        elif self._meets and peer.offered_at and (ours := _pending(peer, peer.offered_at)) is not None:
            yield from self._glare(key, peer, answered=ours.answered)
        if signal.kind == "answer":
            peer.offered_at = 0.0

    def _offered(self, peer: _Peer, key: str, now: float) -> Iterator[Observation]:
        peer.offered_at = peer.offered_at or now
        if self._window is None or peer.judged or peer.we_offered:
            return
        peer.offered_since = True
        member = next((one for one in self._others() if one.peer == key), None)
        if member is not None and peer.met_at:
            yield from self._judged(member, peer, now, offered=True)

    def _answered(self, peer: _Peer, key: str, signal: PeerSignal) -> Iterator[Observation]:
        ours = next(
            (one for one in reversed(peer.sent) if (one.kind, one.sequence) == ("offer", signal.sequence)), None
        )
        if ours is None or ours.answered:
            return
        ours.answered = True
        if self._meets and peer.offered_at and ours.at >= peer.offered_at:
            yield from self._glare(key, peer, answered=True)
            peer.offered_at = 0.0

    def _glare(self, key: str, peer: _Peer, *, answered: bool) -> Iterator[Observation]:
        """Report a glare if the member is known to understand our messages."""
        member = next((one for one in self._others() if one.peer == key), None)
        if member is None or not self._understands(key):
            return
        older = self._older(member)
        if older is not None:
            yield Glare(step=self.step, who=peer.alias, older=older, answered=answered)

    def _refused(self, refusal: SignalRefused) -> None:
        peer = self._peer(refusal.key())
        for one in reversed(peer.sent):
            if (one.kind, one.sequence) == (refusal.kind, refusal.sequence) and not one.refused:
                one.refused = refusal.final
                break

    def _state(self, state: PeerState) -> Iterator[Observation]:
        peer = self._peer(state.key())
        if state.key() == BRIDGE_PEER or state.connection != "connected":
            peer.connected = False
            return
        if peer.connected or state.packets == 0 or not peer.sent:
            return
        peer.connected = True
        worked = _last_answered(peer)
        if worked is None:
            return
        peer.works = dict(worked.form)
        form = {name: value for name, value in worked.form.items() if name != OFFSET or not worked.first}
        yield Works(step=self.step, who=peer.alias, form=form)
        yield from self._unfit(peer, worked)

    def _unfit(self, peer: _Peer, worked: _Sent) -> Iterator[Observation]:
        """Report the fate of messages in other forms than the working one."""
        for one in peer.sent:
            differs = any(worked.form.get(name, value) != value for name, value in one.form.items())
            if one is worked or one.answered or not differs:
                continue
            if one.refused:
                yield Unfit(step=self.step, who=peer.alias, how="refused")
            elif worked.at - one.at > _LOST_AFTER_S:
                yield Unfit(step=self.step, who=peer.alias, how="ignored")

    # --- inside --------------------------------------------------------------------------------------

    def _shows(self, name: str, value: str, how: str) -> Shows:
        return Shows(step=self.step, name=name, value=value, how=how)

    def _peer(self, key: str) -> _Peer:
        self.alias(key)
        return self._peers.get(key) or _Peer("?")

    def _others(self) -> list[Member]:
        if self._party.phase != "joined":
            return []
        return [member for member in self._party.members if not member.is_me and member.peer != self._party.me]

    def _older(self, member: Member) -> bool | None:
        mine = next((one.join_order for one in self._party.members if one.peer == self._party.me or one.is_me), 0)
        return member.join_order < mine if member.join_order and mine else None

    def _smaller(self, member: Member) -> bool:
        mine, theirs = self._party.my_key.account_id, member.account_id
        if not (mine.isdecimal() and theirs.isdecimal()):
            return False
        return int(theirs) < int(mine) or (mine == theirs and member.platform != "MOBILE_APP")

    def _understands(self, key: str) -> bool:
        platform = PeerKey.of(key).platform
        return any(peer.works for other, peer in self._peers.items() if PeerKey.of(other).platform == platform)


def sdp_form(sdp: str, kind: str) -> Recipe:
    """Return the unknowns that a description reveals: ssrc lines, and an answer's clock for Opus."""
    try:
        audio = sdp_text.audio_of(sdp_text.parse(sdp))
    except BadSdp:
        return {}
    found = {"sdp.ssrc": "as-captured" if audio.has("ssrc") else "none"}
    opus = next((match[1] for text in audio.all("rtpmap") if (match := _OPUS.search(text))), "")
    if kind == "answer" and opus in BY_NAME["sdp.answer-clock"].values:
        found["sdp.answer-clock"] = opus
    return found


def _is_number(place: object) -> bool:
    try:
        return len(base64.b64decode(as_text(place), validate=True)) == 4
    except (binascii.Error, ValueError):
        return False


def _pending(peer: _Peer, since: float) -> _Sent | None:
    """Return the latest local offer since `since`."""
    return next((one for one in reversed(peer.sent) if one.kind == "offer" and one.at >= since), None)


def _last_answered(peer: _Peer) -> _Sent | None:
    """Return the local message that led to the connection: the latest answered offer, or the latest answer."""
    return next((one for one in reversed(peer.sent) if one.kind == "answer" or one.answered), None)
