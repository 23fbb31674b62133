from __future__ import annotations

import pytest

from common.basic.clock import Moment
from common.run.wake import Wake
from workers.session.member.absence import PAUSE_S, Absence


def at(seconds: float, wall: float = 1e9) -> Moment:
    return Moment(boot="b", boot_s=seconds, unix=wall + seconds)


def test_time_that_the_computer_slept_counts_as_away() -> None:
    away = Absence()
    assert away.away_s(at(1000.0)) == float("inf")
    away.record_seen(at(1000.0))
    for now in (1005.0, 1010.0, 1015.0):
        away.on_tick(at(now), connected=True)
    assert away.away_s(at(1016.0)) == 1.0
    assert away.on_wake(Wake(580.0, slept=True))
    away.on_tick(at(1600.0), connected=True)  # the push channel does not know yet
    away.on_tick(at(1605.0), connected=True)
    assert away.away_s(at(1605.0)) == 590.0
    away.record_seen(at(1606.0))
    assert away.away_s(at(1606.0)) == 0.0


@pytest.mark.parametrize(
    ("wake", "uncertain"),
    [
        (Wake(3.0, slept=True), True),
        (Wake(PAUSE_S - 1, slept=False), False),
        (Wake(PAUSE_S + 1, slept=False), True),
    ],
)
def test_a_sleep_or_a_long_pause_makes_the_membership_uncertain(wake: Wake, *, uncertain: bool) -> None:
    away = Absence()
    away.record_seen(at(1000.0))
    assert away.on_wake(wake) is uncertain
    away.on_tick(at(1050.0), connected=True)
    assert away.away_s(at(1050.0)) == (50.0 if uncertain else 0.0)


def test_time_without_the_push_channel_counts_as_away() -> None:
    away = Absence()
    away.record_seen(at(1000.0))
    away.on_tick(at(1005.0), connected=False)
    away.on_tick(at(1010.0), connected=True)  # it is back, but whether we are still in the party is not known
    assert away.away_s(at(1010.0)) == 10.0
