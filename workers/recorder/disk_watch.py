"""The judgement of the recording's disk: its room, its speed, and its errors. No I/O, no clock."""

from __future__ import annotations

from pathlib import Path

from workers.recorder.actions import Action, ClearProblem, RaiseProblem
from workers.recorder.record.disk_budget import DiskBudget
from workers.recorder.record.writer import DiskFigures, describe, is_full

STUCK_S = 5.0
"""A disk that is busy with one operation for longer is reported. The queue holds 40 s of 16 talkers."""
FULL, LOW, SLOW, FAULT = "recorder.disk-full", "recorder.disk-low", "recorder.disk-slow", "recorder.disk-fault"
NEARLY_FULL = "the disk is nearly full"


def check_room(budget: DiskBudget, disk: DiskFigures, now_s: float, folder: Path) -> Action | None:
    """Return what the room on the disk calls for. A problem `FULL` ends the recording. None if nothing is known yet."""
    if disk.free < 0:
        return None
    budget.record(now_s, disk.size)
    match budget.room(disk.free, disk.files):
        case "full":
            message = "The disk has no room for a recording any more. The recording was ended, and all of it is kept."
            return RaiseProblem(FULL, message, _free_space(folder))
        case "low":
            minutes = budget.minutes_left(disk.free, disk.files)
            mb_per_min = budget.bytes_per_min(disk.files) / 1e6
            message = f"The disk has room for about {minutes:.0f} more minutes of recording, {mb_per_min:.0f} MB each."
            return RaiseProblem(LOW, message, _free_space(folder), severity="warning")
        case "enough":
            return ClearProblem(LOW)


def check_speed(stuck_s: float, lost_s: float) -> Action:
    """Return what the speed of the disk calls for: `stuck_s` in one operation, `lost_s` of sound lost."""
    if stuck_s <= STUCK_S and not lost_s:
        return ClearProblem(SLOW)
    lost = f"{lost_s:.0f} s are lost so far, and are silence" if lost_s else "Nothing is lost yet"
    return RaiseProblem(
        SLOW,
        f"The disk does not keep up with the recording. {lost}.",
        "See what else uses that disk, or record elsewhere: [recorder] folder. What you hear is not affected.",
        severity="warning",
    )


def check_fault(fault: BaseException | None, folder: Path) -> Action | None:
    """Return the problem of a recording that ended because of `fault`."""
    if fault is None:
        return None
    if is_full(fault):
        message = "The disk has no room for a recording any more. The recording ended, and all until then is kept."
        return RaiseProblem(FULL, message, _free_space(folder), new_occurrence=True)
    return RaiseProblem(
        FAULT,
        f"The recording ended: {describe(fault)}.",
        f"Check the disk. Then `partyline record repair {folder}` finishes the files.",
        new_occurrence=True,
    )


def _free_space(folder: Path) -> str:
    return f"Free space on the disk of {folder.parent}, or record elsewhere: [recorder] folder."
