r"""The codec of miranda frames, the `customMessage` of party members on channel ``miranda:12``.

``payload`` is ``ver=1.0, type=binary, body=<base64>``. The decoded body, u32 and u64 little-endian
[read; every field agrees in all samples]:

======  ====  =========================================================================
offset  size  value
======  ====  =========================================================================
0       4     ``01 00 00 00`` (2020: ``01 00 00 01``)
4       4     0
8       4     `Frame.counter`: 1 in our captures, others saw 0, 1, 2 … [open]
12      4     0
16      8     sender's account id
24      4     sender's platform code
28      12    0
40      4     length of what follows
44      n     ``1/1/1\n`` (2020: ``2/1/1\n``) [open: perhaps version/part/parts], then JSON
======  ====  =========================================================================

Unknown parts are kept as they came, so that encoding a decoded frame gives the same bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from typing import Any

import msgspec

from common.errors import PartylineError
from common.psn.shapes import as_dict, as_id, as_int, as_list, as_text

CHANNEL = "miranda:12"
MAX_PAYLOAD_CHARS = 256 * 1024
"""Longest payload that is decoded. The samples have 4 KB."""
HEADER_BYTES = 44
VERSION = b"\x01\x00\x00\x00"
VERSION_2020 = b"\x01\x00\x00\x01"
PREFIX = "1/1/1\n"
PREFIX_2020 = "2/1/1\n"

_HEADER = struct.Struct("<4sIIIQI12sI")
_PAYLOAD = re.compile(r"\s*ver=([^,=]{1,16}),\s*type=([^,=]{1,32}),\s*body=([A-Za-z0-9+/_=\s-]*)", re.ASCII)
_PREFIX = re.compile(r"[0-9]{1,6}(?:/[0-9]{1,6}){0,4}\r?\n", re.ASCII)
_MAX_U64 = (1 << 64) - 1
_MAX_U32 = (1 << 32) - 1
_MAX_DEPTH = 32


class BadMiranda(PartylineError):  # noqa: N818  # the field's word for it
    """A miranda payload that cannot be used. `message` says what is wrong with it."""

    code = "psn.bad-miranda"

    def __init__(self, message: str) -> None:
        super().__init__(message, "Nothing to do: it is left out. If it repeats, `partyline tap` shows the payload.")


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """One end of a message."""

    account_id: str
    """Decimal string, whatever was sent."""
    platform: int
    """Code, see `common.psn.miranda.platforms`."""


class MirandaMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of a frame. Its keys ``from``, ``to`` and ``type`` are `sender`, `recipient` and `kind` here."""

    sender: Party
    recipient: Party | None = None
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


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A whole frame, with header, prefix and message."""

    sender_account_id: str
    """Decimal string. It must be the sender's own, since the server checks it [read]."""
    sender_platform: int
    message: MirandaMessage
    counter: int = 1
    prefix: str = PREFIX
    version: bytes = VERSION
    """First four bytes."""
    reserved_4: int = 0
    reserved_12: int = 0
    reserved_28: bytes = bytes(12)
    text_version: str = "1.0"
    """`ver` of the payload."""
    text_type: str = "binary"
    """`type` of the payload."""


