"""Sinks for the mix. Each kind has its own file and implements `Sink`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, assert_never, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from common.basic.values import SinkKind

Render = Callable[[NDArray[np.float32], int], None]
"""Fills a block (rows times samples) with the mix and the sink's other rows. The number is the monotonic ns at which
the sink takes the first sample."""


class SinkError(Exception):
    """A sink cannot be opened or stopped playing, with `code`, message and remedy."""

    def __init__(self, code: str, message: str, remedy: str, *, stalled: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.stalled = stalled
        """It was open but took no sound. It must be steady before it is used again."""


class Sink(Protocol):
    """One run of a sink: `open`, `play`, `close`. Each run is a new object."""

    kind: SinkKind
    problem: str
    """Code of the problem while it cannot play. Empty if that never happens."""
    own_clock: bool
    """The sink has its own clock, and the mix is resampled to it. False means this machine's clock."""

    @property
    def target(self) -> str:
        """The device's name or the file's path."""

    @property
    def latency_ms(self) -> float:
        """Time from `Render` to the audible sound, as the sink reports it."""

    def facts(self) -> dict[str, str]:
        """Return details for the status."""

    def missing_channels(self) -> tuple[int, ...]:
        """Return the channels, of those wanted for single talkers, that it does not have. For an open sink."""

    def open(self) -> None:
        """Open the device or file, still silent. May block briefly. Raises `SinkError`."""

    def play(self, render: Render) -> None:
        """Take sound from `render`, in the sink's own thread, until `close`."""

    def poll(self) -> SinkError | None:
        """Return the current error, if any. Called every `CHECK_S`."""

    def close(self) -> None:
        """Release the device or file. `render` is not called afterwards. May block briefly."""


@runtime_checkable
class ProvableSink(Sink, Protocol):
    """A sink that may stall while it is open, and then has to prove that it takes sound."""

    def park(self) -> None:
        """Take silence from now on, while `is_steady` is checked."""

    def is_steady(self) -> bool:
        """Whether it has taken sound for a while since `park`."""


CHECK_S = 0.05
"""Seconds between two checks of a sink. Chosen as a tenth of the time after which a device has stalled."""


def where(playing: SinkKind, wanted: SinkKind, target: str) -> str:
    """Return the words that follow “The sound goes”. `target` is the device's name or the file's path."""
    match playing:
        case "device":
            return f"to the sound device “{target}”" if target else "to the default sound device"
        case "file":
            return f"to the file {target}"
        case "null":
            return f"nowhere: {_why_nowhere(wanted)}, so only OBS's page plays the mix"
        case _:
            assert_never(playing)


def where_resting(target: str) -> str:
    """Return the words that follow “The sound goes” while the device `target` rests."""
    return f"{where('device', 'device', target)}, which is resting until a party is joined"


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
