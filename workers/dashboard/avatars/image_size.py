"""The width and height of a picture, from its header. Pure. Formats: PNG (RFC 2083), JPEG, GIF89a, WebP."""

from __future__ import annotations

_START_OF_FRAME = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers of JPEG without a length."""


def size_of(body: bytes) -> tuple[int, int]:
    """Return (width, height) in pixels, the largest if there are several, (0, 0) if there is none."""
    if body.startswith(b"\x89PNG\r\n\x1a\n"):
        return _big(body[16:20]), _big(body[20:24])
    if body.startswith((b"GIF87a", b"GIF89a")):
        return _little(body[6:8]), _little(body[8:10])
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return _webp(body)
    return _jpeg(body) if body.startswith(b"\xff\xd8") else (0, 0)


def _webp(body: bytes) -> tuple[int, int]:
    kind, data = body[12:16], body[20:30]
    if kind == b"VP8X":
        return 1 + _little(data[4:7]), 1 + _little(data[7:10])
    if kind == b"VP8L":
        bits = _little(data[1:5])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    return _little(data[6:8]) & 0x3FFF, _little(data[8:10]) & 0x3FFF


def _jpeg(body: bytes) -> tuple[int, int]:
    at, widest = 2, (0, 0)
    while at + 9 < len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker == 0xDA:  # the image data follows
            break
        else:
            if marker in _START_OF_FRAME:
                height, width = _big(body[at + 5 : at + 7]), _big(body[at + 7 : at + 9])
                widest = max(widest, (width, height), key=max)
            at += 2 + max(2, _big(body[at + 2 : at + 4]))
    return widest


def _big(raw: bytes) -> int:
    return int.from_bytes(raw, "big")


def _little(raw: bytes) -> int:
    return int.from_bytes(raw, "little")
