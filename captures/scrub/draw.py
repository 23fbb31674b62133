"""Fake values, drawn from a key: the same key, value and turn give the same fake. Each bears the mark of a fake.

The mark is a property of the value (a checksum of zero), which `made_up` tests. A real value has the mark by chance
once in 31 (4 to 7 characters), 251 (8 and more) or 9973 (ids).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import zlib
from itertools import product
from string import ascii_lowercase, digits

ID_MARK = 9973
ID_DIGITS = 15
"""Decimal numbers with at least this number of digits are ids, of 64 bits if they fit."""
LONG, SHORT = 8, 4
_LONG_MARK, _SHORT_MARK = 251, 31
_HEX = "0123456789abcdef"
_PAIR = re.compile(r"[0-9a-fA-F]{2}")
_MAX_U64 = (1 << 64) - 1

HEX = re.compile(r"(?=.*[0-9])(?:[0-9a-f]{8,}|[0-9A-F]{8,})")


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


class Draws:
    """Fakes of each kind. `turn` counts the tries for one value."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def octets(self, seed: str, count: int) -> bytes:
        """Return `count` bytes that only `seed` and the key determine."""
        key = hmac.digest(self._key, seed.encode("utf-8", "surrogatepass"), "sha256")
        return hashlib.shake_256(key).digest(count)

    def number(self, text: str, turn: int) -> str:
        low = 10 ** (len(text) - 1) if len(text) > 1 else 2  # 0 and 1 are flags
        high = 10 ** len(text) - 1
        if int(text) <= _MAX_U64:
            high = min(high, _MAX_U64)
        drawn = low + int.from_bytes(self.octets(f"number:{turn}:{text}", len(text) + 8)) % (high - low + 1)
        if len(text) >= ID_DIGITS:
            drawn -= drawn % ID_MARK
            drawn += ID_MARK if drawn < low else 0
        return str(drawn)

    def token(self, text: str, turn: int) -> str:
        # a pair of hexadecimal digits may be part of a hardware address, and its fake must not look like one
        letters = ascii_lowercase[6:] if _PAIR.fullmatch(text) else ascii_lowercase
        pools = [digits if letter in digits else letters for letter in text]
        return self._draw(f"token:{turn}:{text}", pools)

    def hex(self, text: str, turn: int) -> str:
        return self._draw(f"hex:{turn}:{text}", [_HEX] * len(text))

    def uuid(self, text: str, turn: int) -> str:
        pools: list[str] = [_HEX] * 32
        pools[12], pools[16] = text[12], text[16]
        return self._draw(f"uuid:{turn}:{text}", pools)

    def _draw(self, seed: str, pools: list[str]) -> str:
        drawn = [pool[octet % len(pool)] for pool, octet in zip(pools, self.octets(seed, len(pools)), strict=True)]
        if len(pools) < SHORT:
            return "".join(drawn)
        free = 4 if len(pools) >= LONG else 3  # letters that are varied until the mark is right
        head = "".join(drawn[:-free])
        for tail in product(*pools[-free:]):
            if _marked(text := head + "".join(tail)) and not text.isdecimal():
                return text
        return "".join(drawn)

    def address(self, text: str, turn: int) -> str:
        real = ipaddress.ip_address(text)
        drawn = self.octets(f"address:{turn}:{text}", 12)
        if real.version == 6:
            return str(ipaddress.IPv6Address(bytes.fromhex("20010db8") + drawn))
        net = "192.0.2" if real.is_private else ("198.51.100", "203.0.113")[drawn[0] % 2]
        return f"{net}.{1 + drawn[1] % 254}"

    def port(self, text: str, turn: int) -> str:
        return str(10_000 + int.from_bytes(self.octets(f"port:{turn}:{text}", 4)) % 50_000)
