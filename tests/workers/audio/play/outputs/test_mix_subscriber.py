"""The mix as a further output's chain gets it."""

from __future__ import annotations

import numpy as np

from common.bus.stereo import StereoFrame
from common.messages import FRAME_SAMPLES, AudioFrame
from workers.audio.play.outputs.player.mix_subscriber import QUIET, as_heard, as_talker

FRAME = AudioFrame(peer="output", boot="a", tick=1, tick_ns=1, sounding=True)


def test_a_frame_below_the_threshold_counts_as_silence_and_keeps_its_samples() -> None:
    quiet = np.full(FRAME_SAMPLES, 1 - QUIET, "<i2").tobytes()
    frame, samples = as_heard(FRAME, quiet)
    assert not frame.sounding
    assert samples == quiet


def test_a_single_loud_sample_sounds() -> None:
    for peak in (QUIET, -QUIET, -32768):
        loud = np.zeros(FRAME_SAMPLES, "<i2")
        loud[7] = peak
        assert as_heard(FRAME, loud.tobytes())[0].sounding, peak
    assert as_heard(FRAME, b"")[0].sounding


def test_a_mix_with_two_channels_brings_its_sides() -> None:
    mix, left = np.full(FRAME_SAMPLES, 8192, "<i2"), np.full(FRAME_SAMPLES, 12288, "<i2")
    found = as_talker(StereoFrame(FRAME, mix.tobytes(), (left.tobytes(), b"")), 5)
    assert (found.frame, found.samples, found.received_ns) == (FRAME, mix.tobytes(), 5)
    assert found.sides is not None
    assert found.sides[:, 7].tolist() == [0.125, -0.25]
    assert as_talker(StereoFrame(FRAME, mix.tobytes()), 5).sides is None
    assert as_talker(StereoFrame(FRAME, b"", (left.tobytes(), b"")), 5).sides is None
