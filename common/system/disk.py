"""How a file gets onto the disk itself, and locks on folders of foreign file systems. Not run on a Mac yet."""

from __future__ import annotations

import contextlib
import fcntl
import os

_FULL_SYNC: int | None = getattr(fcntl, "F_FULLFSYNC", None)
"""On a Mac, fsync leaves the data in the drive's own cache, which a power cut loses (fsync(2) there)."""


def sync(descriptor: int) -> None:
    """Return when the file's data is on the disk itself, as far as the file system tells. Raises `OSError`.

    It is slow on a Mac (tens of milliseconds), so it is for what must not be lost.
    """
    os.fsync(descriptor)
    if _FULL_SYNC is not None:
        with contextlib.suppress(OSError):  # ENOTSUP on network and foreign file systems, where fsync is all there is
            fcntl.fcntl(descriptor, _FULL_SYNC)
