"""A check for exhausted file descriptors."""

from __future__ import annotations

import errno
import os


class Descriptors:
    """A check for exhausted file descriptors, made each second. Two failures in a row are not a mere peak.

    Without descriptors, libzmq aborts the process at the next connection, or the worker goes on unreachable.
    """

    def __init__(self) -> None:
        self._missing = 0

    def run_out(self) -> bool:
        try:
            os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
        except OSError as error:
            self._missing = self._missing + 1 if error.errno in (errno.EMFILE, errno.ENFILE) else 0
        else:
            self._missing = 0
        return self._missing >= 2
