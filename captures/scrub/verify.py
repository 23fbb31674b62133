"""A search for real values left in a capture folder, by two independent methods.

The audit walks the folder like the scrubber, and checks that every replaced value bears the mark of a fake.
The scan does not depend on that walk or on the allow-list. It reads the files as text, decodes base64, and
looks for unmarked ids, addresses and words of high entropy.
"""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captures import folder
from captures.scrub import short_runs
from captures.scrub.allow_list import AFTER_HOLDERS, CONSTANTS, MAPS, is_known
from captures.scrub.draw import HEX, ID_DIGITS, ID_MARK, made_up
from captures.scrub.fakes import DOCUMENTATION, NOBODY
from captures.scrub.formats.base64text import decode64
from captures.scrub.http import ExchangeScrubber
from common.psn.miranda.frames import HEADER_BYTES, VERSION, VERSION_2020

ENTROPY_BITS = 3.2
"""Bits per character above which a word of 16 or more looks random."""
_RUN = re.compile(r"[A-Za-z0-9]+|[^\x00-\x7f]+")


@dataclass(frozen=True)
class Leak:
    where: str
    what: str
    shape: str
    """The value's shape (x: letter, 0: digit), never the value."""


def verify(place: Path) -> list[Leak]:
    """Return possible real values in the capture folder. Raises `CaptureError` if it is not one."""
    capture, damage = folder.read(place)
    found = [Leak(str(place), damage, "")] if damage else []
    if not folder.is_private(place):
        found.append(Leak(str(place), "others may read its files", ""))
    for raw, exchange in zip(folder.to_raw(capture), capture.exchanges, strict=True):
        auditor = Auditor(f"exchange {exchange.n}")
        ExchangeScrubber(auditor, 0).exchange(raw, exchange.n)
        found += auditor.found
    for file in (place / folder.EXCHANGES, place / folder.FRAMES, *folder.texts(place)):
        text = file.read_text("utf-8", "replace") if file.exists() else ""
        for number, line in enumerate(text.splitlines(), 1):
            found += scan(f"{file.name} line {number}", re.sub(r'"kind":"bytes","data":"[^"]*"', "", line))
    return list(dict.fromkeys(found))


def shape_of(text: str) -> str:
    shown = re.sub(r"[^\W\d_]", "x", re.sub(r"[0-9]", "0", text))
    return shown if len(shown) <= 40 else f"{shown[:40]}… ({len(shown)} characters)"


class Auditor:
    """Takes the place of `Fakes` in the scrubber. It replaces nothing and records unmarked values."""

    def __init__(self, where: str) -> None:
        self.found: list[Leak] = []
        self._where = where

    def _note(self, what: str, text: str) -> None:
        self.found.append(Leak(self._where, what, shape_of(text)))

    def number(self, value: int) -> int:
        if not _number_is_made_up(str(abs(value))):
            self._note("an id", str(value))
        return value

    def token(self, text: str) -> str:
        if not made_up(text) and text not in CONSTANTS:
            self._note("a word", text)
        return text

    def uuid(self, text: str) -> str:
        if not made_up(text.replace("-", "")):
            self._note("a UUID", text)
        return text

    def address(self, text: str) -> str:
        if not _is_reserved(text):
            self._note("an address", text)
        return text

    def port(self, value: int) -> int:
        return value

    def octets(self, data: bytes) -> bytes:
        return data

    def row(self, items: list[Any]) -> list[Any]:
        if items != short_runs.blank(items):
            self._note("a list of small numbers or letters", " ".join(map(str, items)))
        return items

    def row_text(self, text: str) -> str:
        if text != short_runs.blank_text(text):
            self._note("a row of single letters or numbers", text)
        return text

    def seconds(self, value: float) -> float:
        return value

    def knows(self, value: int) -> bool:
        del value
        return False

    def done(self, text: str) -> bool:
        """Return whether `text`, which may be base64 by chance, is a fake word."""
        return all(made_up(run) for run in _RUN.findall(text))


def _number_is_made_up(digits: str) -> bool:
    return made_up(digits) or (len(digits) == 16 and int(digits, 16) % ID_MARK == 0)


def _is_reserved(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return True
    return address in NOBODY or any(address in net for net in DOCUMENTATION)


# --- the scan ---------------------------------------------------------------------------------------

_UUID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}(?![0-9A-Za-z])")
_FOUR = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![\w.])")
_SIX = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{1,4}:){3,7}:?[0-9A-Fa-f:]{1,20}(?![\w:])")
_MAIL = re.compile(r"[\w.+-]{1,64}@([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+)", re.ASCII)
_MAC = re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:-])")
_LONG = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_CERTAINLY = 16
"""Items from which a list is surely not the protocol's. Shorter ones are left to the audit and its allow-list."""
_CONSTANT = re.compile("|".join(re.escape(text) for text in sorted((c for c in CONSTANTS if len(c) > 8), key=len)))
_SONY_UUID = "84a86fab-a84f-4d61-b376-2ee79d2b67d2"
"""Name of a header extension [seen], equal in every description."""


