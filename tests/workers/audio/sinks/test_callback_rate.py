from __future__ import annotations

import pytest

from workers.audio.sinks.callback_rate import LEAST_S, CallbackRate


def test_calls_are_counted_between_two_looks_that_are_far_enough_apart() -> None:
    rate = CallbackRate()
    assert rate.per_s(1000, 5.0) == 0.0
    assert rate.per_s(1020, 5.0 + LEAST_S / 2) == 0.0
    assert rate.per_s(1100, 6.0) == pytest.approx(100.0)
    assert rate.per_s(1101, 6.01) == pytest.approx(100.0)
    assert rate.per_s(1100, 7.0) == 0.0  # it takes nothing
