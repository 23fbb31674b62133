from __future__ import annotations

import errno
from pathlib import Path

import pytest

from workers.recorder.actions import ClearProblem, RaiseProblem
from workers.recorder.disk_watch import FAULT, FULL, LOW, SLOW, STUCK_S, check_fault, check_room, check_speed
from workers.recorder.record.disk_budget import TALKER_BYTES_PER_MIN, DiskBudget
from workers.recorder.record.writer import DiskFigures

FOLDER = Path("/recordings/x")
KEEP_FREE = 500_000_000


@pytest.mark.parametrize(
    ("minutes", "code"), [(0, FULL), (29, LOW), (31, None)], ids=["full", "low for the warning", "enough"]
)
def test_the_room_on_the_disk_is_judged_by_the_minutes_it_lasts(minutes: int, code: str | None) -> None:
    free = KEEP_FREE + minutes * 2 * TALKER_BYTES_PER_MIN
    found = check_room(DiskBudget(KEEP_FREE, 30), DiskFigures(size=0, free=free, files=2), 1000.0, FOLDER)
    if code is None:
        assert found == ClearProblem(LOW)
    else:
        assert isinstance(found, RaiseProblem)
        assert (found.code, found.severity) == (code, "error" if code == FULL else "warning")
        assert "/recordings," in found.remedy


def test_a_disk_that_was_not_measured_yet_is_not_judged() -> None:
    assert check_room(DiskBudget(KEEP_FREE, 30), DiskFigures(), 1000.0, FOLDER) is None


def test_a_slow_disk_is_a_problem_once_it_is_stuck_or_sound_is_lost() -> None:
    assert check_speed(STUCK_S, 0.0) == ClearProblem(SLOW)
    stuck, lost = check_speed(STUCK_S + 0.1, 0.0), check_speed(0.0, 3.0)
    assert isinstance(stuck, RaiseProblem) and isinstance(lost, RaiseProblem)
    assert "Nothing is lost yet" in stuck.message
    assert "3 s are lost" in lost.message


def test_an_error_of_the_disk_is_a_new_occurrence_and_a_full_disk_its_own_problem() -> None:
    assert check_fault(None, FOLDER) is None
    full = check_fault(OSError(errno.ENOSPC, "No space left on device"), FOLDER)
    broken = check_fault(OSError(errno.EIO, "Input/output error"), FOLDER)
    assert isinstance(full, RaiseProblem) and isinstance(broken, RaiseProblem)
    assert (full.code, full.new_occurrence) == (FULL, True)
    assert (broken.code, broken.new_occurrence) == (FAULT, True)
    assert "Input/output error" in broken.message
    assert str(FOLDER) in broken.remedy