def scan(where: str, text: str, depth: int = 6) -> Iterator[Leak]:
    """Yield the parts of `text` with the shape of a real value."""
    yield from _rows(where, text)
    yield from _keys(where, text)
    text = _CONSTANT.sub(" ", re.sub(r"\\+[nrt]?", " ", text)).replace(_SONY_UUID, " ")
    yield from _shapes(where, text)
    for match in _LONG.finditer(_UUID.sub(" ", text)):
        yield from _long(where, match[0], depth)


def _rows(where: str, line: str) -> Iterator[Leak]:
    """Yield lists in a file's line that spell out a value in pieces, whatever the allow-list says."""
    try:
        waiting = [json.loads(line)]
    except (ValueError, RecursionError):
        return
    while waiting:
        item = waiting.pop()
        inner = list(item.values()) if isinstance(item, dict) else item if isinstance(item, list) else []
        named = isinstance(item, list) or (isinstance(item, dict) and short_runs.is_row_by_number(item))
        if named and short_runs.is_row(inner) and inner != short_runs.blank(inner) and len(inner) >= _CERTAINLY:
            yield Leak(where, "a list of small numbers or letters", f"{len(inner)} of them")
        elif isinstance(item, str) and item[:1] in {"{", "["}:
            yield from _rows(where, item)
        waiting += inner


def _keys(where: str, line: str) -> Iterator[Leak]:
    """Yield the unmarked keys of a map by id. They name somebody even if their words are harmless."""
    try:
        waiting = [("", json.loads(line))]
    except (ValueError, RecursionError):
        return
    while waiting:
        key, item = waiting.pop()
        if isinstance(item, dict):
            for name in item if key.casefold() in MAPS else ():
                if name not in AFTER_HOLDERS and not _is_replaced(name):
                    yield Leak(where, "somebody's name or id as a field", shape_of(name))
            waiting += item.items()
        elif isinstance(item, list):
            waiting += [("", inner) for inner in item]
        elif isinstance(item, str) and item[:1] in {"{", "["}:
            yield from _keys(where, item)


def _is_replaced(name: str) -> bool:
    """Return whether a whole name is marked as fake, as words, as a UUID or as an address."""
    if "." in name or ":" in name:
        try:
            ipaddress.ip_address(name)
        except ValueError:
            pass
        else:
            return _is_reserved(name)
    if _UUID.fullmatch(name):
        return made_up(name.replace("-", ""))
    return all(made_up(run) for run in _RUN.findall(name))


def _shapes(where: str, text: str) -> Iterator[Leak]:
    for match in _UUID.finditer(text):
        if not made_up(match[0].replace("-", "")):
            yield Leak(where, "the shape of a UUID", shape_of(match[0]))
    for pattern in (_FOUR, _SIX):
        for match in pattern.finditer(text):
            if not _is_reserved(match[0]):
                yield Leak(where, "the shape of an address", shape_of(match[0]))
    for match in _MAC.finditer(text):
        if any(not made_up(part) for part in re.split("[:-]", match[0])) or HEX.fullmatch(re.sub("[:-]", "", match[0])):
            yield Leak(where, "the shape of a hardware address", shape_of(match[0]))
    for match in _MAIL.finditer(text):
        if not all(made_up(run) for run in _RUN.findall(match[1])):
            yield Leak(where, "the shape of an e-mail address", shape_of(match[0]))


def _long(where: str, text: str, depth: int) -> Iterator[Leak]:
    """Check a long run. Base64 of text is decoded, and other runs must be known words or fakes."""
    data = decode64(text) if depth and not all(made_up(run) for run in _RUN.findall(text)) else None
    if data is not None and data[:4] in (VERSION, VERSION_2020) and len(data) >= HEADER_BYTES:
        if not made_up(str(int.from_bytes(data[16:24], "little"))):
            yield Leak(where, "an id in a miranda header", "")
        data = data[HEADER_BYTES:] if _printable(data[HEADER_BYTES:]) > 0.7 else b""
    if data is not None and (not data or _printable(data) > 0.7):
        for inner in re.findall(rb"[ -~]{6,}", data):
            yield from scan(where, inner.decode("ascii"), depth - 1)
        return
    for run in _RUN.findall(text):
        if run.isdecimal():
            if len(run.lstrip("0")) >= ID_DIGITS and not _number_is_made_up(run):
                yield Leak(where, "the shape of an id", shape_of(run))
        elif len(run) >= 16 and not made_up(run) and not is_known(run) and entropy(run) > ENTROPY_BITS:
            yield Leak(where, "a word that looks like a token", shape_of(run))


def _printable(data: bytes) -> float:
    return sum(32 <= octet < 127 or octet in b"\n\r\t" for octet in data) / max(1, len(data))


def entropy(text: str) -> float:
    """Return the entropy of `text` in bits per character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
