"""Value types with their ranges, shared by settings, requests, state files, cli and page.

`msgspec` checks the range whenever a setting, a request or a state file is decoded.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

import msgspec

GainDb = Annotated[float, msgspec.Meta(ge=-60, le=20)]
"""Gain in the mix, in dB. 0 leaves a voice unchanged."""
DelayMs = Annotated[float, msgspec.Meta(ge=0, le=2000)]
"""Delay of the mix, to match a video."""
ClipSeconds = Annotated[int, msgspec.Meta(ge=0, le=300)]
"""Seconds of a clip. 300 s of 16 talkers who talk all the time take 175 MB of memory (`benchmarks.sound.clip`)."""
LEAST_CLIP_S = 30
"""The shortest memory that can be chosen. What is shorter is over before somebody has asked for it."""
ExportKind = Literal["m4a", "mp3", "opus", "lof", "rpp", "chapters", "ffmetadata"]
"""What a recording can be exported as (`workers/recorder/export`)."""
GateDb = Annotated[float, msgspec.Meta(ge=-80, le=-20)]
"""Threshold of a noise gate in dBFS. -80 is below the noise of any microphone, -20 above a quiet voice."""
Pan = Annotated[float, msgspec.Meta(ge=-1, le=1)]
"""Place of a voice between left (-1) and right (1)."""
EqPreset = Literal["off", "phone", "headset", "boomy", "dull"]
"""What a talker's voice sounds like, and so which equaliser mends it."""
OutputName = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,15}$")]
"""Name of an output. `MAIN_OUTPUT` is the one that every pipeline has."""
MAIN_OUTPUT = "main"
MOST_OUTPUTS = 4
"""With the main one. Chosen for ears, a virtual device and two more, each with a process of its own."""
SinkKind = Literal["device", "file", "null"]
"""Where the mix goes: a sound device, a WAV file, nowhere. Every distinction of kinds ends with `assert_never`, so that
mypy finds the places that a new kind affects."""
Latency = Literal["low", "balanced", "smooth", "steady"]
"""What the playout delay is chosen by, see `LATENCY_FOR`."""
LATENCY_FOR: dict[Latency, str] = {
    "low": "for talking back: the shortest delay, with single losses audible",
    "balanced": "for talking and being recorded: each voice as soon as its network allows",
    "smooth": "for listening or recording without an answer: waits for nearly everything",
    "steady": "for OBS with a camera: one delay for all voices, which changes only while nobody speaks",
}
"""What each is for, in words for the pages and `partyline status`."""
ObsRoute = Literal["mix", "each", "device", "stream"]
"""Route of the voices into OBS: one page, a page for each member, a sound device, or a media source."""


class Range(msgspec.Struct, frozen=True):
    """The inclusive bounds of a value."""

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
    """Return which field is wrong and why, e.g. ``gain_db: must be at most 20``. It never holds the value."""
    text, _, where = str(error).partition(" - at `")
    key = where.rstrip("`").removeprefix("$").removeprefix(".")
    if bound := _BOUND.fullmatch(text):
        text = f"must be {_WORDS[bound[1]]} {float(bound[2]):g}"
    return f"{key}: {text}" if key else text
