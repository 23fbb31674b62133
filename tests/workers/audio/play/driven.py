"""A simulated device whose clock is off: the chain driven through simulated time, as fast as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from workers.audio.mix.chain import Chain, Tap
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import ResampledRenderer

TONE_HZ = 1000
AMPLITUDE = 12_000
TICK_NS = 10_000_000
_PERIOD = SAMPLE_RATE // TONE_HZ
_TONE = np.rint(AMPLITUDE * np.sin(2 * np.pi * np.arange(FRAME_SAMPLES) / _PERIOD)).astype("<i2").tobytes()
_WINDOW = 1 << 13
_WEIGHTS = np.kaiser(_WINDOW, 20)
Lateness = Callable[[], float]
"""Returns by how many ns the next frame is late."""
LEAD_TICKS = 500
"""Nobody speaks at first, as it is when a party begins: there the queue finds its length."""


class _Unsteered(Chain):
    """A chain whose surplus nobody is told."""

    @property
    def surplus_ns(self) -> float:
        return 0.0


class Driven:
    """One talker, who holds a tone of 1 kHz for ever; a device that takes blocks of `block` samples."""

    def __init__(
        self,
        ppm: float,
        *,
        block: int = 480,
        jitter_ms: float = 1.0,
        seed: int = 1,
        tap: Tap | None = None,
        steered: bool = True,
        late_ns: Lateness | None = None,
    ) -> None:
        """`ppm`: how much the device is too fast; `jitter_ms`: how late its callbacks and media's frames come.

        `late_ns` says the latter of the frames alone. `tap` gets the mix. Not `steered`: the delay stays as it was when
        the device began.
        """
        self.rate_control = RateControl()
        self.chain = (Chain if steered else _Unsteered)(20, tap=tap)
        self._renderer = ResampledRenderer(self.chain, self.rate_control)
        self._block = block
        self._block_ns = block * 1e9 / SAMPLE_RATE / (1 + ppm / 1e6)
        self._noise = np.random.default_rng(seed)
        self._jitter_ns = jitter_ms * 1e6
        self._late_ns = late_ns or (lambda: abs(self._noise.standard_normal()) * self._jitter_ns)
        self._now_ns = 0.0
        self._tick = 0
        self._came_ns = 0.0
        self.queue_ms: list[float] = []
        """Tick → sink, mean of each second."""

    def seconds(self, count: int) -> Iterator[NDArray[np.float32]]:
        """Yield what the device played, about a second at a time."""
        blocks = SAMPLE_RATE // self._block
        for _ in range(count):
            sound = np.empty((1, blocks * self._block), np.float32)
            late = np.abs(self._noise.standard_normal(blocks)) * self._jitter_ns
            for number in range(blocks):
                self._now_ns += self._block_ns
                at_ns = self._now_ns + late[number]
                self._feed(at_ns)
                self._renderer.render(sound[:, number * self._block : (number + 1) * self._block], int(at_ns))
            self.queue_ms.append(self.chain.take_delays("1.PS5")[0])
            yield sound[0]

    @property
    def now_ns(self) -> float:
        """The simulated time up to which it has played."""
        return self._now_ns

    def _feed(self, until_ns: float) -> None:
        while self._came_ns <= until_ns:
            due_ns, spoken = self._tick * TICK_NS, self._tick >= LEAD_TICKS
            header = AudioFrame(peer="1.PS5", boot="m", tick=self._tick, tick_ns=due_ns, sounding=spoken)
            self.chain.inbox.append(TalkerFrame(header, _TONE if spoken else b"", int(self._came_ns)))
            self._tick += 1
            self._came_ns = max(self._came_ns, self._tick * TICK_NS + self._late_ns())

    @property
    def faults(self) -> tuple[int, int, int, int]:
        """Frames missing, dropped, late, and added."""
        talker = self.chain.queue.talkers["1.PS5"]
        return talker.missing, talker.dropped, talker.late, self.chain.queue.inserted


def outside_the_tone_db(sound: NDArray[np.float32]) -> float:
    """Return the most energy beside the tone in any window of 0.17 s, against the tone: a click shows here."""
    count = len(sound) // _WINDOW * _WINDOW
    spectra = np.abs(np.fft.rfft(sound[:count].reshape(-1, _WINDOW) * _WEIGHTS, axis=1)) ** 2
    middle = round(TONE_HZ * _WINDOW / SAMPLE_RATE)
    tone = spectra[:, middle - 12 : middle + 13].sum(axis=1)
    rest = spectra.sum(axis=1) - tone
    return float(10 * np.log10((rest / tone).max()))
