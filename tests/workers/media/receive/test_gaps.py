"""What follows a gap: the decoder's state, and the crossfade."""

from __future__ import annotations

import numpy as np
import pytest

from common.bus.voice.conceal import PASSED_OVER_SAMPLES, Concealer
from common.messages import FRAME_SAMPLES
from tests.workers.media.receive.playing import library, spoken

PACKET = 1920


def decoded(payloads: list[bytes], lost: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the packet after a gap of `lost` samples: as the concealer left the decoder, and as without a gap."""
    plain, concealing = library().decoder(), library().decoder()
    for payload in payloads[:-1]:
        plain.decode(payload)
        concealing.decode(payload)
    concealer = Concealer(concealing)
    for _ in range(0, lost, FRAME_SAMPLES):
        concealer.make(0, PACKET)
    seam = concealer.settle(lost)
    assert seam is not None
    assert len(seam)
    left, right = concealing.decode(payloads[-1]), plain.decode(payloads[-1])
    assert left is not None
    assert right is not None
    return left, right


@pytest.mark.parametrize(("lost", "passed_over"), [(480, True), (PASSED_OVER_SAMPLES, True), (2 * PACKET, False)])
def test_after_a_short_gap_the_decoder_goes_on_as_if_there_had_been_none(lost: int, *, passed_over: bool) -> None:
    _, packets = spoken()
    left, right = decoded([payload for _, payload in packets[:20]], lost)
    assert np.array_equal(left, right) == passed_over
