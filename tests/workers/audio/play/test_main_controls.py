"""Gain, delay and mute of the main output alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, AudioFrame
from tests.workers.audio.rig import babble, frames
from workers.audio.mix.chain import Chain
from workers.audio.mix.limiter import CEILING
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.play.main_controls import MainControls

TICK_NS = 10_000_000
SPOKEN = babble(2.0, level=0.5)


class Played:
    """A talker through a chain and the controls, and what the chain alone gives."""

    def __init__(self, sound: NDArray[np.int16] = SPOKEN) -> None:
        self.chain = Chain(20)
        self.controls = MainControls(self.chain)
        self._frames = frames(sound)
        self._tick = 0
        self.mix: list[NDArray[np.float32]] = []

    def go(self, count: int) -> NDArray[np.float32]:
        """Return the next `count` frames as the output plays them."""
        heard = []
        for _ in range(count):
            header = AudioFrame(peer="1.PS5", boot="m", tick=self._tick, tick_ns=self._tick * TICK_NS, sounding=True)
            self.chain.inbox.append(TalkerFrame(header, self._frames[self._tick], self._tick * TICK_NS))
            self._tick += 1
            frame, _ = self.controls.frame(self._tick * TICK_NS, self._tick * TICK_NS)
            heard.append(frame[0].copy())
            self.mix.append(self.chain.undelayed[0].copy())
        return np.concatenate(heard)

    @property
    def mixed(self) -> NDArray[np.float32]:
        return np.concatenate(self.mix)


def test_without_settings_of_its_own_the_mix_passes_bit_by_bit() -> None:
    played = Played()
    assert np.array_equal(played.go(50), played.mixed)


def test_it_has_the_mixs_delay_until_it_has_its_own() -> None:
    played = Played()
    played.chain.delay.set_ms(20)
    heard = played.go(30)
    assert np.array_equal(heard[FRAME_SAMPLES * 4 :], played.mixed[FRAME_SAMPLES * 2 : -FRAME_SAMPLES * 2])
    played.controls.set(0, delay_ms=0, muted=False)
    played.go(1)  # it fades over
    assert np.array_equal(played.go(5), played.mixed[-5 * FRAME_SAMPLES :])
    played.controls.set(0, delay_ms=None, muted=False)
    played.go(1)
    assert np.array_equal(played.go(5), played.mixed[-7 * FRAME_SAMPLES : -2 * FRAME_SAMPLES])


def test_gain_and_mute_do_not_reach_the_mix() -> None:
    played = Played()
    played.controls.set(-20, delay_ms=None, muted=False)
    played.go(1)  # a ramp
    assert np.allclose(played.go(9), played.mixed[FRAME_SAMPLES:] * 0.1, atol=1e-6)
    played.controls.set(-20, delay_ms=None, muted=True)
    played.go(1)
    assert not played.go(5).any()
    assert played.mixed[-FRAME_SAMPLES:].any()


def test_a_gain_above_zero_is_limited_and_begins_and_ends_without_a_click() -> None:
    tone = np.rint(16_000 * np.sin(2 * np.pi * 200 * np.arange(48_000) / 48_000)).astype(np.int16)
    played = Played(tone)
    before = played.go(10)
    played.controls.set(12, delay_ms=None, muted=False)
    loud = played.go(20)
    assert np.abs(loud).max() <= 1.0
    assert np.abs(loud[FRAME_SAMPLES * 2 :]).max() <= CEILING
    played.controls.set(0, delay_ms=None, muted=False)
    after = played.go(10)
    assert np.array_equal(after[FRAME_SAMPLES:], played.mixed[-9 * FRAME_SAMPLES :])
    steps = np.abs(np.diff(np.concatenate((before[FRAME_SAMPLES * 4 :], loud, after))))
    assert steps.max() < 0.12, "a tone of 200 Hz at full scale moves 0.026 a sample, four times that while it ramps"
