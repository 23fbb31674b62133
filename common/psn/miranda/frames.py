r"""The codec of miranda frames, the `customMessage` of party members on channel ``miranda:12``.

``payload`` is ``ver=1.0, type=binary, body=<base64>``. The decoded body, u32 and u64 little-endian
[read; every field agrees in all samples]:

======  ====  =========================================================================
offset  size  value
======  ====  =========================================================================
0       4     ``01 00 00 00`` (2020: ``01 00 00 01``)
4       4     0
8       4     `MirandaFrame.counter`: 1 in our captures, others saw 0, 1, 2 … [open]
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

import msgspec

from common.psn.miranda.message import (
    MAX_U64,
    BadMiranda,
    MessageEnd,
    MirandaMessage,
    decode_message,
    encode_message,
    message,
)

__all__ = [
    "CHANNEL",
    "HEADER_BYTES",
    "PREFIX",
    "PREFIX_2020",
    "VERSION",
    "VERSION_2020",
    "BadMiranda",
    "MessageEnd",
    "MirandaFrame",
    "MirandaMessage",
    "decode_body",
    "decode_message",
    "decode_payload",
    "encode_body",
    "encode_message",
    "encode_payload",
    "frame",
    "message",
]  # fmt: skip

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
_MAX_U32 = (1 << 32) - 1


class MirandaFrame(msgspec.Struct, frozen=True, kw_only=True):
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


def frame(message: MirandaMessage, counter: int = 1, line: str = "") -> MirandaFrame:
    """Return the frame around a message of our own, with the message's sender in the header.

    `line` precedes the JSON. If empty, it is that of 2026.
    """
    return MirandaFrame(
        sender_account_id=message.sender.account_id,
        sender_platform=message.sender.platform,
        message=message,
        counter=counter,
        prefix=f"{line}\n" if line else PREFIX,
    )


# --- reading ----------------------------------------------------------------------------------------


def decode_payload(payload: str) -> MirandaFrame:
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


def decode_body(body: bytes) -> MirandaFrame:
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
    return MirandaFrame(
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


# --- writing ----------------------------------------------------------------------------------------


def encode_payload(frame: MirandaFrame) -> str:
    """Return the `payload` of a customMessage. Raises `BadMiranda` if a field does not fit its place."""
    body = base64.b64encode(encode_body(frame)).decode()
    return f"ver={frame.text_version}, type={frame.text_type}, body={body}"


def encode_body(frame: MirandaFrame) -> bytes:
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


def _u64(account_id: str) -> int:
    if not (account_id.isascii() and account_id.isdecimal()) or len(account_id) > len(str(MAX_U64)):
        raise BadMiranda(f"An account id is a decimal number: {account_id[:24]!r}.")
    value = int(account_id)
    if value > MAX_U64:
        raise BadMiranda(f"An account id must fit 64 bits: {account_id}.")
    return value
