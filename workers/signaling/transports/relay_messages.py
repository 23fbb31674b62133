"""Events of a Socket.IO relay with the 2020 vocabulary, sent and received. No sockets, no own clock.

The 2020 project (Tustin) names the types ``offer``, ``answer``, ``sdp_updated``, ``user_table_updated`` and runs a
Socket.IO server on port 5000 whose handlers are empty [one]. The events' names are its own, their payloads are ours:

connect
    ``auth = {"session_id": "<party>", "from": {"account_id": "<decimal>", "platform": <code>}}``. Never a PlayStation
    token. The relay refuses the connection, with a message, if it does not know the party or the member.
``offer``, ``answer``, ``sdp_updated``, both ways
    One JSON object, the same as inside a miranda frame, without the frame: ``from{account_id, platform}``,
    ``to{account_id, platform}``, ``type`` (the event's name), ``sdp``, ``sdp_sequence_number`` (a string; an answer
    repeats its offer's), ``global_seq_num``, ``medias``, ``users``. ``sdp_updated`` is a new offer for an existing
    connection. We send only ``offer`` and ``answer``. A relay that acknowledges answers ``{}``, or
    ``{"error": "<words>"}`` if it does not forward the message.
``user_table_updated``, from the relay
    ``{"type": "user_table_updated", "users": [{"account_id": "…", "platform": <code>}, …]}`` at each change. It lists
    the users that the relay reaches. Before the first one, the relay is assumed to reach everybody.

Both account ids may be numbers, and a payload may be JSON in a string.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from common.messages import PartyState, PeerKey, PeerSignal, peer_key
from common.psn.miranda import frames
from common.psn.miranda.frames import BadMiranda
from common.psn.miranda.platforms import UNKNOWN, code_of, name_of
from common.psn.shapes import as_dict, as_id, as_int, as_list, as_text
from workers.signaling.transports import Name
from workers.signaling.transports.incoming_messages import KINDS
from workers.signaling.transports.offer_order import OfferOrder

NAME: Name = "socketio"
"""The transport's name."""
MAX_BYTES = 256 * 1024
EVENTS = ("offer", "answer", "sdp_updated")
USER_TABLE = "user_table_updated"


class RelayMessages:
    """Messages about the present party. `on_unreadable` gets what is wrong with an unreadable one."""

    def __init__(self, on_unreadable: Callable[[str], None]) -> None:
        self.counts: dict[str, int] = {}
        self.table: set[str] | None = None
        """Peer keys that the relay reaches. None before its first report."""
        self._on_unreadable = on_unreadable
        self._party = PartyState(phase="none")
        self._order = OfferOrder()

    def on_party(self, state: PartyState) -> None:
        self._party = state
        self._order.keep({member.peer for member in state.members})

    def auth(self) -> dict[str, Any]:
        """Return our connect data."""
        me = self._party.my_key
        return {
            "session_id": self._party.session_id,
            "from": {"account_id": me.account_id, "platform": code_of(me.platform)},
        }

    def write(self, signal: PeerSignal, number: int) -> dict[str, Any]:
        """Return the payload of a local offer or answer. `number` is its ``global_seq_num``."""
        me = self._party.my_key
        message = frames.message(
            signal.kind,
            frames.MessageEnd(account_id=me.account_id, platform=code_of(me.platform)),
            frames.MessageEnd(account_id=signal.account_id, platform=code_of(signal.platform)),
            signal.sdp,
            signal.sequence,
            number,
        )
        return as_dict(msgspec.json.decode(frames.encode_message(message)))

    def read_users(self, data: Any) -> None:
        """Read a ``user_table_updated``."""
        self._count(USER_TABLE)
        users = [as_dict(user) for user in as_list(as_dict(_plain(data)).get("users"))]
        self.table = {self._peer(as_id(user.get("account_id")), as_int(user.get("platform"))) for user in users}

    def forget_users(self) -> None:
        """Handle the end of the connection."""
        self.table = None

    def read(self, event: str, data: Any, now: float) -> PeerSignal | None:
        """Return the signal in an event, or None if it has none for us."""
        try:
            message = frames.decode_message(_text(data))
        except BadMiranda as error:
            self._count("bad message")
            self._on_unreadable(error.message)
            return None
        if message.kind != event:
            self._count("bad message")
            self._on_unreadable(f"The relay sent {message.kind[:30]!r} as {event!r}.")
            return None
        peer = self._peer(message.sender.account_id, message.sender.platform)
        if why := self._skipped(peer, message, now):
            self._count(why)
            return None
        self._count(event)
        return PeerSignal(
            direction="in",
            account_id=message.sender.account_id,
            platform=PeerKey.of(peer).platform,
            kind=KINDS[event],
            sdp=message.sdp,
            transport=NAME,
            sequence=message.sequence,
        )

    def _skipped(self, peer: str, message: frames.MirandaMessage, now: float) -> str:
        """Return why a message must be skipped. Empty if it must be read."""
        to = message.recipient
        if peer == self._party.me:
            return "echo"
        if all(member.peer != peer for member in self._party.members):
            return "not a member"
        if to is not None and self._peer(to.account_id, to.platform) != self._party.me:
            return "for another"
        if KINDS[message.kind] == "offer" and self._order.is_overtaken(peer, message.global_seq_num, now):
            return "overtaken"
        return ""

    def _peer(self, account_id: str, code: int) -> str:
        """Return the member's peer key. An unmatched code means the account's only member without a known code."""
        peer = peer_key(account_id, name_of(code))
        same = [member.peer for member in self._party.members if member.account_id == account_id]
        unknown = [member for member in same if code_of(PeerKey.of(member).platform) == UNKNOWN]
        return unknown[0] if peer not in same and len(unknown) == 1 else peer

    def _count(self, what: str) -> None:
        self.counts[what] = self.counts.get(what, 0) + 1


def refusal(answer: Any) -> str:
    """Return why the relay did not forward a message. Empty if it did."""
    return as_text(as_dict(_plain(answer)).get("error"))[:300]


def _text(data: Any) -> bytes:
    try:
        text = data.encode() if isinstance(data, str) else msgspec.json.encode(data)
    except (TypeError, ValueError, RecursionError, UnicodeError) as error:
        raise BadMiranda(f"A relayed message is no JSON: {error}.") from error
    if len(text) > MAX_BYTES:
        raise BadMiranda(f"A relayed message of {len(text)} bytes is over the limit of {MAX_BYTES}.")
    return text


def _plain(data: Any) -> Any:
    if not isinstance(data, str):
        return data
    try:
        return msgspec.json.decode(data[:MAX_BYTES])
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None
