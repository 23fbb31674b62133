"""Where the mix plays: the main output and the further ones, in `MixerState.outputs`."""

from __future__ import annotations

from typing import Literal

import msgspec

OutputPhase = Literal["starting", "playing", "waiting", "resting", "refused"]
"""``waiting``: its device is not there, or takes no sound. ``resting``: closed until a party is joined. ``refused``: an
earlier output plays on the same device."""


class OutputStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One output."""

    name: str
    """``main`` is the one that `MixerState.sink` describes. The others play on devices only."""
    phase: OutputPhase
    where: str
    """Completes “It plays”. Audio words it."""
    device: str = ""
    """Part of the wanted device's name. Empty for the system's default, which only the main output follows."""
    target: str = ""
    """Full name of the device, if it is known."""
    gain_db: float = 0.0
    """Gain of this output, on top of the mix's."""
    delay_ms: float = 0.0
    """Delay of this output, its own or the mix's."""
    own_delay: bool = False
    """Whether `delay_ms` is its own. Otherwise it follows the mix's."""
    muted: bool = False
    latency_ms: float = 0.0
    """From the talkers' frame to the device's sound, without `delay_ms`. 0 while unknown. Equal sums of both play at
    the same time."""
    clock_ppm: float = 0.0
    """Lag of the device's clock behind this machine's, in parts per million. The mix is resampled by it."""
    render_ms: float = 0.0
    """Longest device callback since the last message."""
    missing: int = 0
    """Frames of the mix that were not there in time, heard as gaps."""
    dropped: int = 0
    """Frames dropped because too many waited (silence first)."""
