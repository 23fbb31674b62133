"""The sound device sink, by PortAudio (CoreAudio on a Mac, ALSA towards PulseAudio or PipeWire on Linux).

PortAudio's status flag stays empty however a device dies. Only the progress of its callback (`device_callback`) shows
that.

PortAudio makes the device list when it is initialised. A new device appears only after it is initialised again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from common.basic.values import SinkKind
from common.messages import SAMPLE_RATE
from workers.audio.sinks import CHECK_S, Render, SinkError
from workers.audio.sinks.callback_rate import CallbackRate
from workers.audio.sinks.device_callback import DeviceCallback
from workers.audio.system import mac_stream, os_audio
from workers.audio.system.sound_system import DeviceStates

CODE = "audio.no-device"
STALL_S = 0.5
"""A device without progress for this time (or three times its latency) has stalled. The time is counted in checks, so
that a pause of this process does not count. `benchmarks.sound.unplug` measures what it costs."""


def _portaudio(*, rescan: bool) -> Any:
    """Import sounddevice, which initialises PortAudio. `rescan` reads the device list again. No stream may be open."""
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

    def __init__(
        self, wanted: str, latency_ms: float, states: DeviceStates, *, channels: Sequence[int] = (), rescan: bool
    ) -> None:
        """`wanted` is part of the device's name, and `rescan` reads the device list again.

        `channels` are those of the device, counted from 1, that carry the rows after the mix.
        """
        self._wanted = wanted
        self._states = states
        self._wanted_latency_s = latency_ms / 1000
        self._rescan = rescan
        self._library: Any = None
        self._stream: Any = None
        self._name = wanted
        self._channels = tuple(channels)
        self.layout = os_audio.Layout(2, ())
        self._callback = DeviceCallback(1 + len(self._channels))
        self._callback_rate = CallbackRate()
        self._device = 0
        """The system's id of the device, 0 if it is unknown."""
        self._opened_ns = 0
        self._last_taken = 0
        self._checks_without_progress = 0
        self._has_finished = False

    @property
    def target(self) -> str:
        return self._name

    @property
    def latency_ms(self) -> float:
        return self._callback.latency_s * 1000

    def facts(self) -> dict[str, str]:
        version = self._library.get_portaudio_version()[1].partition(",")[0]
        return {
            "portaudio": version,
            "portaudio file": str(getattr(self._library, "_libname", "")),
            "device": self._name,
            "device latency": f"{self.latency_ms:.1f} ms",
            "device buffer": f"{self._callback.block} samples",
            "device callbacks per s": f"{self._callback_rate.per_s(self._callback.calls, time.monotonic()):.0f}",
            "device underflows": str(self._callback.underflows),
        }

    def missing_channels(self) -> tuple[int, ...]:
        return tuple(channel for channel, place in zip(self._channels, self.layout.places, strict=True) if not place)

    def open(self) -> None:
        self._library = library = _portaudio(rescan=self._rescan)
        output = self._choose(library)
        self._name = output.name
        self.layout = os_audio.layout(self._channels, output.channels)
        self._callback.prepare(self.layout.places, library.CallbackAbort)
        try:
            self._stream = library.OutputStream(
                samplerate=SAMPLE_RATE,
                blocksize=0,  # the device's preferred size: 5 ms less than blocks of one frame (PulseAudio)
                device=output.number,
                channels=self.layout.channels,
                dtype="float32",
                latency=os_audio.latency_s(self._wanted_latency_s, output),
                callback=self._callback.run,
                finished_callback=self._on_finished,
                dither_off=True,
                extra_settings=os_audio.extra_settings(library, self.layout),
            )
            self._callback.set_latency(float(self._stream.latency))
            self._stream.start()
            self._watch_device()
        except library.PortAudioError as error:
            self.close()
            raise SinkError(
                CODE,
                f"The sound device {self._name!r} cannot be opened: {error}.",
                "Check that the device, or its sound server, is running and takes 48 kHz. It is retried automatically.",
            ) from error

    def _choose(self, library: Any) -> os_audio.OutputInfo:
        outputs = os_audio.outputs(library)
        output = os_audio.choose(outputs, int(library.default.device[1]), self._wanted)
        if output is None:
            raise SinkError(CODE, *os_audio.describe_missing(outputs, self._wanted))
        return output

    def _watch_device(self) -> None:
        if os_audio.IS_MAC:
            self._device = mac_stream.device_of(self._library, self._stream, follows_default=not self._wanted)
        self._opened_ns = time.monotonic_ns()
        self._states.watch(self._device)

    def _on_finished(self) -> None:
        self._has_finished = True

    # --- watch -------------------------------------------------------------------------------------

    def play(self, render: Render) -> None:
        self._callback.play(render)

    def park(self) -> None:
        self._callback.park()

    def is_steady(self) -> bool:
        return self._callback.is_steady

    def poll(self) -> SinkError | None:
        if self._callback.fault is not None:
            raise self._callback.fault
        if self._has_finished or self._states.has_lost(self._device, self._opened_ns):
            return self._error("was disconnected", stalled=False)
        taken = self._callback.taken
        self._checks_without_progress = self._checks_without_progress + 1 if taken == self._last_taken else 0
        self._last_taken = taken
        limit_s = max(STALL_S, 3 * self._callback.latency_s)
        if self._checks_without_progress * CHECK_S >= limit_s:
            return self._error(f"has taken no sound for {limit_s:g} s", stalled=True)
        return None

    def _error(self, what: str, *, stalled: bool) -> SinkError:
        return SinkError(
            CODE,
            f"The sound device {self._name!r} {what}.",
            "Check the device or its sound server. It is used again as soon as it plays.",
            stalled=stalled,
        )

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            self._states.watch(0)
            stream.close(ignore_errors=True)  # implies abort, without waiting for the buffer to drain
