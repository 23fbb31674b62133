"""Where the mix goes: one file a kind of sink, all behind `Sink`, and the words for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, assert_never

import numpy as np
from numpy.typing import NDArray

from common.basic.values import SinkKind

Render = Callable[[NDArray[np.float32], int], None]
"""Fills a block, rows times samples: the mix, and whatever else the sink has rows for; the number is the monotonic ns
at which the sink takes its first sample."""


class SinkError(Exception):
    """A sink that cannot be opened, or stopped playing: `code`, what happened, and a remedy."""

    def __init__(self, code: str, message: str, remedy: str, *, stalled: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.stalled = stalled
        """It took no sound although it said it would: it must prove itself before it is trusted again."""


class Sink(Protocol):
    """One run of a sink: `open`, `play`, `close`. Another run is another object."""

    kind: SinkKind
    problem: str
    """Code of the problem while it cannot play; empty: that never happens."""
    own_clock: bool
    """It takes sound at the pace of a clock of its own, to which the mix is resampled; False: at this machine's."""

    @property
    def target(self) -> str:
        """The device's name or the file's path."""

    @property
    def latency_ms(self) -> float:
        """What passes between `Render` and the sound itself, as the sink says."""

    def facts(self) -> dict[str, str]:
        """Return what is worth knowing about it."""

    def open(self) -> None:
        """Get hold of the device or file, silent as yet. May block for a moment; raises `SinkError`."""

    def park(self) -> None:
        """Take silence from now on, and prove to be steady."""

    def is_steady(self) -> bool:
        """Whether it has taken sound for a while since `park`."""

    def play(self, render: Render) -> None:
        """Take sound from `render`, in a thread of the sink's own, until `close`."""

    def complaint(self) -> SinkError | None:
        """Return what is wrong with it, if anything. Called every `CHECK_S`."""

    def close(self) -> None:
        """Let go; afterwards `render` is not called any more. May block for a moment."""


CHECK_S = 0.05
"""Seconds between two looks at a sink."""


def where(playing: SinkKind, wanted: SinkKind, target: str) -> str:
    """Return where the sound goes, as what follows “The sound goes”; `target`: the device's name or the file's path."""
    match playing:
        case "device":
            return f"to the sound device “{target}”" if target else "to the default sound device"
        case "file":
            return f"to the file {target}"
        case "null":
            return f"nowhere: {_why_nowhere(wanted)}; only OBS's page plays the mix"
        case _:
            assert_never(playing)


def _why_nowhere(wanted: SinkKind) -> str:
    match wanted:
        case "device":
            return "there is no sound device"
        case "file":
            return "its file cannot be written"
        case "null":
            return "no sound device is used (`[audio] sink`)"
        case _:
            assert_never(wanted)
