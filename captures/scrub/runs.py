"""Fakes of the smallest pieces: a run of letters and digits, and bytes."""

from __future__ import annotations

from captures.scrub.draw import HEX
from captures.scrub.fakes import Replacements

_MAX_DIGITS = 400


def run(replace: Replacements, text: str) -> str:
    """Return the fake of a run of letters and digits. A number stays a number, and 16 hex digits are 64 bits."""
    if text.isascii() and text.isdecimal():
        if len(text) > _MAX_DIGITS:
            return "0" * len(text)
        return str(replace.number(int(text))).rjust(len(text), "0") if int(text) else text
    if len(text) == 16 and HEX.fullmatch(text):
        found = f"{replace.number(int(text, 16)):016x}"
        return found.upper() if text.isupper() else found
    if len(text) == 32 and HEX.fullmatch(text):
        return replace.uuid(text)
    return replace.token(text)


def octets(replace: Replacements, data: bytes) -> bytes:
    """Return fake bytes. Known 64-bit ids become their fakes in the same place."""
    found, at = bytearray(replace.octets(data)), 0
    while at + 8 <= len(data):
        step = 1
        for order in ("little", "big"):
            if replace.knows(number := int.from_bytes(data[at : at + 8], order)):
                found[at : at + 8] = replace.number(number).to_bytes(8, order)
                step = 8
                break
        at += step
    return bytes(found)
