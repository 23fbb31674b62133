"""Scrubbing by allow-list, which replaces every other value by a fake of the same shape.

`Scrubber` walks JSON and text through the encodings that it knows: JSON in strings, base64, JWTs, URLs, forms,
percent-encoding, SDP and miranda frames. The same real value always becomes the same fake, so that references between
messages survive. That includes an account id in decimal, padded, hex and binary form.
"""

from __future__ import annotations

import ipaddress
import json
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from captures.scrub import jwt, miranda, sdp, short_runs, url
from captures.scrub.base64text import decode64, encode64
from captures.scrub.fakes import HEX, Stand
from captures.scrub.harmless import (
    AFTER_HOLDERS,
    MAPS,
    ONLINE_IDS,
    PERSONAL,
    SENTENCES,
    TIMES,
    flag_may_stay,
    is_field,
    is_one_word,
    may_stay,
)
from captures.scrub.shapes import BASE64, FORM, INNER, ISO, OTHER, PARTS, PERCENT, SIMPLE
from captures.scrub.words import WORDS

MAX_DEPTH = 40
"""Data nested deeper is dropped."""
_MAX_DIGITS = 400
_SMALLEST, _LARGEST = 10**15, (1 << 64) - 1


class Scrubber:
    """Replaces through `stand`. Feed it everything once to `learn` the ids and names, then again for the result."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self._names: set[str] = set()
        self._called: set[str] = set()
        """Whole names of people, without those that are one harmless word and identify nobody."""
        self._depth = 0

    # --- JSON ---------------------------------------------------------------------------------------

    def value(self, data: Any, key: str = "", parent: str = "", *, listed: bool = False) -> Any:
        """Return scrubbed JSON `data`, found under `key` of the object under `parent`.

        `listed`: it is an item of the list under `key`.
        """
        if self._depth >= MAX_DEPTH:
            return None
        self._depth += 1
        try:
            return self._value(data, key, parent, listed=listed)
        finally:
            self._depth -= 1

    def _value(self, data: Any, key: str, parent: str, *, listed: bool) -> Any:
        if isinstance(data, dict):
            return self._object(data, key, by_id=not listed and key.casefold() in MAPS)
        if isinstance(data, list | tuple):
            if short_runs.is_row(data) and not all(may_stay(str(item), key, parent) for item in data):
                return self.stand.row(list(data))
            return [self.value(item, key, parent, listed=True) for item in data]
        if isinstance(data, str):
            return self.text(data, key, parent)
        if isinstance(data, bool):
            return data and flag_may_stay(key)
        return self._number(data, key, parent) if isinstance(data, int | float) else None

    def _object(self, data: dict[str, Any], key: str, *, by_id: bool) -> dict[str, Any]:
        if short_runs.is_row_by_number(data):
            return dict(zip(data, self.stand.row(list(data.values())), strict=True))
        found: dict[str, Any] = {}
        for name, item in data.items():
            fresh = self.text(name) if by_id and name not in AFTER_HOLDERS else self.name(name)
            while fresh in found:
                fresh += "_"
            found[fresh] = self.value(item, name, key)
        return found

    def name(self, name: str) -> str:
        """Return the name of a field, header or parameter. It stays if its words are harmless and name nobody."""
        return name if is_field(name) and not self.is_called(name) else self.text(name)

    def is_called(self, text: str) -> bool:
        """Return whether `text` is a person's name learnt so far."""
        return text.casefold() in self._called

    def _number(self, data: float, key: str, parent: str) -> float:
        if key.casefold() in TIMES and 1e9 < data < 4e12:
            return self._moment(data)
        if isinstance(data, float):
            whole = math.isfinite(data) and abs(data) < 1e15
            return float(self.stand.number(int(data))) if whole else 0.0
        if may_stay(str(data), key, parent) or (data in (0, 1) and flag_may_stay(key)):
            return data
        if not -_SMALLEST <= data <= _LARGEST:  # not an id, and too large for the folder's JSON
            return _LARGEST if data > 0 else -_SMALLEST
        return self.stand.number(data)

    def _moment(self, data: float) -> float:
        scale = 1000 if data > 1e11 else 1
        return type(data)(self.stand.seconds(data / scale) * scale)

    # --- text ---------------------------------------------------------------------------------------

    def text(self, text: str, key: str = "", parent: str = "") -> str:
        """Return scrubbed `text`."""
        if not text or (may_stay(text, key, parent) and not self.is_called(text)):
            return text
        if self._depth >= MAX_DEPTH:
            return ""
        self._depth += 1
        try:
            return self._text(text, key, parent)
        finally:
            self._depth -= 1

    def _text(self, text: str, key: str, parent: str) -> str:
        name = key.casefold()
        if name in ONLINE_IDS and not is_one_word(text):
            self._called.add(text.casefold())
        if name in PERSONAL:
            self._names.update(word.casefold() for word in re.findall(r"\w+", text))
        if name in TIMES and (moved := self._time(text)) is not None:
            return moved
        for unwrap in _WRAPPINGS:
            if (found := unwrap(self, text, key, parent)) is not None:
                return found
        return self.plain(text, words=name in SENTENCES)

    def _time(self, text: str) -> str | None:
        if text.isascii() and text.isdecimal() and 10 <= len(text) <= 13:
            return str(int(self._moment(int(text))))
        return "2020-01-01T00:00:00Z" if ISO.fullmatch(text) else None

    def plain(self, text: str, *, words: bool = False) -> str:
        """Return scrubbed unstructured text. Harmless words stay if `words`, unless they are part of a name."""
        found, at = [], 0
        for row in short_runs.ROW.finditer(text):
            if words and all(self._is_harmless(piece) for piece in short_runs.PIECE.findall(row[0])):
                continue
            found += [self._parts(text[at : row.start()], words), OTHER.sub("-", self.stand.row_text(row[0]))]
            at = row.end()
        return "".join([*found, self._parts(text[at:], words)])

    def _parts(self, text: str, words: bool) -> str:
        return PARTS.sub(lambda match: self._part(match, words), text)

    def _is_harmless(self, word: str) -> bool:
        return word.casefold() in WORDS and word.casefold() not in self._names

    def _part(self, match: re.Match[str], words: bool) -> str:
        kind, text = str(match.lastgroup), match[0]
        special = _PARTS_BY_KIND.get(kind)
        found = special(self, text) if special else None
        if found is not None:
            return found
        if kind == "run":
            return text if words and self._is_harmless(text) else self.run(text)
        if kind == "other":
            return "-" if OTHER.fullmatch(text) else text
        return (INNER if kind == "base64" else SIMPLE).sub(lambda part: self._part(part, words), text)

    def run(self, text: str) -> str:
        """Return the fake of a run of letters and digits. A number stays a number, and 16 hex digits are 64 bits."""
        if text.isascii() and text.isdecimal():
            if len(text) > _MAX_DIGITS:
                return "0" * len(text)
            return str(self.stand.number(int(text))).rjust(len(text), "0") if int(text) else text
        if len(text) == 16 and HEX.fullmatch(text):
            found = f"{self.stand.number(int(text, 16)):016x}"
            return found.upper() if text.isupper() else found
        if len(text) == 32 and HEX.fullmatch(text):
            return self.stand.uuid(text)
        return self.stand.token(text)

    def address(self, text: str) -> str:
        """Return the fake of an IP address. Other text is scrubbed as text."""
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return self.plain(text) if text else text
        return self.stand.address(text)

    def octets(self, data: bytes) -> bytes:
        """Return fake bytes. Known 64-bit ids become their fakes in the same place."""
        found, at = bytearray(self.stand.octets(data)), 0
        while at + 8 <= len(data):
            step = 1
            for order in ("little", "big"):
                if self.stand.knows(number := int.from_bytes(data[at : at + 8], order)):
                    found[at : at + 8] = self.stand.number(number).to_bytes(8, order)
                    step = 8
                    break
            at += step
        return bytes(found)


