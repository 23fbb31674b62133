"""Sound that goes on while frames of another machine are late, alone and in the mixer."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, AudioFrame
from tests.workers.media.receive.voice.sounds import hum
from workers.audio.mix.far.gap_filler import GapFiller
from workers.audio.mix.mixer import Mixer
from workers.audio.mix.panning import SIDES
from workers.audio.mix.talker_frames import MixStep, TalkerFrame

VOICE = hum(300, FRAME_SAMPLES * 40)


def frame_of(tick: int) -> NDArray[np.float32]:
    return (VOICE[tick * FRAME_SAMPLES : (tick + 1) * FRAME_SAMPLES] / 32768).astype(np.float32)


def filler(frames: int = 10) -> GapFiller:
    made = GapFiller()
    for tick in range(frames):
        made.record(frame_of(tick))
    return made


def loudness(sound: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def test_a_voice_goes_on_in_phase_and_fades_within_a_fifth_of_a_second() -> None:
    made = filler()
    first = made.more()
    assert first is not None
    assert np.abs(first - frame_of(10)).max() < 0.02
    rest = [made.more() for _ in range(30)]
    sounds = [loudness(one) for one in rest if one is not None]
    assert len(sounds) == 19
    assert sounds == sorted(sounds, reverse=True) or sounds[-1] < 0.05 * loudness(first)


def test_noise_and_a_talker_who_just_began_are_not_continued() -> None:
    assert GapFiller().more() is None
    assert filler(2).more() is None
    noise = GapFiller()
    rng = np.random.default_rng(1)
    for _ in range(5):
        noise.record(rng.normal(0, 0.1, FRAME_SAMPLES).astype(np.float32))
    assert noise.more() is None


def test_after_silence_there_is_nothing_to_continue() -> None:
    made = filler()
    made.forget()
    assert made.more() is None


def mixed(far: bool, gap: int) -> NDArray[np.float32]:
    """Return the mix of ten frames, a gap, and five more."""
    mixer, out = Mixer(), np.zeros((1 + SIDES, FRAME_SAMPLES), np.float32)
    heard = []
    for tick in range(15 + gap):
        if 10 <= tick < 10 + gap:
            step = MixStep(gaps=["p"])
        else:
            at = tick if tick < 10 else tick - gap
            header = AudioFrame(
                peer="p", boot="b", tick=at, tick_ns=at * 10_000_000, sounding=True, drift_ns=0 if far else None
            )
            samples = VOICE[at * FRAME_SAMPLES : (at + 1) * FRAME_SAMPLES].astype("<i2").tobytes()
            step = MixStep([TalkerFrame(header, samples)])
        mixer.mix(step, out)
        heard.append(out[0].copy())
    return np.concatenate(heard)


@pytest.mark.parametrize("gap", [1, 4, 30])
def test_the_mix_goes_on_and_has_no_click(gap: int) -> None:
    sound = mixed(far=True, gap=gap)
    usual = np.abs(np.diff(VOICE / 32768)).max()
    assert np.abs(np.diff(sound)).max() < 1.7 * usual
    filled = sound[10 * FRAME_SAMPLES : 11 * FRAME_SAMPLES]
    assert loudness(filled) > 0.9 * loudness(frame_of(9))


def test_a_gap_on_one_machine_sounds_as_before() -> None:
    sound = mixed(far=False, gap=4)
    assert not sound[10 * FRAME_SAMPLES + 200 : 14 * FRAME_SAMPLES].any()
