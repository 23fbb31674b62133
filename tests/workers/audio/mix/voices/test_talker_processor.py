from __future__ import annotations

import numpy as np
import pytest

from common.messages import FRAME_SAMPLES, AudioFrame, TalkerProcessing
from tests.workers.audio.mix.voices.pretended import Halving, Orders, tone
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.mix.voices.equaliser import TAIL_FRAMES
from workers.audio.mix.voices.noise_gate import HYSTERESIS_DB
from workers.audio.mix.voices.suppression import WARM_FRAMES
from workers.audio.mix.voices.suppressor import SuppressorError
from workers.audio.mix.voices.talker_processor import TalkerProcessor

SUPPRESS = TalkerProcessing(suppress=True)
SOUND = np.rint(tone(1, 0.2) * 32768).astype("<i2").tobytes()


def part(tick: int, samples: bytes = SOUND, *, sounding: bool = True, arrived_ns: int = 10**9) -> TalkerFrame:
    header = AudioFrame(peer="1.PS5", boot="m", tick=tick, tick_ns=tick, arrived_ns=arrived_ns, sounding=sounding)
    return TalkerFrame(header, samples)


def speak(processor: TalkerProcessor, frames: int, samples: bytes = SOUND) -> list[TalkerFrame]:
    return [processor.process(part(tick, samples)) for tick in range(frames)]


def on(orders: Orders, processing: TalkerProcessing = SUPPRESS) -> TalkerProcessor:
    processor = TalkerProcessor(orders)
    processor.change_to(processing)
    speak(processor, WARM_FRAMES + 5)
    return processor


def test_a_frame_keeps_its_tick_and_its_arrival_is_that_of_what_is_heard() -> None:
    processor = on(Orders())
    done = processor.process(part(77))
    assert (done.frame.tick, done.frame.tick_ns) == (77, 77)
    assert processor.delay_ms == 10 * Halving.delay_frames
    assert done.frame.arrived_ns == 10**9 - Halving.delay_frames * 10_000_000
    assert processor.process(part(78, arrived_ns=0)).frame.arrived_ns == 0


def test_the_samples_are_those_that_are_mixed() -> None:
    done = on(Orders()).process(part(1))
    assert done.processed is not None
    assert np.allclose(np.frombuffer(done.samples, "<i2") / 32768, done.processed, atol=1e-4)
    assert np.abs(done.processed).max() == pytest.approx(0.1, rel=0.01)


def test_what_passes_full_scale_is_left_to_the_limiter() -> None:
    processor = TalkerProcessor(Orders())
    processor.change_to(TalkerProcessing(eq="phone"))
    loud = np.rint(tone(1, 0.99) * 32767).astype("<i2").tobytes()
    done = speak(processor, 10, loud)[-1]
    assert done.processed is not None
    assert np.abs(done.processed).max() > 1.0
    assert np.abs(np.frombuffer(done.samples, "<i2").astype(int)).max() in {32767, 32768}


def test_silence_costs_nothing_once_the_tail_is_out() -> None:
    orders = Orders()
    processor = on(orders)
    silence = [processor.process(part(tick, b"", sounding=False)) for tick in range(10)]
    tail = Halving.delay_frames
    assert [bool(done.samples) for done in silence] == [True] * tail + [False] * (10 - tail)
    assert [done.frame.sounding for done in silence] == [True] * tail + [False] * (10 - tail)
    assert all(np.any(done.processed) for done in silence[:tail])
    taken = orders.made[0].taken
    processor.process(part(11, b"", sounding=False))
    assert orders.made[0].taken == taken


def test_what_does_not_sound_is_not_made_to_sound_by_its_processing() -> None:
    processor = on(Orders())
    quiet = [processor.process(part(tick, sounding=False)) for tick in range(10)]
    assert [done.frame.sounding for done in quiet] == [True] * Halving.delay_frames + [False] * 8


def test_switched_off_frames_pass_unchanged_and_nothing_is_kept() -> None:
    orders = Orders()
    processor = on(orders, TalkerProcessing(suppress=True, gate_db=-40, eq="boomy"))
    assert not processor.is_idle
    processor.change_to(TalkerProcessing())
    speak(processor, 3)
    assert processor.is_idle
    assert orders.made[0].closed


def test_switched_off_in_silence_it_is_idle_too() -> None:
    orders = Orders()
    processor = on(orders, TalkerProcessing(suppress=True, gate_db=-40, eq="boomy"))
    processor.change_to(TalkerProcessing())
    for tick in range(10):
        processor.process(part(tick, b"", sounding=False))
    assert processor.is_idle
    assert orders.made[0].closed


def test_switched_off_long_after_the_last_sound_it_keeps_nothing() -> None:
    orders = Orders()
    processor = on(orders)
    for tick in range(10):
        processor.process(part(tick, b"", sounding=False))
    assert not orders.made[0].closed
    processor.change_to(TalkerProcessing())
    assert not processor.is_idle
    processor.process(part(11, b"", sounding=False))
    assert processor.is_idle
    assert orders.made[0].closed


def test_the_equalisers_tail_is_heard_in_silence() -> None:
    processor = TalkerProcessor(Orders())
    processor.process(part(0, b""))
    processor.change_to(TalkerProcessing(eq="dull"))
    assert not processor.is_idle
    speak(processor, 3)
    silence = [processor.process(part(tick, b"", sounding=False)) for tick in range(TAIL_FRAMES + 2)]
    assert [done.processed is not None for done in silence] == [True] * TAIL_FRAMES + [False] * 2


def test_the_gate_hears_the_voice_without_its_noise() -> None:
    """With its noise it would hold the gate open: half of it passes the suppression, 6 dB less."""
    level_db = 20 * np.log10(0.2 / np.sqrt(2) / 2)
    processor = on(Orders(), TalkerProcessing(suppress=True, gate_db=level_db + HYSTERESIS_DB + 1))
    lowered = speak(processor, 60)[-1].processed
    assert lowered is not None
    assert np.abs(lowered).max() < 0.01
    assert len(lowered) == FRAME_SAMPLES


def test_an_open_gate_leaves_each_sample_as_it_came() -> None:
    processor = TalkerProcessor(Orders())
    processor.change_to(TalkerProcessing(gate_db=-80))
    every = np.linspace(-32768, 32767, FRAME_SAMPLES).astype("<i2")
    done = processor.process(part(0, every.tobytes()))
    assert done.samples == every.tobytes()
    assert done.processed is not None
    assert np.array_equal(done.processed * 32768, every)


def test_what_passes_full_scale_does_not_turn_over() -> None:
    processor = TalkerProcessor(Orders())
    processor.change_to(TalkerProcessing(eq="phone"))
    loud = np.rint(tone(1, 0.99) * 32767).astype("<i2").tobytes()
    done = speak(processor, 10, loud)[-1]
    assert done.processed is not None
    far = np.abs(done.processed) > 0.9
    assert np.array_equal(np.sign(np.frombuffer(done.samples, "<i2")[far]), np.sign(done.processed[far]))


def test_the_first_frame_is_nothing_but_itself() -> None:
    processor = TalkerProcessor(Orders())
    processor.change_to(TalkerProcessing(gate_db=-40))
    silent = part(0, b"", sounding=False)
    assert processor.process(silent) is silent
    assert not processor.process(part(1, sounding=False)).frame.sounding


def test_why_noise_is_not_suppressed_is_told() -> None:
    assert on(Orders()).fault == ""
    assert on(Orders(error=SuppressorError("It is not installed."))).fault == "It is not installed."
