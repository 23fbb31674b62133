"""What a recorder leaves for the next one while it records: `state/recorder.json`."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from common import state

CONTINUE_S = 60.0
"""A recorder that is back within so long goes on with its recording."""


class Unfinished(msgspec.Struct, frozen=True, kw_only=True):
    """What a recorder leaves for the next one while it records."""

    folder: str
    origin_ns: int
    """Monotonic time of sample 0."""
    parent: int
    """Process id of the recorder's parent: tells a restart from a new start."""
    finished: bool = False
    """It was ended in good order because the process was asked to stop."""

    def goes_on(self, now: float, now_ns: int) -> bool:
        """Whether this process is the restarted recorder of that recording; raises `OSError` if its folder is gone.

        `now`: Unix seconds; `now_ns`: monotonic, which starts anew with the machine.
        """
        if self.parent != os.getppid() or self.origin_ns > now_ns:
            return False
        newest = max((path.stat().st_mtime for path in Path(self.folder).iterdir()), default=0.0)
        return 0 <= now - newest < CONTINUE_S


def load(file: Path) -> Unfinished | None:
    """Return what was left; None where nothing was, or nothing that can be read."""
    return state.load(file, Unfinished, "a recording that was not finished")


def save(file: Path, folder: Path, origin_ns: int, *, finished: bool) -> None:
    """Leave it; where the disk does not take it, that is told, and the recording goes on all the same."""
    left = Unfinished(folder=str(folder), origin_ns=origin_ns, parent=os.getppid(), finished=finished)
    state.save(file, left, "that a recording runs, which could not be gone on with after a restart")
