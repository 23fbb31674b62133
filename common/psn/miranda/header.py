r"""The fields of a miranda frame one by one, for people who inspect it, even if it cannot be decoded.

`common.psn.miranda.frames` is the codec. This module gives each field's place, its meaning and its grade.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from common.psn.miranda import frames
from common.psn.miranda.platforms import name_of

Grade = Literal["seen", "one", "read", "open"]


class HeaderField(msgspec.Struct, frozen=True, kw_only=True):
    """One field of the header, or the prefix behind it."""

    offset: int
    """Bytes from the frame's start."""
    size: int
    """Bytes present, fewer than the field's length in a truncated frame."""
    name: str
    bytes: str
    """Hex pairs."""
    value: str
    meaning: str
    grade: Grade
    usual: bool
    """Whether it is as in every captured frame (or, if it varies, as it must be)."""


_LAYOUT: tuple[tuple[int, int, str, Grade], ...] = (
    (0, 4, "version", "read"),
    (4, 4, "reserved_4", "read"),
    (8, 4, "counter", "open"),
    (12, 4, "reserved_12", "read"),
    (16, 8, "sender_account_id", "read"),
    (24, 4, "sender_platform", "read"),
    (28, 12, "reserved_28", "read"),
    (40, 4, "length", "read"),
)


def fields(body: bytes) -> list[HeaderField]:
    """Return every field of the 44-byte header and the prefix, as far as the frame goes."""
    found = []
    for offset, size, name, grade in _LAYOUT:
        raw = body[offset : offset + size]
        if not raw:
            break
        value, meaning, usual = _read(name, raw, len(body))
        if len(raw) < size:
            meaning, usual = f"truncated: {len(raw)} of {size} bytes", False
        found.append(
            HeaderField(
                offset=offset,
                size=len(raw),
                name=name,
                bytes=raw.hex(" "),
                value=value,
                meaning=meaning,
                grade=grade,
                usual=usual,
            )
        )
    return [*found, *_prefix(body)]


def _read(name: str, raw: bytes, total: int) -> tuple[str, str, bool]:
    number = int.from_bytes(raw, "little")
    if name == "version":
        years = {frames.VERSION: "as in 2026", frames.VERSION_2020: "as in 2020"}
        return raw.hex(), years.get(raw, "a version we do not know"), raw in years
    if name == "counter":
        return str(number), "perhaps a counter: 1 in ours, others saw 0, 1, 2", True
    if name == "sender_account_id":
        return str(number), "the sender's account id, u64 little-endian", number > 0
    if name == "sender_platform":
        known = name_of(number)
        told = known if known != str(number) else "a code we do not know"
        return str(number), f"the sender's platform, u32 little-endian: {told}", known != str(number)
    if name == "length":
        follows = max(0, total - frames.HEADER_BYTES)
        told = "bytes that follow" if number == follows else f"bytes that should follow; there are {follows}"
        return str(number), told, number == follows
    return str(number), "zero in every sample" if number == 0 else "zero in every sample, but not here", number == 0


def _prefix(body: bytes) -> list[HeaderField]:
    rest = body[frames.HEADER_BYTES :]
    raw = rest[: max(rest[:64].find(b"{"), 0)]
    if not raw:
        return []
    text = raw.decode("ascii", "replace")
    years = {frames.PREFIX: "as in 2026", frames.PREFIX_2020: "as in 2020"}
    told = f"{years.get(text, 'not known')}; perhaps version/part/parts"
    return [
        HeaderField(
            offset=frames.HEADER_BYTES,
            size=len(raw),
            name="prefix",
            bytes=raw.hex(" "),
            value=text.rstrip("\r\n"),
            meaning=told,
            grade="open",
            usual=text in years,
        )
    ]
