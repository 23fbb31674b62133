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


def test_a_loop_without_a_beat_for_longer_than_the_limit_hangs() -> None:
    watchdog = Watchdog(3.0, 1.0, 100.0)
    assert [watchdog.hung(100.0 + second) for second in (1, 2, 3, 4)] == [False, False, False, True]
    watchdog.beat(104.5)
    assert not watchdog.hung(105.0)
    assert [watchdog.hung(104.5 + second) for second in (1.5, 2.5, 3.0, 3.5)] == [False, False, False, True]


def test_who_was_asked_late_gives_the_loop_its_time_again() -> None:
    watchdog = Watchdog(3.0, 1.0, 100.0)
    assert not watchdog.hung(102.5)  # 1.5 s late: the whole process stood still
    assert [watchdog.hung(102.5 + second) for second in (1, 2, 3, 4)] == [False, False, False, True]


def test_being_asked_a_little_late_excuses_nothing() -> None:
    watchdog = Watchdog(3.0, 1.0, 100.0)
    assert not watchdog.hung(102.0)  # late by just the interval
    assert watchdog.hung(103.1)


def test_being_asked_often_excuses_nothing() -> None:
    watchdog = Watchdog(3.0, 1.0, 100.0)
    assert [watchdog.hung(100.0 + n / 10) for n in range(31)] == [False] * 31
    assert watchdog.hung(103.2)
