"""Fakes that are plain to see: letters become x, numbers 7s, and addresses always the same one."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Any

from captures.scrub import short_runs
from captures.scrub.scrubber import Scrubber


class Marks:
    """Replaces everything alike. `known`: ids that were seen before."""

    def __init__(self, known: Iterable[int] = ()) -> None:
        self._known = set(known)

    def number(self, value: int) -> int:
        return int("7" * len(str(value)))

    def token(self, text: str) -> str:
        return "".join("7" if letter.isdigit() else "x" for letter in text)

    def uuid(self, text: str) -> str:
        return "".join("-" if letter == "-" else "f" for letter in text)

    def address(self, text: str) -> str:
        return "192.0.2.1" if ipaddress.ip_address(text).version == 4 else "2001:db8::1"

    def port(self, value: int) -> int:
        return 55555 if value else 0

    def octets(self, data: bytes) -> bytes:
        return b"\xff" * len(data)

    def seconds(self, value: float) -> float:
        return value - 86_400

    def row(self, items: list[Any]) -> list[Any]:
        return [0] * len(items)

    def row_text(self, text: str) -> str:
        return short_runs.blank_text(text)

    def knows(self, value: int) -> bool:
        return value in self._known

    def done(self, text: str) -> bool:
        del text
        return False


def marking(*known: int) -> Scrubber:
    """Return a scrubber that replaces by `Marks`."""
    return Scrubber(Marks(known))
