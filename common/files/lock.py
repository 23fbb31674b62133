"""A lock that processes share, by a file. A process that ends gives it up."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(file: Path, *, tries: int, pause_s: float) -> Iterator[int]:
    """Yield the locked file's descriptor. Raises `OSError` (`BlockingIOError` if another holds the lock too long)."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        for left in range(tries - 1, -1, -1):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not left:
                    raise
                time.sleep(pause_s)
            else:
                break
        yield handle
    finally:
        os.close(handle)
