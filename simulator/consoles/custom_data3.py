"""customData3 as a console writes it and reads it: the session's id, then a line for each other member [seen]."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from simulator.facts import rests_on
from simulator.facts.consoles import TELLS_OTHERS

_DIGITS = 21
"""Account ids are left-padded with zeros to so many places [seen]."""


@rests_on(TELLS_OTHERS)
def naming(session_id: str, account_ids: Iterable[str]) -> str:
    """Return the base64 text that names these accounts."""
    lines = [session_id, *(account_id.rjust(_DIGITS, "0") for account_id in account_ids)]
    return base64.b64encode("".join(f"{line}\n" for line in lines).encode()).decode()


def names(text: str, account_id: str) -> bool:
    """Tell whether somebody's customData3 names an account; what cannot be read names nobody."""
    try:
        lines = base64.b64decode(text, validate=True).decode().splitlines()
    except (binascii.Error, ValueError):
        return False
    return account_id.lstrip("0") in {line.strip().lstrip("0") for line in lines[1:]}
