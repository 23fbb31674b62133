"""Fake values in place of real ones, stable within one scrubbing, of the same shape, and marked as fake.

The key is random for each scrubbing and never stored, so that not even short values (an online id, an
address) can be found by brute force. `captures.scrub.draw` draws the fakes, and `partyline capture verify` relies on
their mark.
"""

from __future__ import annotations

import ipaddress
import secrets
from typing import Any, Protocol

from captures.scrub import short_runs
from captures.scrub.draw import HEX, ID_DIGITS, Draws

DOCUMENTATION = tuple(
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
"""Networks of the fake addresses (RFC 5737, RFC 3849)."""
_TRIES = 200
"""Draws for one value until its fake is new."""
NOBODY = tuple(ipaddress.ip_address(text) for text in ("0.0.0.0", "127.0.0.1", "::", "::1"))  # noqa: S104  # no socket
"""Addresses that identify nobody."""


class Replacements(Protocol):
    """The source of replacements for real values: `Fakes` when scrubbing, an auditor when verifying."""

    def number(self, value: int) -> int: ...
    def token(self, text: str) -> str: ...
    def uuid(self, text: str) -> str: ...
    def address(self, text: str) -> str: ...
    def port(self, value: int) -> int: ...
    def octets(self, data: bytes) -> bytes: ...
    def seconds(self, value: float) -> float: ...
    def row(self, items: list[Any]) -> list[Any]: ...
    def row_text(self, text: str) -> str: ...
    def knows(self, value: int) -> bool: ...
    def done(self, text: str) -> bool: ...


class Fakes:
    """The mapping from real to fake values."""

    def __init__(self, key: bytes = b"") -> None:
        self._draw = Draws(key or secrets.token_bytes(32))
        self._known: dict[tuple[str, str], str] = {}
        self._used: set[tuple[str, str]] = set()
        self._numbers: set[int] = set()
        self._shift_s = -86_400 * (400 + int.from_bytes(self._draw.octets("shift", 4)) % 1000)

    def number(self, value: int) -> int:
        """Return a fake number with the same count of decimal digits. A 64-bit number stays within 64 bits."""
        if value < 0:
            return -self.number(-value)
        text = str(value)
        if len(text) >= ID_DIGITS:
            self._numbers.add(value)
        return int(self._replacement("number", text, self._draw.number))

    def knows(self, value: int) -> bool:
        """Return whether `value` was seen as an id before."""
        return value in self._numbers

    def done(self, text: str) -> bool:
        """Return False. Every text is replaced, since a real value may look fake."""
        del text
        return False

    def token(self, text: str) -> str:
        """Return letters for letters and digits for digits. Upper and lower case get the same fake."""
        if not text.isascii():  # letters whose lower case is longer would not fit
            return self._replacement("foreign", text, self._draw.token)
        kind = "hex" if HEX.fullmatch(text) else "token"
        found = self._replacement(kind, text.casefold(), self._draw.hex if kind == "hex" else self._draw.token)
        return _cased(found, text)

    def uuid(self, text: str) -> str:
        """Return a fake UUID (or its 32 digits) of the same version, hyphens and case."""
        plain = text.replace("-", "")
        found = iter(_cased(self._replacement("uuid", plain.casefold(), self._draw.uuid), plain))
        return "".join("-" if letter == "-" else next(found) for letter in text)

    def address(self, text: str) -> str:
        """Return an address reserved for documentation. Those of `NOBODY` stay."""
        real = ipaddress.ip_address(text)
        if real in NOBODY:
            return text
        return self._replacement("address", real.compressed, self._draw.address)

    def port(self, value: int) -> int:
        return value if value in (0, 9) else int(self._replacement("port", str(value), self._draw.port))

    def octets(self, data: bytes) -> bytes:
        return self._draw.octets("octets:" + data.hex(), len(data))

    def row(self, items: list[Any]) -> list[Any]:
        """Return a list that may spell a secret, blanked."""
        return short_runs.blank(items)

    def row_text(self, text: str) -> str:
        """Return a row within a text, blanked."""
        return short_runs.blank_text(text)

    def seconds(self, value: float) -> float:
        """Return a time (Unix seconds), shifted by the same number of days as every other one."""
        return value + self._shift_s

    def _replacement(self, kind: str, text: str, make: _Make) -> str:
        place = (kind, text)
        if place not in self._known:
            fresh = text
            for turn in range(_TRIES):
                fresh = make(text, turn)
                if fresh != text and (kind, fresh) not in self._used:
                    break
            self._used.add((kind, fresh))
            self._known[place] = fresh
        return self._known[place]


class _Make(Protocol):
    def __call__(self, text: str, turn: int, /) -> str: ...


def _cased(text: str, like: str) -> str:
    if like.isupper():
        return text.upper()
    return "".join(new.upper() if old.isupper() else new for new, old in zip(text, like, strict=True))
