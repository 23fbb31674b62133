"""The test tone on a page with a single talker."""

from __future__ import annotations

import numpy as np

from common.basic.tone import FRAME
from workers.dashboard.listen.audio_sources import FRAMES, Batch
from workers.dashboard.listen.page_tone import BOOT, PageTone


def samples(batch: Batch) -> np.ndarray:
    return np.concatenate([np.frombuffer(one, "<i2") for one in batch.samples])


def test_a_packet_is_left_alone_while_no_tone_sounds():
    batch = Batch(7, 1, (b"\1\0" * FRAME, b""))
    assert PageTone().added(batch) is batch


def test_it_is_added_to_the_talkers_packets_in_silence_too():
    tone = PageTone()
    tone.start(1.0)
    voice = np.full(FRAME, 1000, "<i2").tobytes()
    batches = [tone.added(Batch(7, 2 * number, (voice, b""))) for number in range(50)]
    assert all((batch.boot, len(batch.samples)) == (7, FRAMES) for batch in batches)
    loudest = samples(batches[25])
    assert 3200 < loudest[FRAME:].max() < 3300  # -20 dBFS
    assert loudest[:FRAME].max() > 4000  # above the voice
    assert not tone.is_on


def test_without_a_voice_it_comes_in_packets_of_its_own():
    tone = PageTone()
    tone.start(0.5)
    first, second = tone.alone(), tone.alone()
    assert (first.boot, second.boot) == (BOOT, BOOT)
    assert second.tick == first.tick + FRAMES
    while tone.is_on:
        last = tone.alone()
    assert np.abs(samples(last)).max() < 400
