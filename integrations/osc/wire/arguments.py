"""What controllers send as arguments: int, float, string or bool, whatever the address says. No I/O."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from common.errors import PartylineError

ON = frozenset({"on", "true", "yes"})
OFF = frozenset({"off", "false", "no"})
LONGEST_TEXT = 200


class OscArgumentError(PartylineError):
    """The first argument is missing, or is none that the address takes."""

    code = "osc.bad-value"


def number(arguments: Sequence[Any]) -> float:
    """Return the first argument as a finite number. A bool is 0 or 1, and a string may hold one."""
    first = _first(arguments)
    if isinstance(first, str):
        try:
            first = float(first.strip().removesuffix("dB").removesuffix("ms"))
        except ValueError:
            raise OscArgumentError(f"{first[:40]!r} is no number.", "Send a float.") from None
    if not isinstance(first, (int, float)) or not math.isfinite(first):
        raise OscArgumentError("The value is no number.", "Send a float.")
    return float(first)


def switch(arguments: Sequence[Any]) -> bool:
    """Return the first argument as on or off. Controllers send 1, 1.0, 127, true, or a word."""
    first = _first(arguments)
    if isinstance(first, str) and first.strip().casefold() in ON | OFF:
        return first.strip().casefold() in ON
    return number(arguments) >= 0.5


def is_pressed(arguments: Sequence[Any]) -> bool:
    """Return whether a button was pressed. Most send 1 then and 0 when it is let go, some nothing at all."""
    return (
        not arguments or arguments[0] is None or not isinstance(arguments[0], (bool, int, float)) or arguments[0] != 0
    )


def text(arguments: Sequence[Any]) -> str:
    """Return the first argument if it is a text, otherwise an empty one."""
    return arguments[0].strip()[:LONGEST_TEXT] if arguments and isinstance(arguments[0], str) else ""


def _first(arguments: Sequence[Any]) -> Any:
    if not arguments or arguments[0] is None:
        raise OscArgumentError("A value is missing.", "Send one argument.")
    return arguments[0]
