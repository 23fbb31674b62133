"""Scrubbing by allow-list, which replaces every other value by a fake of the same shape.

`Scrubber` walks JSON and text through the encodings that it knows: JSON in strings, base64, JWTs, URLs, forms,
percent-encoding, SDP and miranda frames. The same real value always becomes the same fake, so that references between
messages survive. That includes an account id in decimal, padded, hex and binary form.
"""

from __future__ import annotations

import ipaddress
import math
import re
from typing import Any

from captures.scrub import runs, short_runs
from captures.scrub.allow_list import (
    AFTER_HOLDERS,
    MAPS,
    SENTENCES,
    TIMES,
    flag_may_stay,
    is_field,
    may_stay,
)
from captures.scrub.fakes import Replacements
from captures.scrub.formats.shapes import INNER, ISO, OTHER, PARTS, SIMPLE
from captures.scrub.formats.wrappings import PARTS_BY_KIND, WRAPPINGS
from captures.scrub.names import LearntNames

MAX_DEPTH = 40
"""Data nested deeper is dropped."""
_SMALLEST, _LARGEST = 10**15, (1 << 64) - 1


class Scrubber:
    """Replaces through `replace`. Feed it everything once to `learn` the ids and names, then again for the result."""

    def __init__(self, replace: Replacements) -> None:
        self.replace = replace
        self._names = LearntNames()
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
                return self.replace.row(list(data))
            return [self.value(item, key, parent, listed=True) for item in data]
        if isinstance(data, str):
            return self.text(data, key, parent)
        if isinstance(data, bool):
            return data and flag_may_stay(key)
        return self._number(data, key, parent) if isinstance(data, int | float) else None

    def _object(self, data: dict[str, Any], key: str, *, by_id: bool) -> dict[str, Any]:
        if short_runs.is_row_by_number(data):
            return dict(zip(data, self.replace.row(list(data.values())), strict=True))
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
        return self._names.is_name(text)

    def _number(self, data: float, key: str, parent: str) -> float:
        if key.casefold() in TIMES and 1e9 < data < 4e12:
            return self._moment(data)
        if isinstance(data, float):
            whole = math.isfinite(data) and abs(data) < 1e15
            return float(self.replace.number(int(data))) if whole else 0.0
        if may_stay(str(data), key, parent) or (data in (0, 1) and flag_may_stay(key)):
            return data
        if not -_SMALLEST <= data <= _LARGEST:  # not an id, and too large for the folder's JSON
            return _LARGEST if data > 0 else -_SMALLEST
        return self.replace.number(data)

    def _moment(self, data: float) -> float:
        scale = 1000 if data > 1e11 else 1
        return type(data)(self.replace.seconds(data / scale) * scale)

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
        self._names.learn(text, name)
        if name in TIMES and (moved := self._time(text)) is not None:
            return moved
        for unwrap in WRAPPINGS:
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
            if words and all(self._names.is_harmless(piece) for piece in short_runs.PIECE.findall(row[0])):
                continue
            found += [self._parts(text[at : row.start()], words), OTHER.sub("-", self.replace.row_text(row[0]))]
            at = row.end()
        return "".join([*found, self._parts(text[at:], words)])

    def _parts(self, text: str, words: bool) -> str:
        return PARTS.sub(lambda match: self._part(match, words), text)

    def _part(self, match: re.Match[str], words: bool) -> str:
        kind, text = str(match.lastgroup), match[0]
        special = PARTS_BY_KIND.get(kind)
        found = special(self, text) if special else None
        if found is not None:
            return found
        if kind == "run":
            return text if words and self._names.is_harmless(text) else runs.run(self.replace, text)
        if kind == "other":
            return "-" if OTHER.fullmatch(text) else text
        return (INNER if kind == "base64" else SIMPLE).sub(lambda part: self._part(part, words), text)

    def address(self, text: str) -> str:
        """Return the fake of an IP address. Other text is scrubbed as text."""
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return self.plain(text) if text else text
        return self.replace.address(text)
