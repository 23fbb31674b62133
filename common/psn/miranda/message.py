"""The message of a miranda frame, its JSON [read; every field agrees in all samples].

Unknown keys are kept as they came.
"""

from __future__ import annotations

from typing import Any

import msgspec

from common.errors import PartylineError
from common.psn.shapes import as_dict, as_id, as_int, as_list, as_text

MAX_U64 = (1 << 64) - 1
_MAX_DEPTH = 32


class BadMiranda(PartylineError):  # noqa: N818  # the field's word for it
    """A miranda payload that cannot be used. `message` says what is wrong with it."""

    code = "psn.bad-miranda"

    def __init__(self, message: str) -> None:
        super().__init__(message, "Nothing to do. It is ignored. If it repeats, `partyline tap` shows the payload.")


class MessageEnd(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a message."""

    account_id: str
    """Decimal string, whatever was sent."""
    platform: int
    """Code, see `common.psn.miranda.platforms`."""


class MirandaMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of a frame. Its keys ``from``, ``to`` and ``type`` are `sender`, `recipient` and `kind` here."""

    sender: MessageEnd
    recipient: MessageEnd | None = None
    """None where the message names none (2020's broadcasts) [open]."""
    kind: str
    """``offer`` or ``answer`` [read], in 2020 also ``sdp_updated`` and ``user_table_updated`` [one: Tustin]."""
    sdp: str = ""
    sdp_sequence_number: str = ""
    """A decimal string, ``"1"`` in all samples. An answer repeats its offer's."""
    global_seq_num: int = 0
    """Grows with every message that a sender sends."""
    medias: list[Any] = []
    users: list[Any] = []
    extra: dict[str, Any] = {}
    """Unknown keys, as they came."""

    @property
    def sequence(self) -> int:
        """`sdp_sequence_number` as a number, 1 if it is none or one beyond all use."""
        number = self.sdp_sequence_number
        return int(number) if number.isdecimal() and len(number) < 10 else 1


def message(  # noqa: PLR0913, PLR0917  # one argument for each field that a sender chooses
    kind: str, sender: MessageEnd, recipient: MessageEnd, sdp: str, sequence: int, global_seq: int
) -> MirandaMessage:
    """Return an offer or answer like Sony's apps, with voice on mid 0 and the sender as the only user [seen]."""
    user = {"account_id": sender.account_id, "platform": sender.platform}
    record = {"media_identifier": "voice_chat", "mid": "0"}
    return MirandaMessage(
        sender=sender,
        recipient=recipient,
        kind=kind,
        sdp=sdp,
        sdp_sequence_number=str(sequence),
        global_seq_num=global_seq,
        medias=[{"media_records": [record], "msids": ["0"], "user": user}],
        users=[user],
    )


def decode_message(text: bytes) -> MirandaMessage:
    """Return the message in a frame's JSON. Raises `BadMiranda`, and nothing else."""
    try:
        data = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise BadMiranda(f"A miranda frame's JSON cannot be read: {error}.") from error
    if not isinstance(data, dict) or _deeper(data, _MAX_DEPTH):
        raise BadMiranda(f"A miranda frame's JSON is nested deeper than {_MAX_DEPTH} levels.")
    kind = as_text(data.pop("type", None))
    if not kind:
        raise BadMiranda("A miranda message has no type.")
    sender = _party(data.pop("from", None))
    if sender is None:
        raise BadMiranda("A miranda message does not say who it is from.")
    return MirandaMessage(
        sender=sender,
        recipient=_party(data.pop("to", None)),
        kind=kind,
        sdp=as_text(data.pop("sdp", None)),
        sdp_sequence_number=as_id(data.pop("sdp_sequence_number", None)),
        global_seq_num=as_int(data.pop("global_seq_num", None)),
        medias=as_list(data.pop("medias", None)),
        users=as_list(data.pop("users", None)),
        extra=data,
    )


def _party(value: Any) -> MessageEnd | None:
    entry = as_dict(value)
    account_id = as_id(entry.get("account_id"))
    if not (account_id.isascii() and account_id.isdecimal()) or len(account_id) > len(str(MAX_U64)):
        return None
    return MessageEnd(account_id=account_id, platform=as_int(entry.get("platform")))


def _deeper(value: Any, depth: int) -> bool:
    if depth < 0:
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_deeper(item, depth - 1) for item in items)


def encode_message(message: MirandaMessage) -> bytes:
    """Return a message's JSON, compact and with keys in alphabetical order [seen]."""
    data: dict[str, Any] = {
        **message.extra,
        "from": _end(message.sender),
        "global_seq_num": message.global_seq_num,
        "medias": message.medias,
        "sdp": message.sdp,
        "sdp_sequence_number": message.sdp_sequence_number,
        "type": message.kind,
        "users": message.users,
    }
    if message.recipient is not None:
        data["to"] = _end(message.recipient)
    try:
        return msgspec.json.encode(data, order="sorted")
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise BadMiranda(f"A miranda message cannot be written as JSON: {error}.") from error


def _end(party: MessageEnd) -> dict[str, Any]:
    return {"account_id": party.account_id, "platform": party.platform}
