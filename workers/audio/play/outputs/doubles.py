"""Which outputs would play on a device that an earlier one plays on. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from common.basic.text import name_key
from common.errors import PartylineError


def refused(devices: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return output → the earlier output that has its device. `devices`: name and device of each output, in order.

    An output whose device is empty, because it is not known, has none.
    """
    owners: dict[str, str] = {}
    found = {}
    for output, device in devices:
        if device:
            owner = owners.setdefault(name_key(device), output)
            if owner != output:
                found[output] = owner
    return found


def check(output: str, device: str, others: Sequence[tuple[str, str]]) -> None:
    """Raise `PartylineError` if one of the `others` (name and device) plays on `device` already."""
    for other, taken in others:
        if other != output and device and name_key(taken) == name_key(device):
            raise PartylineError(
                f"The output {other!r} plays on {device!r} already. Two outputs on one device would be heard twice.",
                "Choose another device. `partyline devices` shows which output plays where.",
                code="audio.output-double",
            )
