"""The sound device sink, by PortAudio (CoreAudio on a Mac, ALSA towards PulseAudio or PipeWire on Linux).

PortAudio's callback runs in a thread of the library, without logging, locks or waiting. Its status flag stays empty
however a device dies. Only the callback's progress shows that.

The callback itself makes the mix from queued frames. Another thread that filled a ring ahead would add one block of
delay (5 ms with PulseAudio), and would need the GIL as well. All sample arrays are allocated when the device is opened.
The callback then allocates only small, short-lived interpreter objects from pools: views of arrays (sounddevice's too),
a `MixStep` per frame, a dictionary per tick. A new talker and an overflowed queue cost some more, once.
tests/workers/audio/play/test_callback.py counts.

PortAudio makes the device list when it is initialised. A new device appears only after it is initialised again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from common.basic.values import SinkKind
from common.messages import SAMPLE_RATE
from workers.audio.sinks import CHECK_S, Render, SinkError
from workers.audio.system import os_audio

CODE = "audio.no-device"
STALL_S = 0.5
"""A device without progress for this time (or three times its latency) has stalled. The time is counted in checks, so
that a pause of this process does not count."""
STEADY_S = 0.2
"""Sound that a stalled device must take, besides twice its buffer, before it is used again."""
_INSTANTS, _INSTANT_S = 200, 0.0005
"""Number and length of the waits for a running callback."""
_LONGEST_BLOCK = 1 << 14
_MOST_LATENCY_S = 2.0


def _portaudio(*, rescan: bool) -> Any:
    """Import sounddevice, which initialises PortAudio. `rescan` rescans devices. No stream may be open."""
    try:
        import sounddevice  # noqa: PLC0415  # missing without PortAudio, and takes 40 ms

        if rescan:
            sounddevice._terminate()  # noqa: SLF001  # the documented way to see new devices
            sounddevice._initialize()  # noqa: SLF001
    except Exception as error:
        raise SinkError(CODE, f"PortAudio cannot be used: {error}.", os_audio.PORTAUDIO_REMEDY) from error
    return sounddevice


class DeviceSink:
    kind: SinkKind = "device"
    problem = CODE
    own_clock = True

    def __init__(self, wanted: str, latency_ms: float, *, channels: Sequence[int] = (), rescan: bool) -> None:
        """`wanted` is part of the device's name, and `rescan` rescans devices.

        `channels` are those of the device, counted from 1, that carry the rows after the mix.
        """
        self._wanted = wanted
        self._ask_s = latency_ms / 1000
        self._anew = rescan
        self._library: Any = None
        self._stream: Any = None
        self._name = wanted
        self._render: Render | None = None
        self._channels = tuple(channels)
        self.layout = os_audio.Layout(2, ())
        self._rows = np.zeros((1 + len(self._channels), _LONGEST_BLOCK), np.float32)
        self._block = self._rows[:, :0]
        self._underflows = 0
        self._called_ns = 0
        self._taken = 0
        self._parked_at = 0
        self._busy = False
        self._seen = 0
        self._still = 0
        self._finished = False
        self._latency_s = 0.0
        self._fault: BaseException | None = None

    @property
    def target(self) -> str:
        return self._name

    @property
    def latency_ms(self) -> float:
        return self._latency_s * 1000

    def facts(self) -> dict[str, str]:
        version = self._library.get_portaudio_version()[1].partition(",")[0]
        return {
            "portaudio": version,
            "device": self._name,
            "device latency": f"{self.latency_ms:.1f} ms",
            "device underflows": str(self._underflows),
        }

    # --- open --------------------------------------------------------------------------------------

    def open(self) -> None:
        self._library = library = _portaudio(rescan=self._anew)
        output = self._choose(library)
        self._name = output.name
        self.layout = os_audio.layout(self._channels, output.channels)
        try:
            self._stream = library.OutputStream(
                samplerate=SAMPLE_RATE,
                blocksize=0,  # the device's preferred size: 5 ms less than blocks of one frame (PulseAudio)
                device=output.number,
                channels=self.layout.channels,
                dtype="float32",
                latency=self._ask_s,
                callback=self._callback,
                finished_callback=self._ended,
                dither_off=True,
                extra_settings=os_audio.extra_settings(library, self.layout),
            )
            self._latency_s = float(self._stream.latency)
            self._stream.start()
        except library.PortAudioError as error:
            self.close()
            raise SinkError(
                CODE,
                f"The sound device {self._name!r} cannot be opened: {error}.",
                "Check that the device, or its sound server, is running and takes 48 kHz; it is tried again by itself.",
            ) from error

    def _choose(self, library: Any) -> os_audio.OutputInfo:
        outputs = os_audio.outputs(library)
        output = os_audio.choose(outputs, int(library.default.device[1]), self._wanted)
        if output is None:
            raise SinkError(CODE, *os_audio.missing(outputs, self._wanted))
        return output

    # --- PortAudio's thread ------------------------------------------------------------------------

    def _callback(self, out: NDArray[np.float32], frames: int, times: Any, status: Any) -> None:
        try:
            now_ns = time.monotonic_ns()
            self._busy = True
            render = self._render
            if render is None:
                out.fill(0)
            else:
                if self._block.shape[1] != frames:
                    self._block = self._rows[:, :frames]
                render(self._block, now_ns)
                self._spread(self._block, out)
            self._busy = False
            self._taken += frames
            self._underflows += self._ran_dry(now_ns, frames) or bool(status.output_underflow)
            ahead_s = times.outputBufferDacTime - times.currentTime
            if times.currentTime > 0 and 0 < ahead_s < _MOST_LATENCY_S:
                self._latency_s = ahead_s
        except BaseException as error:
            self._fault = error
            raise self._library.CallbackAbort from error

    def _spread(self, rows: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        out[:, :2] = rows[0][:, np.newaxis]
        if out.shape[1] > 2:
            out[:, 2:] = 0
            for row, place in enumerate(self.layout.places, 1):
                if place:
                    out[:, place] = rows[row]

    def _ran_dry(self, now_ns: int, frames: int) -> bool:
        """Whether the device's buffer was empty before this call. Its own flag does not show it (PulseAudio)."""
        before_ns, self._called_ns = self._called_ns, now_ns
        return before_ns > 0 and now_ns - before_ns > (self._latency_s + frames / SAMPLE_RATE) * 1e9

    def _ended(self) -> None:
        self._finished = True

    # --- watch -------------------------------------------------------------------------------------

    def play(self, render: Render) -> None:
        self._render = render

    def park(self) -> None:
        self._render = None
        for _ in range(_INSTANTS):
            if not self._busy:
                break
            time.sleep(_INSTANT_S)  # the callback is running, and nobody else may render meanwhile
        self._parked_at = self._taken

    def is_steady(self) -> bool:
        return self._taken - self._parked_at >= (STEADY_S + 2 * self._latency_s) * SAMPLE_RATE

    def complaint(self) -> SinkError | None:
        if self._fault is not None:
            raise self._fault
        if self._finished:
            return self._gone("went away", stalled=False)
        self._still = self._still + 1 if self._taken == self._seen else 0
        self._seen = self._taken
        limit_s = max(STALL_S, 3 * self._latency_s)
        if self._still * CHECK_S >= limit_s:
            return self._gone(f"has taken no sound for {limit_s:g} s", stalled=True)
        return None

    def _gone(self, what: str, *, stalled: bool) -> SinkError:
        return SinkError(
            CODE,
            f"The sound device {self._name!r} {what}.",
            "Check the device or its sound server; it is used again as soon as it plays.",
            stalled=stalled,
        )

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close(ignore_errors=True)  # implies abort, without waiting for the buffer to drain
