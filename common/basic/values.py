"""Kinds of values that settings, requests, state files, cli and page share: each range and each word is written here.

`msgspec` holds a value to its range wherever one is decoded: a setting, a request at the worker's door, a state file.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

import msgspec

GainDb = Annotated[float, msgspec.Meta(ge=-60, le=20)]
"""Gain in the mix, in dB; 0 leaves a voice as it is."""
DelayMs = Annotated[float, msgspec.Meta(ge=0, le=2000)]
"""By how much the mix is held back, to match a video."""
SinkKind = Literal["device", "file", "null"]
"""Where the mix goes: a sound device, a WAV file, nowhere. Whoever tells them apart ends with `assert_never`, so that a
new kind is found by mypy everywhere it matters."""


class Range(msgspec.Struct, frozen=True):
    """The bounds of a value, both allowed."""

    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.least:g} … {self.most:+g}" if self.least < 0 else f"{self.least:g} … {self.most:g}"

    def __contains__(self, value: float) -> bool:
        return self.least <= value <= self.most


def range_of(kind: Any) -> Range:
    """Return the bounds of an annotated type of this module, e.g. ``range_of(GainDb)``."""
    meta = next(found for found in get_args(kind) if isinstance(found, msgspec.Meta))
    if meta.ge is None or meta.le is None:
        raise TypeError(f"{kind} has no bounds")
    return Range(float(meta.ge), float(meta.le))


_BOUND = re.compile(r"Expected `(?:float|int)` (<=|>=|<|>) (-?[0-9.]+)")
_WORDS = {"<=": "at most", ">=": "at least", "<": "less than", ">": "more than"}


def refusal(error: msgspec.ValidationError) -> str:
    """Say what is wrong with which field, e.g. ``gain_db: must be at most 20``; never the value itself."""
    text, _, where = str(error).partition(" - at `")
    key = where.rstrip("`").removeprefix("$").removeprefix(".")
    if bound := _BOUND.fullmatch(text):
        text = f"must be {_WORDS[bound[1]]} {float(bound[2]):g}"
    return f"{key}: {text}" if key else text
