"""A FLAC stream as bytes (RFC 9639): its header, its frames' numbers, silence, and the end of a torn file. No I/O.

Frames have `BLOCK` samples each, mono, 16 bit, 48 kHz, within the streamable subset. Each frame is independent, so a
file is valid up to its last whole frame, whatever its header says. A header with neither length nor MD5 (both 0) is
valid.
"""

from __future__ import annotations

import struct
from functools import cache, lru_cache

from common.messages import SAMPLE_RATE

BLOCK = 4608
"""Samples in one frame, as libavcodec's encoder takes them at 48 kHz."""
LONGEST_FRAME = BLOCK * 2 + 64
"""The longest frame in bytes, since the encoder falls back to plain samples."""
_SYNC = b"\xff\xf8\x5a\x08"
"""Fixed block size, `BLOCK` samples, 48 kHz, mono, 16 bit."""
_SILENT_SUBFRAME = b"\x00\x00\x00"
"""A constant without wasted bits, and its value."""
_ZEROS = bytes(4)
_POLYNOMIAL = 0x8005
_NUMBERS = 1 << 31
"""Numbers that a frame can have, six years of sound."""


def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    top, mask, found = 1 << (bits - 1), (1 << bits) - 1, []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        found.append(value)
    return tuple(found)


_CRC8 = _table(0x07, 8)
_CRC16 = _table(_POLYNOMIAL, 16)


def crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def crc16(data: bytes) -> int:
    """Return the CRC-16 of a frame, 0 for a frame followed by its own CRC."""
    value = 0
    for byte in data:
        value = (value << 8 & 0xFF00) ^ _CRC16[value >> 8 ^ byte]
    return value


# --- the header -------------------------------------------------------------------------------------


def stream_info(samples: int = 0, md5: bytes = bytes(16)) -> bytes:
    """Return the STREAMINFO block. 0 and zeros mean unknown."""
    packed = SAMPLE_RATE << 44 | 0 << 41 | 15 << 36 | samples
    return struct.pack(">B3sHH6sQ16s", 0, b"\x00\x00\x22", BLOCK, BLOCK, bytes(6), packed, md5)


def head(tags: dict[str, str], samples: int = 0) -> bytes:
    """Return the bytes before the first frame. A length of 0 means that it is unknown."""
    vendor = b"partyline"
    comments = [f"{key}={value}".encode() for key, value in tags.items()]
    body = struct.pack("<I", len(vendor)) + vendor + struct.pack("<I", len(comments))
    body += b"".join(struct.pack("<I", len(comment)) + comment for comment in comments)
    return b"fLaC" + stream_info(samples) + b"\x84" + len(body).to_bytes(3, "big") + body


INFO_AT = 4
"""Offset of STREAMINFO in a file."""


def head_length(data: bytes) -> int:
    """Return where the frames begin in a file that begins with `data`. Raises `ValueError` for other files."""
    if data[:8] != b"fLaC\x00\x00\x00\x22" or data[8:12] != struct.pack(">HH", BLOCK, BLOCK):
        raise ValueError("it does not begin as a FLAC file of this recorder")
    at = 4
    while at + 4 <= len(data):
        last, at = data[at] & 0x80, at + 4 + int.from_bytes(data[at + 1 : at + 4], "big")
        if last:
            return at
    raise ValueError("its header is incomplete")


def promised(data: bytes) -> tuple[int, bytes] | None:
    """Return samples and MD5 from a file's header, None if either is unknown. Raises as `head_length` does."""
    head_length(data)
    samples = int.from_bytes(data[18:26], "big") & (1 << 36) - 1
    md5 = data[26:42]
    return (samples, md5) if samples and any(md5) else None


# --- frames -----------------------------------------------------------------------------------------


@cache
def _number_length(first: int) -> int:
    """Return the length in bytes of a coded number that begins with byte `first`, 0 if it is invalid."""
    if first < 0x80:
        return 1
    length = next(bits for bits in range(8) if not first & 0x80 >> bits)
    return length if 2 <= length <= 6 else 0


