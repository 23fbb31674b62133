from __future__ import annotations

from workers.session.automatic.poll_schedule import PollSchedule


def test_looks_become_rarer_while_in_vain_and_a_hint_never_beats_the_setting() -> None:
    schedule, now, waits = PollSchedule(60.0), 1000.0, []
    assert schedule.due_at() <= now
    for _ in range(10):
        schedule.record_poll(now)
        waits.append(schedule.due_at() - now)
        now = schedule.due_at()
    assert waits == [60.0, 90.0, 135.0, 202.5, *[300.0] * 6]
    schedule.record_poll(now)
    schedule.reset_interval()
    assert schedule.due_at() == now + 60.0
    schedule.hold(now + 900.0)
    schedule.reset_interval()
    assert schedule.due_at() == now + 900.0
