"""Which frames of the mix count as silence."""

from __future__ import annotations

import numpy as np

from common.messages import FRAME_SAMPLES, AudioFrame
from workers.audio.play.outputs.player.mix_subscriber import QUIET, as_heard

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
