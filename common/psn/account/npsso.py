"""A finder for the NPSSO in a paste, whatever surrounds it. No I/O."""

from __future__ import annotations

import re

NPSSO_LENGTH = 64
"""Letters and digits [seen]. Sony may change the length, so another length is reported only after a refusal."""
NPSSO = re.compile(r"[A-Za-z0-9._~+/=-]{16,512}")
ADDRESS = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|www\.|com\.[a-z]+\.)[^\s\"'<>]+")
_NAME = re.compile(r"(?<![A-Za-z0-9])npsso[\"'\s]*[:=\s][\"'\s]*?(?=[\"'A-Za-z0-9])", re.IGNORECASE)
"""A name before its value: ``npsso=…`` of a cookie, ``"npsso": "…"``, or as a browser's JSON view copies them."""
_ALNUM = re.compile(r"[A-Za-z0-9]{64}")
_WHOLE = re.compile(r"(?<![\w.~+/=%-])[A-Za-z0-9]{64}(?![\w~+/=%-]|\.\w)")
_BROKEN = re.compile(r"(?:[A-Za-z0-9]\s*?){64}(?![A-Za-z0-9])")


def npsso_in(text: str) -> str:
    """Return the NPSSO in `text`, or "" if there is none or more than one."""
    named: set[str] = {found for match in _NAME.finditer(text) if (found := _value(text[match.end() :]))}
    if len(named) == 1:
        return named.pop()
    if named:
        return ""
    alone: set[str] = {found for found in _WHOLE.findall(ADDRESS.sub(" ", text)) if _is_random(found)}
    if len(alone) == 1:
        return alone.pop()
    joined = "".join(text.split())  # a bare one with a line break in it
    return joined if not alone and len(joined) == NPSSO_LENGTH and _broken(text) else ""


def _value(text: str) -> str:
    """Return the value that `text` begins with, after its name, or "" if it is invalid."""
    if text[:1] in {'"', "'"}:
        inner = "".join(text[1:].partition(text[0])[0].split())
        return inner if NPSSO.fullmatch(inner) and text[0] in text[1:] else ""
    if (match := _BROKEN.match(text)) and _broken(match.group()):
        return "".join(match.group().split())
    return word.group() if (word := NPSSO.match(text)) else ""


def _broken(text: str) -> bool:
    """Return whether `text` is an NPSSO with line breaks and not words. Its pieces are long, and it is random."""
    pieces = text.split()
    return len(pieces) <= 5 and all(len(piece) >= 8 for piece in pieces[:-1]) and _is_random("".join(pieces))


def _is_random(text: str) -> bool:
    """Return whether `text` is 64 random letters and digits, not words or hexadecimal (an id, a checksum)."""
    return bool(
        _ALNUM.fullmatch(text) and any(c.isdigit() for c in text) and any(c.isupper() for c in text)
        and any(c.islower() for c in text)
    )  # fmt: skip
