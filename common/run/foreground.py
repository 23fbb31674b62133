"""The lock that ties a foreground pipeline to the command that started it.

The command locks a file that names its supervisord. The lock ends with the command's process, also when that is
killed. A worker that can then take the lock knows that the pipeline has been abandoned.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from pathlib import Path

_NAME = "foreground.lock"


class Hold:
    """The starting command's side."""

    def __init__(self, run: Path) -> None:
        """Raise `BlockingIOError` when another command holds this home's lock."""
        self._path = run / _NAME
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(self._handle, 0)
        except OSError:
            os.close(self._handle)
            raise

    def over(self, supervisord: int) -> None:
        """Record the process id of the supervisord that is to end with this command."""
        os.pwrite(self._handle, str(supervisord).encode(), 0)

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._handle)


def abandoned(run: Path, supervisord: int) -> bool:
    """Return whether that supervisord was started in the foreground by a command that is gone."""
    try:
        handle = os.open(run / _NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if os.pread(handle, 20, 0) != str(supervisord).encode():
            return False
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
        return False
    finally:
        os.close(handle)
