"""The extension of speech by its pitch."""

from __future__ import annotations

import numpy as np

from common.bus.voice.conceal import fade
from common.bus.voice.extend import Extension
from tests.workers.media.receive.voice.sounds import hum


def test_a_voice_goes_on_where_it_stopped_and_fades() -> None:
    sound = hum(400, 3840)
    going_on = Extension(sound[:1920]).periods(0, 1920)
    assert going_on is not None
    assert np.abs(going_on.astype(int) - sound[1920:]).max() < 1200
    assert not fade(sound, 9600).any()


def test_noise_is_not_extended() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 1920).astype(np.int16)
    assert Extension(noise).periods(0, 480) is None
