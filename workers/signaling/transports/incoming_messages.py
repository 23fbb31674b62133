"""Filter for incoming custom messages that are for us, genuine and new. No I/O, no own clock."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from common.messages import Kind, PartyState, PeerKey, PeerSignal, PushEvent, peer_key
from common.psn.miranda.frames import BadMiranda, MirandaFrame, decode_payload
from common.psn.miranda.platforms import UNKNOWN, code_of, name_of
from common.psn.party.push import CUSTOM_MESSAGE, event_name
from common.psn.shapes import as_dict, as_text
from common.psn.unknowns import form_of
from workers.signaling.transports import Reason
from workers.signaling.transports.offer_order import OfferOrder

REMEMBERED = 256
"""How many messages are remembered to recognise a second delivery, and how many kinds are counted."""
HELD = 32
HOLD_S = 5.0
"""How many messages of an unknown party are held, and for how long."""

KINDS: dict[str, Kind] = {"offer": "offer", "answer": "answer", "sdp_updated": "offer"}
"""What a message's type means to media. ``sdp_updated`` (2020) is a new offer for an existing connection
[one: Tustin]. ``user_table_updated`` is only counted, since session knows the members better."""


@dataclass
class IncomingMessages:
    """Turns push events into `PeerSignal`s. `on_discarded` gets what was wrong with a discarded one.

    Messages of a party that we do not know (yet) are held for a moment, since a console may offer before
    session has published that we are in.
    """

    channel: str
    on_discarded: Callable[[Reason, str], None]
    counts: dict[str, int] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    """Peer key → platform code of its frames, since the codes of some platforms are [open]."""
    _order: OfferOrder = field(default_factory=OfferOrder)
    _party: PartyState = field(default_factory=lambda: PartyState(phase="none"))
    _seen: deque[bytes] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _held: deque[tuple[float, PushEvent]] = field(default_factory=lambda: deque(maxlen=HELD))

    @property
    def present(self) -> PartyState:
        return self._party

    def on_party(self, state: PartyState, now: float) -> list[PeerSignal]:
        """Set the party's state. Return the signals that were held for it."""
        self._party = state
        self._order.keep({member.peer for member in state.members})
        held, self._held = self._held, deque(maxlen=HELD)
        return [
            signal for at, event in held if now - at < HOLD_S for signal in [self.read(event, at)] if signal is not None
        ]

    def read(self, event: PushEvent, now: float) -> PeerSignal | None:
        """Return the signal in `event`, or None if it has none for us."""
        if event_name(event.data_type) != CUSTOM_MESSAGE:
            return None
        message = as_dict(event.data.get("customMessage"))
        payload = as_text(message.get("payload"))
        if why := self._skipped(event, as_text(message.get("channel")), payload, now):
            self._count(why)
            return None
        try:
            frame = decode_payload(payload)
        except BadMiranda as error:
            self.on_discarded("bad-frame", error.message)
            self._count("bad frame")
            return None
        return self._signal(event, frame, now)

    def _skipped(self, event: PushEvent, channel: str, payload: str, now: float) -> str:
        """Return why a message is not for us or not new. Empty if it must be read."""
        if channel != self.channel:
            return "other channel"
        if self._party.phase == "none" or event.session_id.lower() != self._party.session_id.lower():
            self._held.append((now, event))
            return "other party"
        if peer_key(event.from_account_id, event.from_platform) == self._party.me:
            return "echo"
        return "repeated" if self._is_repeat(event, payload) else ""

    def _signal(self, event: PushEvent, frame: MirandaFrame, now: float) -> PeerSignal | None:
        message = frame.message
        platform = event.from_platform or name_of(frame.sender_platform)
        peer = peer_key(event.from_account_id or frame.sender_account_id, platform)
        if wrong := self._disagreement(event, frame, peer):
            self.on_discarded("sender-mismatch", wrong)
            self._count("sender mismatch")
            return None
        if message.recipient is not None and not self._is_me(message.recipient.account_id, message.recipient.platform):
            self._count("for another")
            return None
        self.codes[peer] = frame.sender_platform
        kind = KINDS.get(message.kind)
        self._count(message.kind if kind else f"type {message.kind[:30]}")
        if kind is None:
            return None
        if kind == "offer" and self._order.is_overtaken(peer, message.global_seq_num, now):
            self._count("overtaken")
            return None
        return PeerSignal(
            direction="in",
            account_id=PeerKey.of(peer).account_id,
            platform=platform,
            kind=kind,
            sdp=message.sdp,
            form=form_of(frame.prefix, frame.counter),
            sequence=message.sequence,
        )

    def _disagreement(self, event: PushEvent, frame: MirandaFrame, peer: str) -> str:
        """Return how the frame's sender differs from the server's. Empty if both agree."""
        named = (frame.message.sender.account_id, frame.message.sender.platform)
        if named != (frame.sender_account_id, frame.sender_platform):
            return f"A message's header and text name two senders: {frame.sender_account_id} and {named[0]}."
        if event.from_account_id and event.from_account_id != frame.sender_account_id:
            return f"A message of {event.from_account_id} names {frame.sender_account_id} as its sender."
        code = code_of(event.from_platform)
        if code not in (UNKNOWN, frame.sender_platform):
            return f"A message of a {event.from_platform} names platform {frame.sender_platform} as its sender's."
        if not event.from_account_id and all(member.peer != peer for member in self._party.members):
            return f"A message names {frame.sender_account_id} as its sender, who is not in the party."
        return ""

    def _is_me(self, account_id: str, platform: int) -> bool:
        me = self._party.my_key
        return account_id == me.account_id and platform in (UNKNOWN, code_of(me.platform))

    def _is_repeat(self, event: PushEvent, payload: str) -> bool:
        """Return whether this is a second delivery. A sender's messages differ at least in global_seq_num."""
        stamp = hashlib.sha256(f"{event.from_account_id}.{event.from_platform} {payload}".encode()).digest()
        if stamp in self._seen:
            return True
        self._seen.append(stamp)
        return False

    def _count(self, what: str) -> None:
        if what in self.counts or len(self.counts) < REMEMBERED:
            self.counts[what] = self.counts.get(what, 0) + 1
