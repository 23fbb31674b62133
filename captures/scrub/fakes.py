"""Fake values in place of real ones, stable within one scrubbing, of the same shape, and marked as fake.

The key is random for each scrubbing and never stored, so that not even short values (an online id, an
address) can be found by brute force. The mark is a property of the value (a checksum of zero). `made_up`
tests it, and `partyline capture verify` relies on it. A real value has the mark by chance once in 31
(4 to 7 characters), 251 (8 and more) or 9973 (ids).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
import zlib
from itertools import product
from string import ascii_lowercase, digits
from typing import Any, Protocol

from captures.scrub import short_runs

ID_MARK = 9973
ID_DIGITS = 15
"""Decimal numbers with at least this number of digits are ids, of 64 bits if they fit."""
LONG, SHORT = 8, 4
_LONG_MARK, _SHORT_MARK = 251, 31
_HEX = "0123456789abcdef"
_MAX_U64 = (1 << 64) - 1
_TRIES = 200

HEX = re.compile(r"(?=.*[0-9])(?:[0-9a-f]{8,}|[0-9A-F]{8,})")
DOCUMENTATION = tuple(
    ipaddress.ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)
"""Networks of the fake addresses (RFC 5737, RFC 3849)."""
NOBODY = tuple(ipaddress.ip_address(text) for text in ("0.0.0.0", "127.0.0.1", "::", "::1"))  # noqa: S104  # no socket
"""Addresses that identify nobody."""


class Stand(Protocol):
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


def made_up(token: str) -> bool:
    """Return whether a run of letters and digits has our mark. Too short ones and short numbers always pass."""
    if token.isdecimal():
        return len(token.lstrip("0")) < ID_DIGITS or int(token) % ID_MARK == 0
    if len(token) == 16 and HEX.fullmatch(token) and int(token, 16) % ID_MARK == 0:
        return True
    return _marked(token)


def _marked(token: str) -> bool:
    if len(token) < SHORT:
        return True
    return zlib.crc32(token.casefold().encode()) % (_LONG_MARK if len(token) >= LONG else _SHORT_MARK) == 0


class Fakes:
    """The mapping from real to fake values."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key or secrets.token_bytes(32)
        self._known: dict[tuple[str, str], str] = {}
        self._used: set[tuple[str, str]] = set()
        self._numbers: set[int] = set()
        self._shift_s = -86_400 * (400 + int.from_bytes(self._stream("shift", 4)) % 1000)

    def number(self, value: int) -> int:
        """Return a fake number with the same count of decimal digits. A 64-bit number stays within 64 bits."""
        if value < 0:
            return -self.number(-value)
        text = str(value)
        if len(text) >= ID_DIGITS:
            self._numbers.add(value)
        return int(self._stand("number", text, self._number))

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
            return self._stand("foreign", text, self._token)
        kind = "hex" if HEX.fullmatch(text) else "token"
        found = self._stand(kind, text.casefold(), self._hex if kind == "hex" else self._token)
        return _cased(found, text)

    def uuid(self, text: str) -> str:
        """Return a fake UUID (or its 32 digits) of the same version, hyphens and case."""
        plain = text.replace("-", "")
        found = iter(_cased(self._stand("uuid", plain.casefold(), self._uuid), plain))
        return "".join("-" if letter == "-" else next(found) for letter in text)

    def address(self, text: str) -> str:
        """Return an address reserved for documentation. Those of `NOBODY` stay."""
        real = ipaddress.ip_address(text)
        if real in NOBODY:
            return text
        return self._stand("address", real.compressed, self._address)

    def port(self, value: int) -> int:
        return value if value in (0, 9) else int(self._stand("port", str(value), self._port))

    def octets(self, data: bytes) -> bytes:
        return self._stream("octets:" + data.hex(), len(data))

    def row(self, items: list[Any]) -> list[Any]:
        """Return a list that may spell a secret, blanked."""
        return short_runs.blank(items)

    def row_text(self, text: str) -> str:
        """Return a row within a text, blanked."""
        return short_runs.blank_text(text)

    def seconds(self, value: float) -> float:
        """Return a time (Unix seconds), shifted by the same number of days as every other one."""
        return value + self._shift_s

    # --- making up ----------------------------------------------------------------------------------

    def _stand(self, kind: str, text: str, make: _Make) -> str:
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

    def _stream(self, seed: str, count: int) -> bytes:
        key = hmac.digest(self._key, seed.encode("utf-8", "surrogatepass"), "sha256")
        return hashlib.shake_256(key).digest(count)

    def _number(self, text: str, turn: int) -> str:
        low = 10 ** (len(text) - 1) if len(text) > 1 else 2  # 0 and 1 are flags
        high = 10 ** len(text) - 1
        if int(text) <= _MAX_U64:
            high = min(high, _MAX_U64)
        drawn = low + int.from_bytes(self._stream(f"number:{turn}:{text}", len(text) + 8)) % (high - low + 1)
        if len(text) >= ID_DIGITS:
            drawn -= drawn % ID_MARK
            drawn += ID_MARK if drawn < low else 0
        return str(drawn)

    def _token(self, text: str, turn: int) -> str:
        pools = [digits if letter in digits else ascii_lowercase for letter in text]
        return self._draw(f"token:{turn}:{text}", pools)

    def _hex(self, text: str, turn: int) -> str:
        return self._draw(f"hex:{turn}:{text}", [_HEX] * len(text))

    def _uuid(self, text: str, turn: int) -> str:
        pools: list[str] = [_HEX] * 32
        pools[12], pools[16] = text[12], text[16]
        return self._draw(f"uuid:{turn}:{text}", pools)

    def _draw(self, seed: str, pools: list[str]) -> str:
        drawn = [pool[octet % len(pool)] for pool, octet in zip(pools, self._stream(seed, len(pools)), strict=True)]
        if len(pools) < SHORT:
            return "".join(drawn)
        free = 4 if len(pools) >= LONG else 3  # letters that are varied until the mark is right
        head = "".join(drawn[:-free])
        for tail in product(*pools[-free:]):
            if _marked(text := head + "".join(tail)) and not text.isdecimal():
                return text
        return "".join(drawn)

    def _address(self, text: str, turn: int) -> str:
        real = ipaddress.ip_address(text)
        drawn = self._stream(f"address:{turn}:{text}", 12)
        if real.version == 6:
            return str(ipaddress.IPv6Address(bytes.fromhex("20010db8") + drawn))
        net = "192.0.2" if real.is_private else ("198.51.100", "203.0.113")[drawn[0] % 2]
        return f"{net}.{1 + drawn[1] % 254}"

    def _port(self, text: str, turn: int) -> str:
        return str(10_000 + int.from_bytes(self._stream(f"port:{turn}:{text}", 4)) % 50_000)


class _Make(Protocol):
    def __call__(self, text: str, turn: int, /) -> str: ...


def _cased(text: str, like: str) -> str:
    if like.isupper():
        return text.upper()
    return "".join(new.upper() if old.isupper() else new for new, old in zip(text, like, strict=True))
