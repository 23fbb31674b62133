"""Platforms, named in REST and push, numbered in miranda frames.

An unknown platform is not an error. The name of an unknown code is its digits, and digits are read back as that code,
so `code_of(name_of(code)) == code` for every code.
"""

from __future__ import annotations

UNKNOWN = 0
"""Code of an unknown name."""
MAX_CODE = 0xFFFF_FFFF
"""A code is a u32 in the frame [read]."""

_CODES = {
    "MOBILE_APP": 100001,  # [seen]: every captured phone
    "PS5": 5,  # [seen]: a captured `to`
    "PS4": 3,  # [app]
    "VITA": 2,  # [app]
    "PS3": 1,  # [app]
}
PLAIN = {"PS4": "PS4", "PS5": "PS5", "PSPC": "PC", "MOBILE_APP": "phone", "BRIDGE": ""}
"""Display names of platforms in cli and page. Others are shown as received. The bridge is not a device."""
# PSPC is a platform [seen] without a known code [open]: UNKNOWN.
_NAMES = {code: name for name, code in _CODES.items()}


def code_of(name: str) -> int:
    """Return the code of a platform name (any case) or of its digits, `UNKNOWN` if there is none."""
    name = name.strip()
    if name.isascii() and name.isdecimal() and len(name) <= len(str(MAX_CODE)):
        return min(int(name), MAX_CODE)
    return _CODES.get(name.upper(), UNKNOWN)


def name_of(code: int) -> str:
    """Return the name of a platform code, or its digits if the code is unknown."""
    return _NAMES.get(code, str(code))