# --- wrappings --------------------------------------------------------------------------------------


def _json(scrubber: Scrubber, text: str, key: str, parent: str) -> str | None:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    tight = not re.search(r'":\s|",\s|\},\s', text)
    scrubbed = scrubber.value(data, key, parent)
    return json.dumps(scrubbed, ensure_ascii=False, separators=(",", ":") if tight else None)


def _base64(scrubber: Scrubber, text: str, key: str, parent: str) -> str | None:
    if not BASE64.fullmatch(text) or text.isdecimal() or HEX.fullmatch(text) or scrubber.stand.done(text):
        return None
    data = decode64(text)
    if data is None:
        return None
    try:
        inner = data.decode()
    except UnicodeDecodeError:
        return _binary64(scrubber, data, text)
    if not all(letter.isprintable() or letter in "\n\r\t" for letter in inner):
        return _binary64(scrubber, data, text)
    return encode64(scrubber.text(inner, key, parent).encode("utf-8", "replace"), text)


def _binary64(scrubber: Scrubber, data: bytes, text: str) -> str | None:
    frame = miranda.body(scrubber, data)
    if frame is not None:
        return encode64(frame, text)
    windows = (data[at : at + 8] for at in range(len(data) - 7))
    if any(scrubber.stand.knows(int.from_bytes(w, order)) for w in windows for order in ("little", "big")):
        return encode64(scrubber.octets(data), text)
    return None


def _form(scrubber: Scrubber, text: str, key: str, parent: str) -> str | None:
    del key, parent
    return url.form(scrubber, text) if FORM.fullmatch(text) else None


def _percent(scrubber: Scrubber, text: str, key: str, parent: str) -> str | None:
    if not PERCENT.search(text) or (plain := unquote(text)) == text:
        return None
    return quote(scrubber.text(plain, key, parent), safe="/:?&=+,;@")


def _sdp(scrubber: Scrubber, text: str, key: str, parent: str) -> str | None:
    del key, parent
    if text.startswith("v=0"):
        return sdp.description(scrubber, text)
    return sdp.candidate(scrubber, text) if text.removeprefix("a=").startswith("candidate:") else None


def _miranda(scrubber: Scrubber, text: str, key: str, parent: str) -> str | None:
    del key, parent
    return miranda.payload(scrubber, text)


def _jwt(scrubber: Scrubber, text: str) -> str | None:
    return jwt.token(scrubber, text)


def _uuid(scrubber: Scrubber, text: str) -> str | None:
    return scrubber.stand.uuid(text)


def _address(scrubber: Scrubber, text: str) -> str | None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return None
    return scrubber.stand.address(text)


def _dashed(scrubber: Scrubber, text: str) -> str | None:
    found = _address(scrubber, text.replace("-", "."))
    return None if found is None else found.replace(".", "-")


def _pairs(scrubber: Scrubber, text: str) -> str | None:
    found = scrubber.run(text.replace(":", ""))
    return ":".join(found[at : at + 2] for at in range(0, len(found), 2))


_WRAPPINGS: tuple[Callable[[Scrubber, str, str, str], str | None], ...] = (
    _json, _miranda, _sdp, _form, _percent, _base64,
)  # fmt: skip
_PARTS_BY_KIND: dict[str, Callable[[Scrubber, str], str | None]] = {
    "url": url.url,
    "host": url.host,
    "jwt": _jwt,
    "uuid": _uuid,
    "six": _address,
    "four": _address,
    "dashed": _dashed,
    "pairs": _pairs,
    "base64": lambda scrubber, text: _base64(scrubber, text, "", ""),
}
