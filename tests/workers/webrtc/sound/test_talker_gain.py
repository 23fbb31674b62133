"""The samples of a frame, at a talker's gain."""

from __future__ import annotations

import numpy as np

from common.bus.stereo import StereoFrame
from common.messages import FRAME_SAMPLES, AudioFrame
from workers.webrtc.sound.talker_gain import TalkerGain

FRAME = AudioFrame(peer="mix", boot="b", tick=0, tick_ns=0)


def samples(value: int) -> bytes:
    return np.full(FRAME_SAMPLES, value, "<i2").tobytes()


def test_both_channels_carry_a_mono_frame() -> None:
    rows = TalkerGain(2).rows(StereoFrame(FRAME, samples(100)), 1.0)
    assert rows.shape == (FRAME_SAMPLES, 2)
    assert (rows == 100).all()


def test_the_sides_of_a_panned_frame_stay_apart_and_an_empty_one_is_silent() -> None:
    rows = TalkerGain(2).rows(StereoFrame(FRAME, samples(100), (samples(200), b"")), 1.0)
    assert (rows[:, 0] == 200).all()
    assert not rows[:, 1].any()


def test_a_frame_without_samples_is_silent() -> None:
    assert not TalkerGain(1).rows(StereoFrame(FRAME, b""), 1.0).any()


def test_a_gain_moves_within_a_frame_and_then_stays() -> None:
    gain = TalkerGain(1)
    moving = gain.rows(StereoFrame(FRAME, samples(10_000)), 0.5)[:, 0]
    assert moving[0] == 10_000
    assert moving[-1] == 5_000
    assert (np.diff(moving) <= 0).all()
    assert (gain.rows(StereoFrame(FRAME, samples(10_000)), 0.5) == 5_000).all()


def test_what_is_too_loud_is_cut_and_does_not_wrap() -> None:
    gain = TalkerGain(1)
    gain.rows(StereoFrame(FRAME, samples(0)), 4.0)
    assert (gain.rows(StereoFrame(FRAME, samples(20_000)), 4.0) == 32_767).all()
