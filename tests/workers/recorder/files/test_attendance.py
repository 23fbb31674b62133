from __future__ import annotations

import pytest

from tests.support.made import BO, CLEO
from workers.recorder.files.attendance import Attendance
from workers.recorder.files.index_format import IndexTalker


def spans(talkers: list[IndexTalker]) -> dict[str, list[tuple[float, float | None]]]:
    return {talker.account_id: [(span.start, span.end) for span in talker.present] for talker in talkers}


def test_who_comes_and_goes_is_kept_in_the_list_of_the_index() -> None:
    talkers: list[IndexTalker] = []
    attendance = Attendance(talkers)
    attendance.record_members([BO, CLEO], 0.0)
    attendance.record_members([CLEO], 10.0)
    attendance.record_members([CLEO, BO], 20.0)
    attendance.record_end(30.0)
    assert spans(talkers) == {"2": [(0.0, 10.0), (20.0, 30.0)], "3": [(0.0, 30.0)]}


def test_after_a_restart_only_those_continue_who_were_there_at_the_end() -> None:
    talkers: list[IndexTalker] = []
    attendance = Attendance(talkers)
    attendance.record_members([BO, CLEO], 0.0)
    attendance.record_members([CLEO], 10.0)
    attendance.record_end(30.0)
    Attendance(talkers).reopen(30.0)
    assert spans(talkers) == {"2": [(0.0, 10.0)], "3": [(0.0, None)]}


@pytest.mark.parametrize(
    ("account", "start", "end", "away"),
    [("2", 2.0, 9.0, False), ("2", 9.0, 11.0, True), ("2", 12.0, 13.0, True), ("9", 2.0, 9.0, False)],
    ids=["present", "it left meanwhile", "it had left", "nobody knows it"],
)
def test_who_was_away_is_known_only_of_members(account: str, start: float, end: float, *, away: bool) -> None:
    attendance = Attendance([])
    attendance.record_members([BO], 0.0)
    attendance.record_members([], 10.0)
    assert attendance.was_away(account, start, end) is away
