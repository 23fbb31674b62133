"""What goes through the mix: the talkers' frames, and the step of the mix in which they sound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from common.messages import AudioFrame


class TalkerFrame(NamedTuple):
    """One talker's frame with header and samples. The samples are empty for silence."""

    frame: AudioFrame
    samples: bytes
    received_ns: int = 0
    """Monotonic time at which it arrived from the audio plane, or came out of its processing."""
    processed: NDArray[np.float32] | None = None
    """The samples after the talker's processing, if there is any. They may pass full scale, unlike `samples`."""
    sides: NDArray[np.float32] | None = None
    """What left and right have more than the samples (`mix.panning`), of a mix that is played as a talker."""


@dataclass(slots=True)
class MixStep:
    """The talkers' frames that sound during one frame of the mix."""

    parts: list[TalkerFrame] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    """Talkers that should sound and have no frame. The mixer fades them out, and in again."""
    spliced: bool = False
    """The frames before and after are not continuous, so the mixer crossfades."""
