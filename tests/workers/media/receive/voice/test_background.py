"""The noise that is played in a pause."""

from __future__ import annotations

import numpy as np
import pytest

from common.bus.voice.conceal import SEAM
from common.messages import FRAME_SAMPLES
from tests.workers.media.receive.playing import library
from workers.media.receive.voice.background import Background


@pytest.fixture
def background() -> Background:
    return Background(library().decoder())


def test_without_noise_there_is_digital_silence(background: Background) -> None:
    assert background.next() is None
    assert not background.sounds


def test_after_a_dtx_packet_there_is_noise_for_a_second_at_most(background: Background) -> None:
    background.record_packet(b"\x50")
    assert background.sounds
    frames = [background.next() for _ in range(101)]
    assert [frame is None for frame in frames] == [False] * 100 + [True]
    background.record_packet(b"\x50")
    background.record_packet(bytes(40))
    assert background.next() is None, "a packet with sound ends it"


def test_comfort_noise_is_played_until_it_ends_with_a_crossfade(background: Background) -> None:
    background.start_comfort(bytes([40]))
    frame = background.next()
    assert frame is not None
    assert len(frame) == FRAME_SAMPLES
    seam = background.end_comfort(crossfade=True)
    assert seam is not None
    assert len(seam) == SEAM
    assert np.any(seam)
    assert background.end_comfort(crossfade=True) is None
    assert not background.sounds


def test_another_source_has_no_noise(background: Background) -> None:
    background.start_comfort(bytes([40]))
    background.record_packet(b"\x50")
    background.clear()
    assert background.next() is None
