"""Datagrams to messages and back, by python-osc. No I/O.

Bundles are taken apart here: python-osc 1.10 never comes back from one whose element has a negative size.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import OscMessageBuilder

Value = float | int | str
Address = tuple[Any, ...]
"""Of a socket: host, port, and for IPv6 what else the system says."""
LONGEST_DATAGRAM = 8192
"""Bytes. A controller that sends its whole surface in one bundle needs less."""
MOST_MESSAGES = 512
"""Messages of one datagram."""
DEEPEST = 4
"""Bundles inside bundles."""
FITS = 1400
"""Bytes of a datagram of ours, so that no network has to split it."""
_BUNDLE = b"#bundle\x00"
_NOW = b"\x00\x00\x00\x00\x00\x00\x00\x01"
_SIZE = struct.Struct(">i")
_TYPES = {float: "f", int: "i", str: "s"}


class MalformedError(Exception):
    """A datagram that is no OSC."""


@dataclass(frozen=True)
class HeardMessage:
    """One message as it came. Time tags are not heeded: the clocks of controllers and of this machine differ."""

    address: str
    arguments: tuple[Any, ...]


def decode(datagram: bytes) -> list[HeardMessage]:
    """Return the messages of a datagram in their order. Raises `MalformedError`, and then none of them counts."""
    if len(datagram) > LONGEST_DATAGRAM:
        raise MalformedError("too long")
    found: list[HeardMessage] = []
    for part in _messages(datagram, 0):
        if len(found) >= MOST_MESSAGES:
            raise MalformedError("too many messages")
        try:
            message = OscMessage(part)
        except (ParseError, UnicodeDecodeError, ValueError, OverflowError, RecursionError) as error:
            raise MalformedError(str(error)) from error
        found.append(HeardMessage(message.address, tuple(message.params)))
    return found


def _messages(packet: bytes, depth: int) -> Iterator[bytes]:
    if packet.startswith(b"/"):
        yield packet
        return
    if not packet.startswith(_BUNDLE) or len(packet) < 16 or depth > DEEPEST:
        raise MalformedError("neither a message nor a bundle")
    place = 16
    while place < len(packet):
        if place + 4 > len(packet):
            raise MalformedError("a bundle that ends early")
        (size,) = _SIZE.unpack_from(packet, place)
        place += 4
        if size <= 0 or size % 4 or place + size > len(packet):
            raise MalformedError("a bundle with an element of a wrong size")
        yield from _messages(packet[place : place + size], depth + 1)
        place += size


def encode(values: Mapping[str, Value], *, bundles: bool = True) -> list[bytes]:
    """Return the datagrams that carry these messages."""
    messages = [_message(address, value) for address, value in values.items()]
    if not bundles:
        return messages
    return [part[0] if len(part) == 1 else _bundle(part) for part in _portions(messages)]


def _message(address: str, value: Value) -> bytes:
    builder = OscMessageBuilder(address)
    builder.add_arg(value, _TYPES[type(value)])
    built: bytes = builder.build().dgram
    return built


def _portions(messages: Iterable[bytes]) -> Iterator[list[bytes]]:
    portion: list[bytes] = []
    size = 16
    for message in messages:
        if portion and size + 4 + len(message) > FITS:
            yield portion
            portion, size = [], 16
        portion.append(message)
        size += 4 + len(message)
    if portion:
        yield portion


def _bundle(messages: list[bytes]) -> bytes:
    return _BUNDLE + _NOW + b"".join(_SIZE.pack(len(message)) + message for message in messages)