def _coded(number: int) -> bytes:
    """Code a frame's number as RFC 9639 does, like UTF-8 up to 31 bits."""
    if number < 0x80:
        return bytes((number,))
    more = next(more for more in range(1, 6) if number < 1 << 5 * more + 6)
    tail = (0x80 | number >> 6 * place & 0x3F for place in range(more - 1, -1, -1))
    return bytes((0xFF00 >> more + 1 & 0xFF | number >> 6 * more, *tail))


def frame_header(number: int) -> bytes:
    header = _SYNC + _coded(number)
    return header + bytes((crc8(header),))


def silence(number: int) -> bytes:
    """Return frame `number` of digital silence."""
    frame = frame_header(number) + _SILENT_SUBFRAME
    return frame + crc16(frame).to_bytes(2, "big")


def renumbered(frame: bytes, number: int) -> bytes:
    """Return an encoder's frame as frame `number`. Raises `ValueError` for a frame of another shape than `BLOCK`'s."""
    length = _number_length(frame[4])
    if frame[:4] != _SYNC or not length:
        raise ValueError(f"the encoder made a frame of another shape: {frame[:6].hex()}")
    former, header = frame[: 5 + length], frame_header(number)
    body = len(frame) - len(former) - 2
    footer = int.from_bytes(frame[-2:], "big") ^ _shifted(crc16(former) ^ crc16(header), body)
    return header + frame[len(former) : -2] + footer.to_bytes(2, "big")


def _shifted(crc: int, count: int) -> int:
    """Return a CRC-16 after `count` more bytes of 0. A CRC is linear, so the body is not read."""
    return _times(crc, _power(count))


def _times(a: int, b: int) -> int:
    """Multiply two polynomials over GF(2) modulo the CRC's."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        b >>= 1
        a = (a << 1 ^ _POLYNOMIAL) & 0xFFFF if a & 0x8000 else a << 1
    return product


@lru_cache(maxsize=LONGEST_FRAME)
def _power(count: int) -> int:
    """Return x to the power of 8·`count`."""
    result, factor = 1, 0x100
    while count:
        if count & 1:
            result = _times(result, factor)
        factor = _times(factor, factor)
        count >>= 1
    return result


# --- the end of a torn file ---------------------------------------------------------------------------


def last_frame(tail: bytes) -> tuple[int, int] | None:
    """Return where the last whole frame in `tail` ends, and how many frames the file has up to there."""
    found = _headers(tail)
    end = len(tail)
    for at, number in reversed(found):
        for rest in _begun(tail[at:end], number + 1):
            if _is_whole(tail[at : end - rest]):
                return end - rest, number + 1
        end = at
    return None


def _begun(frame: bytes, following: int) -> list[int]:
    """Return with how many bytes of the next frame's header `frame` may end, as its header is found only whole."""
    header = frame_header(following) if following < _NUMBERS else b""
    return [0, *(count for count in range(1, len(header)) if frame.endswith(header[:count]))]


def _is_whole(frame: bytes) -> bool:
    """Return whether a frame ends with its CRC. Zeros after it, as a power cut leaves them, do not change the CRC."""
    return len(frame) <= LONGEST_FRAME and not frame.endswith(_ZEROS) and crc16(frame) == 0


def _headers(data: bytes) -> list[tuple[int, int]]:
    """Return offset and number of each frame header in `data`."""
    found = []
    at = data.find(_SYNC)
    while at >= 0:
        coded = data[at + 4 : at + 10]
        number = _number(coded)
        if number is not None and data.startswith(frame_header(number), at):
            found.append((at, number))
        at = data.find(_SYNC, at + 1)
    return found


def _number(coded: bytes) -> int | None:
    length = _number_length(coded[0]) if coded else 0
    if not length or len(coded) < length:
        return None
    number = coded[0] if length == 1 else coded[0] & 0x7F >> length
    for byte in coded[1:length]:
        number = number << 6 | byte & 0x3F
    return number
