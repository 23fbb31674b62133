"""What a process could not write to disk: kept in memory, tried again, and told as one problem.

Every write of state goes through `write` (`common.state` does); a worker's heartbeat asks `RETRIES` each second.
Safe to use from several threads.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from pathlib import Path

from common.paths import write_atomically

RETRY_S = 10.0
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Unsaved:
    """What waits for a disk that takes it, by path: the newest content of each file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Path, tuple[bytes | None, str]] = {}
        self._trouble: dict[Path, tuple[str, OSError]] = {}
        self._tried_s = 0.0

    def write(self, path: Path, data: bytes, what: str) -> OSError | None:
        """Replace `path` with `data`; return what kept it from that, after which it is tried again by itself.

        `what` completes the sentence “… cannot be saved”.
        """
        return self._bring(path, data, what)

    def remove(self, path: Path, what: str) -> OSError | None:
        """Remove `path`, where it is, like `write`; what waited to be written there is given up."""
        return self._bring(path, None, what)

    def _bring(self, path: Path, data: bytes | None, what: str) -> OSError | None:
        with self._lock:
            try:
                if data is None:
                    path.unlink(missing_ok=True)
                else:
                    write_atomically(path, data)
            except OSError as error:
                self._waiting[path] = data, what
                self._trouble[path] = what, error
                return error
            self._waiting.pop(path, None)
            self._trouble.pop(path, None)
            return None

    def retry(self, now: Callable[[], float] = time.monotonic) -> None:
        """Write what waits, once in `RETRY_S` seconds."""
        with self._lock:
            if not self._waiting or now() - self._tried_s < RETRY_S:
                return
            self._tried_s = now()
            waiting = list(self._waiting.items())
        for path, (data, what) in waiting:
            with self._lock:
                newest = self._waiting.get(path) == (data, what)
            if newest and self._bring(path, data, what) is not None:
                return  # the others would hardly fare better

    def words(self) -> tuple[str, str] | None:
        """Return message and remedy of what is not written at the moment; None when all is."""
        with self._lock:
            trouble = list(self._trouble.items())
        if not trouble:
            return None
        path, (_, error) = trouble[0]
        what = ", ".join(dict.fromkeys(what for _, (what, _) in trouble))
        why = "the disk is full" if error.errno in NO_ROOM else (error.strerror or str(error)).rstrip(".").lower()
        act = "Free some space" if error.errno in NO_ROOM else "Check that disk and the folder's permissions"
        return (
            f"Nothing can be written to {path.parent} ({why}): {what}.",
            f"{act}; what waits is written by itself then, and lost if this worker ends before.",
        )


UNSAVED = Unsaved()
"""Of this process."""
