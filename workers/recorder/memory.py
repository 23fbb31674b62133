"""The state file of a running recording, for the next recorder process: `state/recorder.json`."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from common.basic.clock import Moment
from common.files import state

CONTINUE_S = 60.0
"""A recorder that is back within this time continues its recording."""
SAVE_S = 10.0
"""Interval of saving the moment. Chosen to be short against `CONTINUE_S`, as the moment may be so much too old."""


class SavedRecording(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a running recording."""

    folder: str
    origin_ns: int
    """Monotonic time of sample 0."""
    parent: int
    """Process id of the recorder's parent, which distinguishes a restart from a new start."""
    finished: bool = False
    """Whether it was ended in order because the process was asked to stop."""

    at: Moment | None = None
    """When it was last known to run. A state file of an older version has none."""

    def is_resumable(self, now: Moment, now_ns: int) -> bool:
        """Return whether this process is that recording's restarted recorder. Raises `OSError` if its folder is gone.

        `now_ns` is monotonic, which restarts with the machine. The wall clock may have been set meanwhile, so it is
        asked only for a state file without a moment.
        """
        newest = max((path.stat().st_mtime for path in Path(self.folder).iterdir()), default=0.0)
        if self.parent != os.getppid() or self.origin_ns > now_ns:
            return False
        if self.at is None:
            return 0 <= now.unix - newest < CONTINUE_S
        return self.at.boot == now.boot and self.at.ago_s(now) < CONTINUE_S


def load(file: Path) -> SavedRecording | None:
    """Return the state file's content, None if there is none or it cannot be read."""
    return state.load(file, SavedRecording, "a recording that was not finished")


def save(file: Path, folder: Path, origin_ns: int, *, finished: bool) -> None:
    """Write the state file. If the disk refuses it, that is reported and the recording continues."""
    left = SavedRecording(
        folder=str(folder), origin_ns=origin_ns, parent=os.getppid(), finished=finished, at=Moment.now()
    )
    state.save(file, left, "that a recording runs, which is needed to resume it after a restart")
