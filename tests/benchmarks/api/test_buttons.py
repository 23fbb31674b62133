"""When a sink became silent, found in made-up recordings."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.api.buttons import changed_ns, spread
from common.messages import SAMPLE_RATE
from tests.support.soundserver import Recording

STARTED_NS = 5_000_000_000
MS = SAMPLE_RATE // 1000


def recording(*spans_ms: tuple[int, int]) -> Recording:
    """Return 2 s of sound that is silent in these spans."""
    samples = np.tile(np.float32([0.1, -0.1]), SAMPLE_RATE)
    for first, last in spans_ms:
        samples[first * MS : last * MS] = 0
    return Recording(np.stack([samples, samples], axis=1), STARTED_NS)


def at_ms(found: int | None) -> float | None:
    return None if found is None else (found - STARTED_NS) / 1e6


@pytest.mark.parametrize(("after_ms", "muted", "found_ms"), [
    (300, True, 500),
    (600, True, 600),
    (600, False, 900),
    (300, False, 300),
    (950, True, None),
])  # fmt: skip
def test_the_change_after_a_press_is_found(after_ms: int, muted: bool, found_ms: float | None) -> None:
    made = recording((500, 900), (100, 120))
    assert at_ms(changed_ns(made, STARTED_NS + after_ms * 1_000_000, muted=muted)) == found_ms


def test_a_short_gap_is_no_mute() -> None:
    assert at_ms(changed_ns(recording((400, 460), (700, 1000)), STARTED_NS, muted=True)) == 700


def test_median_p95_and_worst() -> None:
    assert spread([float(n) for n in range(1, 102)]) == {"median": 51.0, "p95": 96.0, "worst": 101.0}
    assert spread([]) == {}
