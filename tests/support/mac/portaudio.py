"""sounddevice on a Mac, as far as the audio worker sees it. The host buffer is chosen as pa_mac_core.c does it
(`CalculateOptimalBufferSize`): the asked latency less the device's fixed one, clipped to 15 … 4096 frames.

`$FAKE_FIXED` is the fixed latency in frames, `$FAKE_REPORT` a file that gets what the device's thread counted.
"""

from __future__ import annotations

import ctypes
import json
import os
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from tests.support.mac import library

RATE = 48000
LEAST, MOST = 15, 4096
COUNTS = ("calls", "over_period", "over_3ms", "over_10ms", "skipped", "worst_ns", "cpu_ns")


class PortAudioError(Exception):
    pass


class CallbackAbort(Exception):  # noqa: N818  # as it is called there
    pass


class CoreAudioSettings(SimpleNamespace):
    pass


class PortAudio:
    """The module `sounddevice`. Each instance is one."""

    PortAudioError, CallbackAbort, CoreAudioSettings = PortAudioError, CallbackAbort, CoreAudioSettings

    def __init__(self, fixed: int = 1108, report: str = "", *, paced: bool = True) -> None:
        """Without `paced`, the test itself calls back (`OutputStream.call`)."""
        self.fixed, self.report, self.paced = fixed, report, paced
        self.devices = ["MacBook Air Speakers"]
        self.channels = 2
        self.refusals = 0
        """Streams that cannot be opened, from now on."""
        self.initialized = 0
        self.streams: list[OutputStream] = []
        self.default = SimpleNamespace(device=(-1, 0))
        self._libname = str(library())
        self._ffi = SimpleNamespace(cast=lambda _kind, value: value)
        self.native = ctypes.CDLL(self._libname)
        self._listed = list(self.devices)

    def _terminate(self) -> None:
        assert not [stream for stream in self.streams if not stream.closed], "a stream is open"

    def _initialize(self) -> None:
        self.initialized += 1
        self._listed = list(self.devices)

    def query_devices(self) -> list[dict]:
        low_s = (self.fixed + 64) / RATE
        more = {"max_output_channels": self.channels, "default_low_output_latency": low_s}
        return [{"name": name, **more} for name in self._listed]

    def get_portaudio_version(self) -> tuple[int, str]:
        return 1, "PortAudio V19.7.0-fake, x"

    def OutputStream(self, **wanted) -> OutputStream:  # noqa: N802  # as it is called there
        if self.refusals:
            self.refusals -= 1
            raise PortAudioError("the device changes")
        if self._listed[wanted["device"]] not in self.devices:
            raise PortAudioError("no such device")
        stream = OutputStream(self, **wanted)
        self.streams.append(stream)
        return stream


class OutputStream:
    _ptr = 1

    def __init__(
        self, owner: PortAudio, *, latency: float, channels: int, device: int, callback, finished_callback, **_more
    ) -> None:
        self._owner, self._callback, self.finish = owner, callback, finished_callback
        self.frames = min(max(int(latency * RATE) - owner.fixed, LEAST), MOST)
        self.latency = (owner.fixed + self.frames) / RATE
        self.device = device
        self.closed = False
        self.is_stuck = False
        """For tests: it takes nothing."""
        self._out = np.zeros((self.frames, channels), np.float32)
        self._status = SimpleNamespace(output_underflow=False)
        self._native_callback = ctypes.CFUNCTYPE(None)(self.call)
        self._began = 0.0

    def call(self) -> None:
        now = time.monotonic()
        times = SimpleNamespace(outputBufferDacTime=now + self.latency, currentTime=now)
        self._callback(self._out, self.frames, times, self._status)

    def start(self) -> None:
        self._began = time.monotonic()
        if self._owner.paced:
            self._owner.native.pacer_start(self._native_callback, ctypes.c_int64(self.frames * 10**9 // RATE))
        if self._owner.report:
            threading.Thread(target=self._report, daemon=True).start()

    def close(self, ignore_errors: bool = True) -> None:
        if self._owner.paced and not self.closed:
            self._owner.native.pacer_stop()
        self.closed = True

    def _report(self) -> None:
        while not self.closed:
            counts = {name: ctypes.c_int64.in_dll(self._owner.native, name).value for name in COUNTS}
            said = {"fixed": self._owner.fixed, "frames": self.frames, "seconds": time.monotonic() - self._began}
            new = Path(f"{self._owner.report}.new")
            new.write_text(json.dumps({**said, **counts}))
            new.rename(self._owner.report)
            time.sleep(1)


def of_environment() -> PortAudio:
    return PortAudio(int(os.environ.get("FAKE_FIXED", "1108")), os.environ.get("FAKE_REPORT", ""))
