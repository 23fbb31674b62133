from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from numpy.typing import NDArray

from common.basic.values import EqPreset
from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from tests.workers.audio.heard.test_real_voices import DATA, VOICES, voice
from workers.audio.mix.voices.equaliser import TAIL_FRAMES, Equaliser, Filters
from workers.audio.mix.voices.presets import PRESETS

MENDING: list[EqPreset] = [name for name in PRESETS if name != "off"]


def through(equaliser: Equaliser, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    out = sound.copy()
    for frame in out.reshape(-1, FRAME_SAMPLES):
        equaliser.process(frame)
    return out


def gains(preset: EqPreset) -> NDArray[np.float64]:
    """Return the gain in dB of each hertz, from the impulse response."""
    sound = np.zeros(SAMPLE_RATE, np.float32)
    sound[0] = 1
    filters = Filters(preset)
    heard = np.concatenate([filters.process(frame) for frame in sound.reshape(-1, FRAME_SAMPLES)])
    assert np.abs(heard[TAIL_FRAMES * FRAME_SAMPLES :]).max() < 1e-5
    return np.asarray(20 * np.log10(np.abs(np.fft.rfft(heard)) + 1e-9))


@pytest.mark.parametrize(
    ("preset", "stronger", "weaker"),
    [
        ("phone", (150, 6000), (1300, 1300)),
        ("headset", (1500, 1500), (50, 6300)),
        ("boomy", (1500, 3000), (80, 220)),
        ("dull", (5000, 7000), (60, 350)),
    ],
)
def test_a_preset_strengthens_what_such_a_voice_lacks(
    preset: EqPreset, stronger: tuple[int, ...], weaker: tuple[int, ...]
) -> None:
    found = gains(preset)
    assert min(found[hertz] for hertz in stronger) > max(found[hertz] for hertz in weaker) + 3
    assert found[50:8000].min() > -25
    assert found[50:8000].max() < 9


def test_every_preset_is_tested() -> None:
    assert set(MENDING) == {"phone", "headset", "boomy", "dull"}


@pytest.mark.skipif(not DATA.exists(), reason="needs Debian's pocketsphinx-testdata (`make setup-test`)")
@pytest.mark.parametrize("preset", MENDING)
def test_a_preset_leaves_the_loudness_of_real_voices(preset: EqPreset) -> None:
    meter = pyloudnorm.Meter(SAMPLE_RATE)
    for name in VOICES:
        said = voice(name)[: 5 * SAMPLE_RATE].astype(np.float32)
        said = said[: len(said) // FRAME_SAMPLES * FRAME_SAMPLES]
        heard = through(Equaliser(preset), said)
        change = meter.integrated_loudness(heard.astype(np.float64)) - meter.integrated_loudness(
            said.astype(np.float64)
        )
        assert abs(change) < 2, f"{name}: {change:+.1f} dB"


def test_off_passes_bit_by_bit() -> None:
    sound = np.random.default_rng(1).standard_normal(10 * FRAME_SAMPLES).astype(np.float32)
    equaliser = Equaliser()
    assert np.array_equal(through(equaliser, sound), sound)
    assert equaliser.is_idle
    assert equaliser.tail_frames == 0


def test_it_adds_no_delay_and_is_one_filter_over_the_frames_bounds() -> None:
    sound = np.zeros(4 * FRAME_SAMPLES, np.float32)
    sound[FRAME_SAMPLES + 479] = 1
    equaliser = Equaliser("dull")
    equaliser.process(sound[:FRAME_SAMPLES].copy())
    heard = through(equaliser, sound[FRAME_SAMPLES:])
    assert not heard[:479].any()
    assert abs(heard[479]) > 0.5
    assert abs(heard[480]) > 0.01


def test_a_change_is_cross_faded_in_one_frame() -> None:
    at = np.arange(8 * FRAME_SAMPLES) / SAMPLE_RATE
    sound = (0.3 * np.sin(2 * np.pi * 200 * at)).astype(np.float32)
    equaliser = Equaliser("boomy")
    before = through(equaliser, sound)
    equaliser.change_to("phone")
    assert not equaliser.is_idle
    after = through(equaliser, sound)
    equaliser.change_to("off")
    off = through(equaliser, sound)
    whole = np.concatenate((before[FRAME_SAMPLES:], after, off))
    steady = max(np.abs(np.diff(part[4 * FRAME_SAMPLES :])).max() for part in (before, after, off))
    assert np.abs(np.diff(whole)).max() < 1.2 * steady  # a click is a step
    assert np.array_equal(off[FRAME_SAMPLES:], sound[FRAME_SAMPLES:])
    assert equaliser.is_idle
