"""OSC 1.0 address patterns: ``?``, ``*``, ``[a-c]``, ``[!a]`` and ``{one,other}``. None crosses a slash. No I/O.

`fnmatch` makes expressions that no pattern can slow down, so only the braces are ours.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 255
"""Characters of an address. The longest of ours has 50."""
MOST_CHOICES = 64
"""Ways in which the braces of one part may be read."""
_PATTERN = frozenset("?*[{")


def is_pattern(address: str) -> bool:
    return not _PATTERN.isdisjoint(address)


def matching(pattern: str, addresses: Iterable[str]) -> list[str]:
    """Return those of the addresses that match. None do if the pattern is malformed."""
    try:
        parts = _parts(pattern)
    except ValueError:
        return []
    return [address for address in addresses if _matches(parts, address.split("/"))]


def _matches(parts: tuple[re.Pattern[str], ...], words: list[str]) -> bool:
    return len(parts) == len(words) and all(part.match(word) for part, word in zip(parts, words, strict=True))


@lru_cache(maxsize=256)
def _parts(pattern: str) -> tuple[re.Pattern[str], ...]:
    if len(pattern) > LONGEST:
        raise ValueError("too long")
    return tuple(
        re.compile("|".join(fnmatch.translate(choice) for choice in _choices(part))) for part in pattern.split("/")
    )


def _choices(part: str) -> list[str]:
    """Return the ways in which the braces of a part can be read."""
    head, opened, rest = part.partition("{")
    if not opened:
        return [head]
    inside, closed, tail = rest.partition("}")
    if not closed or "{" in inside:
        raise ValueError("a brace without its other one")
    found = [f"{head}{one}{after}" for one in inside.split(",") for after in _choices(tail)]
    if len(found) > MOST_CHOICES:
        raise ValueError("too many choices")
    return found
