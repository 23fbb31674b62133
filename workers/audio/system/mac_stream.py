"""What a stream on a Mac needs besides: a latency that suits its device, and the device that it plays on.

Written from PortAudio's pa_mac_core.c. NOT RUN ON A MAC YET, but against a stand-in that chooses buffers as it does.
"""

from __future__ import annotations

import ctypes
from typing import Any

from common.messages import SAMPLE_RATE
from workers.audio.system import coreaudio

_SMALLEST_BUFFER_S = 64 / SAMPLE_RATE
"""PA_MAC_SMALL_BUFFER_SIZE, which the low latency that PortAudio reports has besides the device's fixed latency."""
LEAST_BUFFER_S = 0.010
"""The least buffer to ask for. Chosen as one frame of media's. `benchmarks.sound.latency` shows what less costs."""


def latency_s(wanted_s: float, low_latency_s: float) -> float:
    """Return the latency to ask for.

    PortAudio makes the buffer of what is left of it after the device's fixed latency, and at least one sample. Built-in
    speakers (23 ms), AirPods (160 ms) and AirPlay leave nothing of 20 ms, and then call back 3200 times a second.
    """
    return max(wanted_s, low_latency_s - _SMALLEST_BUFFER_S + LEAST_BUFFER_S)


def device_of(library: Any, stream: Any, *, follows_default: bool) -> int:
    """Return CoreAudio's id of the device that an open stream plays on, 0 if it is unknown. May block.

    sounddevice does not offer `PaMacCore_GetStreamOutputDevice` (pa_mac_core.h), so it is called in its library. It
    returns the device at opening. A stream that CoreAudio moved is noticed because that device is gone.
    """
    try:
        ask = ctypes.CDLL(library._libname).PaMacCore_GetStreamOutputDevice  # noqa: SLF001
        ask.argtypes, ask.restype = [ctypes.c_void_p], ctypes.c_uint32
        found = int(ask(int(library._ffi.cast("uintptr_t", stream._ptr))))  # noqa: SLF001
    except (AttributeError, OSError, TypeError):  # another PortAudio or sounddevice
        found = 0
    return found or (coreaudio.default_output() if follows_default else 0)
