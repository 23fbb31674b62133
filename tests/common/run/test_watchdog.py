"""A hung event loop, and a machine that stood still."""

from __future__ import annotations

from common.run.watchdog import Watchdog


def test_a_loop_that_does_not_beat_is_hung_and_a_process_that_stood_still_is_not() -> None:
    watchdog = Watchdog(15.0, 1.0, 0.0)
    assert not any(watchdog.hung(float(now)) for now in range(1, 16))
    assert watchdog.hung(16.0)
    stopped = Watchdog(15.0, 1.0, 0.0)
    assert not stopped.hung(1.0)
    assert not stopped.hung(600.0)
    stopped.beat(600.5)
    assert not any(stopped.hung(600.0 + after) for after in range(1, 16))
    assert stopped.hung(616.0)
