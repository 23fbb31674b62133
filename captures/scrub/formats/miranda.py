"""Miranda frames: ids in the header and in the JSON are replaced alike; unknown bytes do not stay.

The header's layout is told in `common.psn.miranda.frames`. It is read here by itself, since a frame that the codec
refuses must be scrubbed too.
"""

from __future__ import annotations

import json
import re
import struct

from captures.scrub.protocol import Scrubbing
from captures.scrub.runs import octets
from common.psn.miranda.frames import HEADER_BYTES, VERSION, VERSION_2020

HEADER = struct.Struct("<4sIIIQI12sI")
_PAYLOAD = re.compile(r"(ver=[0-9.]{1,8}, ?type=[a-z]{1,12}, ?body=)(\S+)", re.ASCII)
_PREFIX = re.compile(rb"[0-9]{1,3}(?:/[0-9]{1,3}){0,4}\r?\n(?=\{)")
_SMALL = 1 << 20
"""Counters and platform codes are below; what is not is no counter that we know."""


def payload(scrubber: Scrubbing, text: str) -> str | None:
    """Return the payload of a customMessage scrubbed, None if `text` is none."""
    match = _PAYLOAD.fullmatch(text)
    return match[1] + scrubber.text(match[2], "body") if match else None


def body(scrubber: Scrubbing, data: bytes) -> bytes | None:
    """Return a frame scrubbed, None if `data` is none."""
    if len(data) < HEADER_BYTES or data[:4] not in (VERSION, VERSION_2020):
        return None
    version, four, counter, twelve, account, platform, rest, length = HEADER.unpack_from(data)
    follows = data[HEADER_BYTES:]
    inner = _json(scrubber, follows)
    four, counter, twelve, platform = (_small(scrubber, number) for number in (four, counter, twelve, platform))
    rest = rest if not any(rest) else octets(scrubber.replace, rest)
    length = len(inner) if length == len(follows) else _small(scrubber, length)
    account = scrubber.replace.number(account) if account else 0
    return HEADER.pack(version, four, counter, twelve, account, platform, rest, length) + inner


def _json(scrubber: Scrubbing, data: bytes) -> bytes:
    prefix = _PREFIX.match(data)
    if prefix is None:
        return octets(scrubber.replace, data)
    try:
        found = scrubber.value(json.loads(data[prefix.end() :]))
    except (ValueError, RecursionError):
        return prefix[0] + octets(scrubber.replace, data[prefix.end() :])
    return prefix[0] + json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _small(scrubber: Scrubbing, number: int) -> int:
    return number if number < _SMALL else scrubber.replace.number(number) & 0xFFFF_FFFF
