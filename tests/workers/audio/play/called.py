"""The device's callback as PortAudio calls it, with all that may happen in it; run by itself it counts the heap's use.

LD_PRELOAD=mallocs.so python -m tests.workers.audio.play.called mallocs.so
"""

from __future__ import annotations

import ctypes
import json
import sys
import tracemalloc
from collections import deque
from types import SimpleNamespace
from typing import Any

import numpy as np

from common.files.paths import CHECKOUT
from common.messages import FRAME_SAMPLES, AudioFrame
from tests.workers.audio.rig import TICK_NS, babble, peer
from workers.audio.mix.chain import Chain
from workers.audio.mix.mixer import Voice
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.planes.ring import Ring
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import ResampledRenderer
from workers.audio.sinks import device, device_callback
from workers.audio.system.sound_system import SoundSystem

TALKERS = 15
BLOCK = 240
"""What PulseAudio takes at a time."""
COUNTED_CALLS = 1000
WARM_CALLS = 1500
"""Everybody is known, the device's clock is found, and each thing below has happened once."""


class Library:
    """sounddevice, as far as `DeviceSink` sees it."""

    PortAudioError = OSError
    CallbackAbort = RuntimeError
    default = SimpleNamespace(device=(0, 0))

    def __init__(self, *, rescan: bool) -> None:
        """As `_portaudio` is called."""

    def query_devices(self) -> list[dict[str, Any]]:
        return [{"name": "wide", "max_output_channels": 4}]

    def OutputStream(self, **wanted: Any) -> SimpleNamespace:  # noqa: N802  # as it is called there
        return SimpleNamespace(latency=0.02, callback=wanted["callback"], start=lambda: None)


class Called:
    """15 talkers, two with a channel of their own, one panned now and then; moving gains, peaks, gaps."""

    def __init__(self) -> None:
        device._portaudio = Library  # there is no device here
        self._calls = 0
        device_callback.time = SimpleNamespace(monotonic_ns=lambda: self._calls * TICK_NS // 2)  # type: ignore[attr-defined]
        sink = device.DeviceSink("", 20, SoundSystem(), channels=(3, 4), rescan=False)
        sink.open()
        self.ring = Ring(256)
        self.chain = Chain(20, 0.0, self._voice, rows=3, tap=self.ring.put)
        sink.play(ResampledRenderer(self.chain, RateControl()).render)
        self._callback = sink._stream.callback  # PortAudio has it
        self._out = np.zeros((BLOCK, 4), np.float32)
        self._times = SimpleNamespace(outputBufferDacTime=1.02, currentTime=1.0)
        self._status = SimpleNamespace(output_underflow=False)
        spoken = [babble(2.0, seed=number, level=0.4).reshape(-1, FRAME_SAMPLES) for number in range(TALKERS)]
        self._sounds = [[frame.tobytes() for frame in sound] for sound in spoken]
        self._due: deque[TalkerFrame] = deque()

    @staticmethod
    def _voice(name: str) -> Voice:
        voice = Voice()
        voice.rows = {peer(1): (1,), peer(2): (2,)}.get(name, ())
        return voice

    def before(self) -> None:
        """What happens between two calls, in other threads."""
        self._calls += 1
        tick, half = divmod(self._calls, 2)
        if not half:
            self._speak(tick)
        for voice in self.chain.mixer.voices.values():
            voice.gain.wanted = 1 + 0.1 * (tick % 3)
            voice.spoken.clear()
        if peer(3) in self.chain.mixer.voices:
            self.chain.mixer.voices[peer(3)].pan_to(0.8 if tick % 1000 < 600 else 0.0)
        self.chain.mixer.master.wanted = 4.0 if tick % 200 < 20 else 0.3
        self.chain.delay.set_ms(tick // 50 % 3 * 100)
        for _ in self.ring.take(0.0):
            pass

    def _speak(self, tick: int) -> None:
        stalls = tick % 100 in range(40, 45)
        for number, sounds in enumerate(self._sounds):
            header = AudioFrame(peer=peer(number), boot="m", tick=tick, tick_ns=tick * TICK_NS, sounding=True)
            self._due.append(TalkerFrame(header, sounds[tick % len(sounds)], tick * TICK_NS))
        while self._due and not stalls:
            self.chain.inbox.append(self._due.popleft())

    def call(self) -> None:
        self._callback(self._out, BLOCK, self._times, self._status)

    def go_on(self, calls: int = COUNTED_CALLS) -> None:
        for _ in range(calls):
            self.before()
            self.call()

    def warm(self) -> None:
        self.go_on(WARM_CALLS)
        assert self._out.any()
        assert self.chain.queue.underruns
        assert self.chain.limiters[0].limited


def main() -> None:
    counter = ctypes.PyDLL(sys.argv[1])
    called = Called()
    called.warm()
    largest, calls = [], []
    for _ in range(COUNTED_CALLS):
        called.before()
        counter.count_begin()
        called.call()
        counter.count_end()
        largest.append(counter.count_largest())
        calls.append(counter.count_calls())
    tracemalloc.start()
    called.go_on()  # what lies in the queue now was not seen yet
    before = tracemalloc.take_snapshot()
    called.go_on()
    ours = tracemalloc.Filter(inclusive=True, filename_pattern=f"{CHECKOUT}/workers/audio/*")
    grown = tracemalloc.take_snapshot().filter_traces([ours]).compare_to(before.filter_traces([ours]), "lineno")
    found = {
        "largest_bytes": max(largest),
        "calls": sum(calls) / COUNTED_CALLS,
        "grown_bytes": sum(line.size_diff for line in grown),
    }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
