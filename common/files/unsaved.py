"""Failed writes of a process, kept in memory, retried, and reported as one problem.

Every write of state goes through `write` (`common.files.state` calls it). A worker's heartbeat calls `due` each second.
Safe to use from several threads.
"""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Callable
from pathlib import Path

from common.files.paths import write_atomically

RETRY_S = 10.0
"""Interval of retries, and so the longest time until files are saved once the disk has room again."""
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


class Unsaved:
    """The newest unwritten content of each file, by path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._disk = threading.Lock()  # held while writing, so that `due` and `words` do not wait for a slow disk
        self._waiting: dict[Path, tuple[bytes | None, str]] = {}
        self._trouble: dict[Path, tuple[str, OSError]] = {}
        self._tried_s = 0.0

    def write(self, path: Path, data: bytes, what: str) -> OSError | None:
        """Replace `path` with `data`. Return the error, if any, after which the write is retried automatically.

        `what` completes the sentence “… cannot be saved”.
        """
        return self._bring(path, data, what)

    def remove(self, path: Path, what: str) -> OSError | None:
        """Remove `path` if it exists, like `write`. Content that waited to be written there is dropped."""
        return self._bring(path, None, what)

    def _bring(self, path: Path, data: bytes | None, what: str) -> OSError | None:
        with self._disk:
            return self._put(path, data, what)

    def _put(self, path: Path, data: bytes | None, what: str) -> OSError | None:
        try:
            if data is None:
                path.unlink(missing_ok=True)
            else:
                write_atomically(path, data)
        except OSError as error:
            with self._lock:
                self._waiting[path] = data, what
                self._trouble[path] = what, error
            return error
        with self._lock:
            self._waiting.pop(path, None)
            self._trouble.pop(path, None)
        return None

    def due(self, now: Callable[[], float] = time.monotonic) -> bool:
        """Return whether `retry` should be called now. It is true at most once in `RETRY_S` seconds."""
        with self._lock:
            if not self._waiting or now() - self._tried_s < RETRY_S:
                return False
            self._tried_s = now()
            return True

    def retry(self) -> None:
        """Write what waits. A slow disk blocks this, so call it from a thread."""
        with self._lock:
            waiting = list(self._waiting.items())
        refused: set[Path] = set()
        for path, (data, what) in waiting:
            if path.parent in refused:
                continue  # a folder accepts all or nothing, and another one may be on another disk
            if self._again(path, data, what) is not None:
                refused.add(path.parent)

    def _again(self, path: Path, data: bytes | None, what: str) -> OSError | None:
        """Write what waited, unless newer content was written or waits meanwhile."""
        with self._disk:
            with self._lock:
                if self._waiting.get(path) != (data, what):
                    return None
            return self._put(path, data, what)

    def forget(self) -> None:
        """Drop all that waits."""
        with self._lock:
            self._waiting.clear()
            self._trouble.clear()
            self._tried_s = 0.0

    def words(self) -> tuple[str, str] | None:
        """Return message and remedy for the unwritten files, or None if there are none."""
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
            f"{act}. What waits is then written. It is lost if this worker ends before.",
        )


UNSAVED = Unsaved()
"""The instance of this process."""