def message(  # noqa: PLR0913, PLR0917  # one argument for each field that a sender chooses
    kind: str, sender: Party, recipient: Party, sdp: str, sequence: int, global_seq: int
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


def frame(message: MirandaMessage, counter: int = 1, line: str = "") -> Frame:
    """Return the frame around a message of our own, with the message's sender in the header.

    `line` precedes the JSON. If empty, it is that of 2026.
    """
    return Frame(
        sender_account_id=message.sender.account_id,
        sender_platform=message.sender.platform,
        message=message,
        counter=counter,
        prefix=f"{line}\n" if line else PREFIX,
    )


# --- reading ----------------------------------------------------------------------------------------


def decode_payload(payload: str) -> Frame:
    """Return the frame in a customMessage's `payload`. Raises `BadMiranda`, and nothing else."""
    if len(payload) > MAX_PAYLOAD_CHARS:
        raise BadMiranda(f"A miranda payload of {len(payload)} characters is over the limit of {MAX_PAYLOAD_CHARS}.")
    match = _PAYLOAD.fullmatch(payload)
    if match is None:
        raise BadMiranda(f"A miranda payload is not 'ver=…, type=…, body=<base64>': {payload[:40]!r}.")
    version, kind, text = match.groups()
    if kind != "binary":
        raise BadMiranda(f"A miranda payload is of type {kind!r}, not 'binary'.")
    return msgspec.structs.replace(decode_body(_of_base64(text)), text_version=version, text_type=kind)


def _of_base64(text: str) -> bytes:
    plain = "".join(text.split()).rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadMiranda(f"A miranda body is no base64: {error}.") from error


def decode_body(body: bytes) -> Frame:
    """Return the frame in the decoded bytes. Raises `BadMiranda`."""
    if len(body) < HEADER_BYTES:
        raise BadMiranda(f"A miranda frame is too short: {len(body)} bytes, its header alone has {HEADER_BYTES}.")
    version, zero_4, counter, zero_12, account_id, platform, zero_28, length = _HEADER.unpack_from(body)
    follows = len(body) - HEADER_BYTES
    if length != follows:
        raise BadMiranda(f"A miranda frame's length field says {length}, but {follows} bytes follow.")
    if version not in (VERSION, VERSION_2020):
        raise BadMiranda(f"A miranda frame begins with {version.hex(' ')}, not 01 00 00 00.")
    prefix, text = _parts(body[HEADER_BYTES:])
    return Frame(
        sender_account_id=str(account_id),
        sender_platform=platform,
        message=decode_message(text),
        counter=counter,
        prefix=prefix,
        version=version,
        reserved_4=zero_4,
        reserved_12=zero_12,
        reserved_28=zero_28,
    )


def _parts(rest: bytes) -> tuple[str, bytes]:
    start = rest.find(b"{")
    if start < 0:
        raise BadMiranda(f"A miranda frame has no JSON in it: {rest[:24]!r}.")
    prefix = rest[:start].decode("ascii", "replace")
    if _PREFIX.fullmatch(prefix) is None:
        raise BadMiranda(f"A miranda frame has {prefix[:24]!r} before its JSON, not '1/1/1\\n'.")
    return prefix, rest[start:]


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


def _party(value: Any) -> Party | None:
    entry = as_dict(value)
    account_id = as_id(entry.get("account_id"))
    if not (account_id.isascii() and account_id.isdecimal()) or len(account_id) > len(str(_MAX_U64)):
        return None
    return Party(account_id=account_id, platform=as_int(entry.get("platform")))


def _deeper(value: Any, depth: int) -> bool:
    if depth < 0:
        return True
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(_deeper(item, depth - 1) for item in items)


# --- writing ----------------------------------------------------------------------------------------


def encode_payload(frame: Frame) -> str:
    """Return the `payload` of a customMessage. Raises `BadMiranda` if a field does not fit its place."""
    body = base64.b64encode(encode_body(frame)).decode()
    return f"ver={frame.text_version}, type={frame.text_type}, body={body}"


def encode_body(frame: Frame) -> bytes:
    """Return the bytes of a frame. Raises `BadMiranda`."""
    account_id, rest = _u64(frame.sender_account_id), frame.prefix.encode() + encode_message(frame.message)
    for name, value in (("platform", frame.sender_platform), ("counter", frame.counter)):
        if not 0 <= value <= _MAX_U32:
            raise BadMiranda(f"A miranda frame's {name} must fit 32 bits: {value}.")
    return (
        _HEADER.pack(
            frame.version,
            frame.reserved_4,
            frame.counter,
            frame.reserved_12,
            account_id,
            frame.sender_platform,
            frame.reserved_28,
            len(rest),
        )
        + rest
    )


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


def _end(party: Party) -> dict[str, Any]:
    return {"account_id": party.account_id, "platform": party.platform}


def _u64(account_id: str) -> int:
    if not (account_id.isascii() and account_id.isdecimal()) or len(account_id) > len(str(_MAX_U64)):
        raise BadMiranda(f"An account id is a decimal number: {account_id[:24]!r}.")
    value = int(account_id)
    if value > _MAX_U64:
        raise BadMiranda(f"An account id must fit 64 bits: {account_id}.")
    return value
