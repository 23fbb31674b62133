"""How a file gets onto the disk itself, and locks on folders of foreign file systems. Not run on a Mac yet."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from pathlib import Path

LOCK_FILE = ".lock"
_NO_LOCKS = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL, errno.EBADF, errno.ENOSYS})
"""What file systems say that cannot lock a folder, or anything. NFS gives EBADF for what is open for reading only."""
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


class FolderLock:
    """An exclusive lock on a folder, held until `release` or the end of the process.

    Where a folder cannot be locked (SMB, exFAT, NFS), a file in it is. Where nothing can be, nobody is kept out.
    """

    def __init__(self, folder: Path) -> None:
        """Take the lock. Raises `BlockingIOError` if somebody has it, and `OSError` if the folder cannot be opened."""
        self._file, self._holds_file = folder / LOCK_FILE, False
        self._descriptor = os.open(folder, os.O_RDONLY)
        try:
            if not _lock(self._descriptor):
                self._take_file()
        except BaseException:
            os.close(self._descriptor)
            raise

    def release(self) -> None:
        if self._holds_file:
            with contextlib.suppress(OSError):
                self._file.unlink()
        with contextlib.suppress(OSError):
            os.close(self._descriptor)

    def _take_file(self) -> None:
        """Lock the file instead. One that its last holder has just removed is made again."""
        while True:
            descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                locked = _lock(descriptor)
                if locked and not _is_at(self._file, descriptor):
                    os.close(descriptor)
                    continue
            except BaseException:
                os.close(descriptor)
                raise
            os.close(self._descriptor)
            self._descriptor, self._holds_file = descriptor, True
            return


def _lock(descriptor: int) -> bool:
    """Lock it. Return False where that is not supported. Raises `BlockingIOError` if somebody has it locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
