"""Text in pieces of a letter or two: bytes as numbers, letters in a list, UTF-16, escapes of every letter.

Replaced piece by piece, each piece would always get the same fake. Known text reverses such a substitution.
So a row is blanked, and only its number of pieces stays. A blanked row is recognised since `blank` leaves it unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

MANY = 9
"""Least pieces in a row that may spell a secret. Fewer, of up to three letters, do not."""
_PIECE = r"(?:[A-Za-z0-9]{1,3}|[uU]?0{2,6}[0-9A-Fa-f]{2})(?![A-Za-z0-9])"
ROW = re.compile(rf"(?<![A-Za-z0-9])(?:{_PIECE}[^A-Za-z0-9\x80-\U0010ffff]{{1,6}}){{{MANY - 1},}}{_PIECE}")
PIECE = re.compile(r"[A-Za-z0-9]+")


def is_row(items: Sequence[Any]) -> bool:
    """Return whether a list may spell a secret, with small numbers or words of up to three letters."""
    return len(items) >= MANY and all(_is_piece(item) for item in items)


def is_row_by_number(data: Mapping[str, Any]) -> bool:
    """Return `is_row` for an object that represents a list, such as a Uint8Array: ``{"0": 75, "1": 113, …}``."""
    return all(name.isascii() and name.isdecimal() for name in data) and is_row(list(data.values()))


def _is_piece(item: Any) -> bool:
    if isinstance(item, str):
        return len(item) <= 3
    return isinstance(item, int | float) and not isinstance(item, bool) and -1000 < item < 1000


def blank(items: Sequence[Any]) -> list[Any]:
    """Return a row of the same length without its content."""
    return [("x" if item else "") if isinstance(item, str) else type(item)(0) for item in items]


def blank_text(row: str) -> str:
    """Return a row within a text without its content. Separators between its pieces stay."""
    piece = "0" if all(found.isdecimal() for found in PIECE.findall(row)) else "x"
    return PIECE.sub(piece, row)
