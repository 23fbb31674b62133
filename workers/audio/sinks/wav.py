"""A growing mono 48 kHz s16 WAV file, readable at any time. It also names the file that an earlier one is moved to."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
from datetime import datetime
from pathlib import Path

from common.messages import FRAME_SAMPLES, SAMPLE_RATE

HEADER_BYTES = 44
MAX_DATA_BYTES = 0xFFFFFFFF - HEADER_BYTES - FRAME_SAMPLES * 2


def header(data_bytes: int) -> bytes:
    """Return the 44 bytes before `data_bytes` of mono 48 kHz s16 samples."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", HEADER_BYTES - 8 + data_bytes, b"WAVE"),
        *(b"fmt ", 16, 1, 1, SAMPLE_RATE, SAMPLE_RATE * 2, 2, 16),
        *(b"data", data_bytes),
    )


def is_ours(head: bytes) -> bool:
    """Whether a file that begins with `head` has the format that this sink writes."""
    return len(head) == HEADER_BYTES and head[:4] == b"RIFF" and head[8:40] == header(0)[8:40]


class WavFile:
    """The file at `path`, once it is created or continued. Methods except `close` may raise `OSError`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd = -1
        self._data_bytes = 0

    def create(self) -> None:
        """Create a new file. An existing one is renamed with the date of its last change."""
        self._set_aside()
        self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._data_bytes = 0
        self.write(b"")

    def resume(self) -> None:
        """Continue an existing file after its last sample."""
        self._fd = os.open(self.path, os.O_RDWR)
        self._data_bytes = (os.fstat(self._fd).st_size - HEADER_BYTES) // 2 * 2

    @property
    def inode(self) -> int:
        return os.fstat(self._fd).st_ino

    @property
    def is_full(self) -> bool:
        return self._data_bytes > MAX_DATA_BYTES

    def write(self, samples: bytes) -> None:
        """Append samples, then update the header, so that it never counts samples that are missing."""
        place = HEADER_BYTES + self._data_bytes
        written = os.pwrite(self._fd, samples, place) if samples else 0
        self._data_bytes += written // 2 * 2
        os.pwrite(self._fd, header(self._data_bytes), 0)
        if written < len(samples):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    def write_silence(self, frames: int) -> None:
        second = bytes(SAMPLE_RATE * 2)
        whole, rest = divmod(frames, 100)
        for _ in range(whole):
            self.write(second)
        self.write(bytes(rest * FRAME_SAMPLES * 2))

    def was_removed(self) -> bool:
        """Whether the path no longer leads to this file. False if that is not known at the moment."""
        try:
            return self.path.stat().st_ino != self.inode
        except FileNotFoundError:
            return True
        except OSError:  # the pacer is changing files, or the folder cannot be read: writing continues
            return False

    def close(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.close(self._fd)
            self._fd = -1

    def _set_aside(self) -> None:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(self.path))
        when = datetime.fromtimestamp(found.st_mtime).astimezone().strftime("%Y-%m-%d_%H-%M-%S")
        kept = self.path.with_name(f"{self.path.stem}.{when}{self.path.suffix}")
        number = 1
        while kept.exists():
            number += 1
            kept = self.path.with_name(f"{self.path.stem}.{when}-{number}{self.path.suffix}")
        self.path.rename(kept)
