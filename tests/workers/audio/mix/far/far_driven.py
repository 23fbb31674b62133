"""The whole way of another machine's frames in simulated time: its clock, a network, our clock, the chain, a device."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from common.bus.peers.cable.clock_offset import ClockOffset, ClockReading
from common.bus.peers.cable.far_ticks import FarTicks
from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from workers.audio.mix.chain import Chain
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import ResampledRenderer

TICK_NS = 10_000_000
OFFSET_NS = 777_000_000_000
"""What the other machine's clock is ahead at first."""
PEER = "1.PS5"
_PERIOD = 48
_TONE = np.rint(12_000 * np.sin(2 * np.pi * np.arange(FRAME_SAMPLES) / _PERIOD)).astype("<i2").tobytes()

Way = Callable[[np.random.Generator, float], float]
"""Delay in ms of what is sent at a time in seconds. Nothing overtakes, as with TCP."""


def clean(rng: np.random.Generator, _: float) -> float:
    return 0.3 + abs(rng.standard_normal()) * 0.3


def jitter_30(rng: np.random.Generator, _: float) -> float:
    return 1.0 + rng.random() * 30.0


class FarDriven:
    """One talker on a machine whose clock is `ppm` faster than ours. The device's is `device_ppm` faster than ours."""

    def __init__(
        self,
        ppm: float = 0.0,
        *,
        device_ppm: float = 0.0,
        way: Way = clean,
        speaks: Callable[[int], bool] = lambda tick: tick >= 500,
        seed: int = 1,
    ) -> None:
        self.rate_control = RateControl()
        self.chain = Chain(20)
        self.clock = ClockOffset()
        self.ticks = FarTicks()
        self.frames: list[AudioFrame] = []
        """The last frames as they came here."""
        self.queue_ms: list[float] = []
        """True time from tick to sink, mean of each second."""
        self._renderer = ResampledRenderer(self.chain, self.rate_control)
        self._way, self._speaks = way, speaks
        self._pace = 1 + ppm / 1e6
        self._block_ns = TICK_NS / (1 + device_ppm / 1e6)
        self._noise = np.random.default_rng(seed)
        self._now_ns = self._came_ns = self._asked_ns = 0.0
        self._tick = 0

    def seconds(self, count: int) -> Iterator[NDArray[np.float32]]:
        """Yield what the device played, a second at a time."""
        for _ in range(count):
            sound = np.empty((1, SAMPLE_RATE), np.float32)
            late = np.abs(self._noise.standard_normal(100)) * 1e6
            for number in range(100):
                self._now_ns += self._block_ns
                at_ns = self._now_ns + late[number]
                self._feed(at_ns)
                part = slice(number * FRAME_SAMPLES, (number + 1) * FRAME_SAMPLES)
                self._renderer.render(sound[:, part], int(at_ns))
            self.queue_ms.append(self.chain.take_delays(PEER)[0])
            yield sound[0]

    @property
    def faults(self) -> tuple[int, int]:
        """Frames missing and dropped."""
        talker = self.chain.queue.talkers[PEER]
        return talker.missing, talker.dropped

    def _feed(self, until_ns: float) -> None:
        while True:
            due_ns = self._tick * TICK_NS / self._pace
            if self._came_ns < due_ns:
                self._came_ns = max(self._came_ns, due_ns + self._way(self._noise, due_ns / 1e9) * 1e6)
            if self._came_ns > until_ns:
                return
            self._ask(self._came_ns)
            self._receive()
            self._tick += 1
            due_ns = self._tick * TICK_NS / self._pace
            self._came_ns = max(self._came_ns, due_ns + self._way(self._noise, due_ns / 1e9) * 1e6)

    def _ask(self, now_ns: float) -> None:
        """Ask for the other machine's clock once a second."""
        if now_ns - self._asked_ns < 1e9 and self.clock.known:
            return
        self._asked_ns = now_ns
        there, back = (self._way(self._noise, now_ns / 1e9) / 1e3 for _ in range(2))
        now = now_ns / 1e9
        theirs = (now - back) * self._pace + OFFSET_NS / 1e9
        self.clock.record(now - there - back, now, ClockReading(boot_s=theirs, monotonic_s=theirs, boot="a"))

    def _receive(self) -> None:
        spoken = self._speaks(self._tick)
        sent = AudioFrame(
            peer=PEER, boot="m", tick=self._tick, tick_ns=self._tick * TICK_NS + OFFSET_NS, sounding=spoken
        )
        offset_s = self.clock.offset_s(self._came_ns / 1e9)
        assert offset_s is not None
        frame = self.ticks.shifted(sent, round(offset_s * 1e9))
        self.frames = [*self.frames[-999:], frame]
        self.chain.inbox.append(TalkerFrame(frame, _TONE if spoken else b"", int(self._came_ns)))
