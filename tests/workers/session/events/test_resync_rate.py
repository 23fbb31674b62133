from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.session.events.resync_rate import ResyncRate

S = 1_000_000_000


def test_the_first_reopenings_are_looked_at_at_once_and_then_once_a_minute() -> None:
    made = ResyncRate()
    assert [made.wait_s(S) for _ in range(3)] == [0, 0, 0]
    assert made.wait_s(S) == 60.0
    assert made.wait_s(2 * S) is None  # the one that was put off covers it


@given(st.lists(st.integers(0, 30 * S), max_size=200))
def test_no_reopening_goes_unread_and_no_minute_holds_many_readings(gaps: list[int]) -> None:
    made, now, readings = ResyncRate(), S, []
    for gap in gaps:
        now += gap
        wait_s = made.wait_s(now)
        if wait_s is not None:
            readings.append(now + round(wait_s * S))
        assert readings[-1] >= now
    for first, at in enumerate(readings):
        within = [one for one in readings[first:] if one - at < 60 * S]
        assert len(within) <= 4
