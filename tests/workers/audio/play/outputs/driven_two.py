"""A second simulated device, which plays the mix that a first one's chain made, on a clock of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from common.messages import OUTPUT_PEER, SAMPLE_RATE, AudioFrame
from tests.workers.audio.play.driven import Driven
from workers.audio.mix.chain import Chain
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.play.outputs.player.fresh_start import FreshStart
from workers.audio.play.outputs.player.mix_subscriber import as_heard
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import ResampledRenderer


class DrivenTwo:
    """Two devices: the first takes the talkers, the second the first one's mix, a jitter later."""

    def __init__(self, first_ppm: float, second_ppm: float, *, block: int = 480, jitter_ms: float = 1.0) -> None:
        self.first = Driven(first_ppm, tap=self._tap)
        self.first.chain.feed_outputs(is_needed=True)
        self.chain = Chain(20)
        self.rate_control = RateControl()
        self._renderer = ResampledRenderer(FreshStart(self.chain), self.rate_control)
        self._on_their_way: deque[tuple[float, TalkerFrame]] = deque()
        self._block = block
        self._block_ns = block * 1e9 / SAMPLE_RATE / (1 + second_ppm / 1e6)
        self._noise = np.random.default_rng(2)
        self._jitter_ns = jitter_ms * 1e6
        self._now_ns = 0.0
        self.queue_ms: list[float] = []
        """Talkers' frame → sink, mean of each second."""

    def _tap(self, peer: str, number: int, at_ns: float, samples: NDArray[np.float32]) -> None:
        if peer != OUTPUT_PEER:
            return
        scaled = np.clip(np.rint(samples * np.float32(32768)), -32768, 32767).astype("<i2")
        sounding = bool(scaled.any())
        frame = AudioFrame(peer=peer, boot="a", tick=number, tick_ns=int(at_ns), sounding=sounding)
        came_ns = self.first.now_ns + abs(self._noise.standard_normal()) * self._jitter_ns
        heard = as_heard(frame, scaled.tobytes() if sounding else b"")
        self._on_their_way.append((came_ns, TalkerFrame(*heard, int(came_ns))))

    def seconds(self, count: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Yield what the first and the second device played, about a second at a time."""
        for sound in self.first.seconds(count):
            blocks = int((self.first.now_ns - self._now_ns) // self._block_ns)
            second = np.empty((1, blocks * self._block), np.float32)
            for number in range(blocks):
                self._now_ns += self._block_ns
                at_ns = self._now_ns + abs(self._noise.standard_normal()) * self._jitter_ns
                while self._on_their_way and self._on_their_way[0][0] <= at_ns:
                    self.chain.inbox.append(self._on_their_way.popleft()[1])
                self._renderer.render(second[:, number * self._block : (number + 1) * self._block], int(at_ns))
            self.queue_ms.append(self.chain.take_delays(OUTPUT_PEER)[0])
            yield sound, second[0]

    @property
    def faults(self) -> tuple[int, int, int, int]:
        """Frames missing, dropped, late, and added, of the second device."""
        mix = self.chain.queue.talkers[OUTPUT_PEER]
        return mix.missing, mix.dropped, mix.late, self.chain.queue.inserted
