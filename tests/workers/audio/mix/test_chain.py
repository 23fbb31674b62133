from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, MIX_PEER, RECORD_PEER, SAMPLE_RATE, AudioFrame
from tests.workers.audio.rig import babble
from workers.audio.mix.chain import Chain
from workers.audio.mix.limiter import LOOK_AHEAD
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.play.renderers import DirectRenderer

MS = 1_000_000
FRAME_NS = 10 * MS


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


def heard_frame(tick: int, samples: bytes, *, peer: str = "1.PS5", arrived_ns: int = 0) -> TalkerFrame:
    """Return media's frame of `tick`, which came from the audio plane 1 ms after it. It sounds if it came by RTP."""
    header = AudioFrame(
        peer=peer, boot="m", tick=tick, tick_ns=tick * FRAME_NS, arrived_ns=arrived_ns, sounding=bool(arrived_ns)
    )
    return TalkerFrame(header, samples, tick * FRAME_NS + MS)


def test_the_delays_of_a_talker_are_counted_beside_a_silent_one_and_without_an_age_in_noise_that_is_made_up() -> None:
    chain = Chain(10)
    chain.inbox.append(heard_frame(1, b""))
    chain.inbox.append(heard_frame(1, constant(1).tobytes(), peer="2.PS5", arrived_ns=2 * MS))
    chain.inbox.append(heard_frame(1, constant(1).tobytes(), peer="3.PS5"))
    chain.frame(FRAME_NS + 20 * MS, FRAME_NS)
    assert chain.take_delays("1.PS5") == (0.0, 0.0)
    assert chain.take_delays("2.PS5") == pytest.approx((21.0, 29.0), rel=1e-12)  # the limiter's millisecond too
    assert chain.take_delays("3.PS5") == pytest.approx((21.0, 0.0), rel=1e-12)


def test_the_peak_is_the_furthest_sample_of_either_sign_and_is_taken_once() -> None:
    chain = Chain(10)
    assert chain.take_peak() == 0.0
    for value, peak in ((-16384, 0.5), (8192, 0.25)):
        for _ in range(2):  # the first one still waits in the limiter
            tick = chain.played
            chain.inbox.append(heard_frame(tick, constant(value).tobytes(), arrived_ns=1))
            chain.take_peak()
            chain.frame(tick * FRAME_NS, tick * FRAME_NS)
        assert chain.take_peak() == peak
        assert chain.take_peak() == 0.0


def test_the_mix_is_told_as_heard_and_for_the_recorder_in_step_with_the_talkers() -> None:
    told: list[tuple[str, int, float, float]] = []
    chain = Chain(
        10, -20.0, rows=2, tap=lambda peer, number, at, mix: told.append((peer, number, at, float(mix[-1]) * 32768))
    )
    chain.mixer.voice("1.PS5").route((1,))  # at its own level, which is not the mix's
    for tick in range(2):
        chain.inbox.append(heard_frame(tick, constant(10_000).tobytes(), arrived_ns=1))
        chain.frame(tick * FRAME_NS + 50 * MS, tick * FRAME_NS)
    limiter_ns = LOOK_AHEAD * 1_000_000_000 / SAMPLE_RATE
    assert [one[:3] for one in told] == [
        (RECORD_PEER, 0, pytest.approx(-limiter_ns)),
        (MIX_PEER, 0, 50 * MS),
        (RECORD_PEER, 1, pytest.approx(FRAME_NS - limiter_ns)),
        (MIX_PEER, 1, FRAME_NS + 50 * MS),
    ]
    assert [one[3] for one in told] == pytest.approx([1000] * 4)


def test_what_piled_up_and_stays_is_dropped_as_soon_as_there_is_silence() -> None:
    chain, depths = Chain(10), []
    for now in range(500):
        sound = constant(1).tobytes() if now < 450 else b""
        for tick in [0] if now == 0 else [1, 2, 3, 4] if now == 1 else [now + 3]:
            header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=tick * FRAME_NS, sounding=bool(sound))
            chain.inbox.append(TalkerFrame(header, sound, now * FRAME_NS))
        chain.frame(now * FRAME_NS, now * FRAME_NS + MS)
        depths.append(chain.queue.depth)
    assert set(depths[1:450]) == {3}
    assert depths[-1] == 0


def test_a_solo_talker_who_is_gone_is_forgotten_and_the_others_are_heard() -> None:
    chain, heard = Chain(10), {}
    chain.mixer.voice("1.PS5").set(0.0, muted=False, solo=True)
    for tick in range(2002):
        sound = constant(1000).tobytes()
        chain.inbox.append(heard_frame(tick, sound, peer="2.PS5", arrived_ns=1))
        if tick < 10:
            chain.inbox.append(heard_frame(tick, sound, arrived_ns=1))
        mix, _ = chain.frame(tick * FRAME_NS, tick * FRAME_NS)
        heard[tick] = float(mix[0, -1]) * 32768
        assert ("1.PS5" in chain.mixer.voices) == (tick < 1999)
    assert heard[1998] == 0
    assert heard[2001] == 1000
    assert "1.PS5" not in chain.delays
