"""Comfort noise by RFC 3389."""

from __future__ import annotations

import numpy as np

from common.bus.voice.conceal import level_db
from workers.media.receive.voice.comfort import ComfortNoise


def test_comfort_noise_has_its_level_and_no_seam() -> None:
    noise = ComfortNoise(bytes([50]))
    loop = np.concatenate([noise.next() for _ in range(40)])
    assert abs(level_db(loop) + 50) < 0.5
    assert np.array_equal(loop[:9600], loop[9600:])
    assert not ComfortNoise(b"").next().any()
    assert ComfortNoise(bytes([30, *range(0, 255, 8)])).next().any()
