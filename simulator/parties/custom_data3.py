"""customData3 encoder and decoder: base64 of the session id, then a line per other member [seen]."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable

from simulator.facts import rests_on
from simulator.facts.consoles import TELLS_OTHERS

_DIGITS = 21
"""Account ids are left-padded with zeros to 21 digits [seen]."""
_LINE = re.compile(rf"\d{{{_DIGITS}}}")


@rests_on(TELLS_OTHERS)
def naming(session_id: str, account_ids: Iterable[str]) -> str:
    """Return the base64 text that names these accounts."""
    lines = [session_id, *(account_id.rjust(_DIGITS, "0") for account_id in account_ids)]
    return base64.b64encode("".join(f"{line}\n" for line in lines).encode()).decode()


def read(text: str) -> tuple[str, list[str]] | None:
    """Return session id and account ids of a customData3, None if it is invalid."""
    try:
        session_id, *lines = base64.b64decode(text, validate=True).decode("ascii").split("\n")
    except (binascii.Error, ValueError):
        return None
    if not lines or lines.pop() or not all(_LINE.fullmatch(line) for line in lines):
        return None
    return session_id, [line.lstrip("0") for line in lines]


def names(text: str, account_id: str) -> bool:
    """Return whether a member's customData3 names an account. Invalid data names nobody."""
    found = read(text)
    return found is not None and account_id.lstrip("0") in found[1]
