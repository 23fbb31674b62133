"""Voices that are on the stream twice: by our source, and by one that captures what this machine plays. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.messages import ObsRemark

OUTPUT_CAPTURES = frozenset({"pulse_output_capture", "coreaudio_output_capture", "wasapi_output_capture"})
"""Kinds of source that capture what an output device plays."""
LOOPBACKS = frozenset({"coreaudio_input_capture", "pulse_input_capture"})
"""Kinds that capture an input, which a virtual device such as BlackHole is too."""
_AUDIO_CAPTURE, _SCREEN_CAPTURE = "sck_audio_capture", "screen_capture"
"""Kinds that capture all that a Mac plays, or one application, by their setting `type`. Not run on a Mac yet."""
_ALL = 0
"""`type` of both for the whole desktop or display."""
DEFAULT = "default"


@dataclass(frozen=True)
class CapturingSource:
    """A source of the user's that captures sound of this machine."""

    name: str
    kind: str
    settings: Mapping[str, Any]
    device: str = ""
    """Name of its device, as OBS lists it."""
    muted: bool = False
    is_active: bool = True


def is_capture(kind: str) -> bool:
    return kind in OUTPUT_CAPTURES or kind in LOOPBACKS or kind in (_AUDIO_CAPTURE, _SCREEN_CAPTURE)


def carries(capture: CapturingSource, device: str, *, is_default: bool) -> bool:
    """Return whether it captures what plays on `device`, which is the system's default or not."""
    if capture.kind in (_AUDIO_CAPTURE, _SCREEN_CAPTURE):
        return int(capture.settings.get("type", _ALL)) == _ALL
    chosen = str(capture.settings.get("device_id", DEFAULT))
    if capture.kind in OUTPUT_CAPTURES and chosen == DEFAULT:
        return is_default
    wanted = device.casefold()
    return wanted in capture.device.casefold() or wanted in chosen.casefold()


def remarks(
    captures: Sequence[CapturingSource], device: str, *, is_default: bool, ours_sound: bool
) -> tuple[ObsRemark, ...]:
    """Return a remark if the voices are on the stream twice. `ours_sound`: an unmuted source of ours brings them."""
    if not device or not ours_sound:
        return ()
    twice = [
        one.name for one in captures if not one.muted and one.is_active and carries(one, device, is_default=is_default)
    ]
    return (double(twice, f"captures {device}, on which partyline plays too"),) if twice else ()


def double(names: Sequence[str], why: str) -> ObsRemark:
    return ObsRemark(
        code="double-sound",
        message=f"The voices are on the stream twice: {' and '.join(names)} {why}.",
        remedy=f"Mute {' and '.join(names)} in OBS, or let partyline play on another device (`partyline device NAME`).",
    )
