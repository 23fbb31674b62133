from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from tests.workers.audio.rig import babble
from workers.audio.mix.chain import Chain
from workers.audio.mix.limiter import LOOK_AHEAD
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.play.renderers import DirectRenderer


def constant(value: int) -> NDArray[np.int16]:
    return np.full(FRAME_SAMPLES, value, np.int16)


def heard_through(chain: Chain, sound: NDArray[np.int16], blocks: list[int]) -> NDArray[np.float32]:
    """Feed `sound` a frame each 10 ms, and pull blocks of the given sizes over and over as time allows."""
    straight = DirectRenderer(chain)
    heard, pulled, fed, number = [], 0, 0, 0
    frames = sound.reshape(-1, FRAME_SAMPLES)
    while fed < len(frames):
        header = AudioFrame(peer="1.PS5", boot="m", tick=fed, tick_ns=fed * 10_000_000, arrived_ns=1, sounding=True)
        chain.inbox.append(TalkerFrame(header, frames[fed].tobytes(), fed * 10_000_000))
        fed += 1
        while pulled + (size := blocks[number % len(blocks)]) <= (fed - 1) * FRAME_SAMPLES:
            block = np.zeros((1, size), np.float32)
            straight.render(block, pulled * 1_000_000_000 // SAMPLE_RATE)
            heard.append(block[0])
            pulled += size
            number += 1
    return np.concatenate(heard)


@pytest.mark.parametrize("blocks", [[480], [240], [104], [512], [1, 479, 37], [441, 1024]])
def test_the_chain_gives_blocks_of_any_size_bit_by_bit(blocks: list[int]) -> None:
    sound = babble(2.0)
    chain = Chain(50)
    heard = heard_through(chain, sound, blocks) * 32768
    first = int(np.flatnonzero(heard)[0]) - int(np.flatnonzero(sound)[0])
    assert first % FRAME_SAMPLES == LOOK_AHEAD
    assert np.array_equal(heard[first:], sound[: len(heard) - first])
    assert chain.queue.talkers["1.PS5"].missing == 0


def test_the_age_counts_from_the_packet_to_the_sample_in_the_block() -> None:
    chain = Chain(10)
    for tick in range(4):
        header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=0, arrived_ns=5_000_000, sounding=True)
        chain.inbox.append(TalkerFrame(header, constant(1).tobytes(), 0))
    chain.queue.target = 4
    DirectRenderer(chain).render(np.zeros((1, FRAME_SAMPLES * 2), np.float32), 25_000_000)
    _, age_ms = chain.take_delays("1.PS5")
    assert age_ms == pytest.approx((20 + 30) / 2 + 1.0)  # two frames, and the limiter's millisecond
    assert chain.take_delays("1.PS5") == (0.0, 0.0)
