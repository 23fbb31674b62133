"""Endless Matroska with PCM, as bytes: RFC 9559, of which it needs eleven elements. Pure.

PyAV's muxer holds back one packet and costs this process 18 MB. FFmpeg's own reader finds each packet complete with its
time, so that a player need not guess packets. In a WAV it looks for DTS first, which costs 0.6 s of delay for good.
"""

from __future__ import annotations

import struct

from common.messages import SAMPLE_RATE

_UNKNOWN_SIZE = b"\x01" + b"\xff" * 7
_TRACK = 1


def _element(name: int, body: bytes) -> bytes:
    identity = name.to_bytes((name.bit_length() + 7) // 8, "big")
    return identity + (len(body) | 1 << 56).to_bytes(8, "big") + body


def _number(name: int, value: int) -> bytes:
    return _element(name, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def head(channels: int = 1) -> bytes:
    """Return what comes first: the kind of file, and its track of 16 bits, `SAMPLE_RATE`."""
    kind = (
        _number(0x4286, 1)  # EBMLVersion
        + _number(0x42F7, 1)  # EBMLReadVersion
        + _number(0x42F2, 4)  # EBMLMaxIDLength
        + _number(0x42F3, 8)  # EBMLMaxSizeLength
        + _element(0x4282, b"matroska")  # DocType
        + _number(0x4287, 4)  # DocTypeVersion
        + _number(0x4285, 2)  # DocTypeReadVersion
    )
    info = (
        _number(0x2AD7B1, 1_000_000)  # TimestampScale, a millisecond
        + _element(0x4D80, b"partyline")  # MuxingApp
        + _element(0x5741, b"partyline")  # WritingApp
    )
    audio = (
        _element(0xB5, struct.pack(">d", SAMPLE_RATE))  # SamplingFrequency
        + _number(0x9F, channels)  # Channels
        + _number(0x6264, 16)  # BitDepth
    )
    track = (
        _number(0xD7, _TRACK)  # TrackNumber
        + _number(0x73C5, _TRACK)  # TrackUID
        + _number(0x83, 2)  # TrackType, audio
        + _number(0x9C, 0)  # FlagLacing
        + _element(0x86, b"A_PCM/INT/LIT")  # CodecID
        + _element(0xE1, audio)  # Audio
    )
    return (
        _element(0x1A45DFA3, kind)  # EBML
        + 0x18538067.to_bytes(4, "big")  # Segment, without an end
        + _UNKNOWN_SIZE
        + _element(0x1549A966, info)  # Info
        + _element(0x1654AE6B, _element(0xAE, track))  # Tracks, TrackEntry
    )


def packet(at_ms: int, samples: bytes) -> bytes:
    """Return `samples` that begin at `at_ms` of the stream, as a cluster of their own.

    They are s16, little-endian, with the channels of a moment beside each other.
    """
    block = struct.pack(">BhB", 0x80 | _TRACK, 0, 0x80) + samples
    return _element(0x1F43B675, _number(0xE7, at_ms) + _element(0xA3, block))  # Cluster: Timestamp, SimpleBlock
