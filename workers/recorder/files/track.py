"""One growing FLAC file. It is valid up to its last frame at any moment, and a few bytes in its header finish it."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from workers.recorder.files import flac

Encode = Callable[[NDArray[np.int16], int], bytes]
_SILENCE = bytes(flac.BLOCK * 2)
_TAIL_BYTES = 1 << 18
"""Bytes at the end of a file that are searched first for its last whole frame. Many frames have room in them."""
_HEAD_BYTES = 1 << 16
"""Bytes that hold the whole header of a file."""
_PAD_BYTES = 1 << 16
"""Bytes of silent frames written at a time."""


class TrackFile:
    """A track's file, with `blocks` frames. Methods except `close` may raise `OSError`, and leave it valid."""

    def __init__(self, path: Path, fd: int, blocks: int, size: int) -> None:
        self.path = path
        self.blocks = blocks
        self.size = size
        self._fd = fd
        self._synced = size
        self._md5 = None if blocks else hashlib.md5(usedforsecurity=False)

    @classmethod
    def create(cls, path: Path, tags: dict[str, str]) -> Self:
        """Create a new file. Raises `FileExistsError`."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        track = cls(path, fd, 0, 0)
        try:
            track._append(flac.head(tags))
        except OSError:
            track.close()
            path.unlink()
            raise
        return track

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Continue after the last whole frame of a file, whatever its end holds.

        Its MD5 stays unknown, because it would need the existing frames decoded. Raises `ValueError` for a file that is
        not a recorder's.
        """
        fd = os.open(path, os.O_RDWR)
        try:
            end, blocks = _whole(fd)
            os.ftruncate(fd, end)
            os.pwrite(fd, flac.stream_info(), flac.INFO_AT)
        except BaseException:
            os.close(fd)
            raise
        return cls(path, fd, blocks, end)

    @staticmethod
    def count(path: Path) -> int:
        """Return the number of whole frames of a file. Raises `ValueError` for a file that is not a recorder's."""
        with path.open("rb") as file:
            return _whole(file.fileno())[1]

    @staticmethod
    def promised(path: Path) -> tuple[int, bytes] | None:
        """Return the samples and the MD5 of a finished file's header, None if either is missing."""
        with path.open("rb") as file:
            return flac.promised(file.read(_HEAD_BYTES))

    @property
    def samples(self) -> int:
        return self.blocks * flac.BLOCK

    def write(self, number: int, samples: NDArray[np.int16] | None, encode: Encode) -> None:
        """Write block `number`, None for silence. Missing blocks before it become silence. An existing one stays."""
        self.pad(number)
        if number < self.blocks:
            return
        if samples is None:
            self.pad(number + 1)
            return
        self._append(encode(samples, number))
        self.blocks += 1
        if self._md5 is not None:
            self._md5.update(samples.data)

    def pad(self, blocks: int) -> None:
        """Pad the file with silence to that many blocks."""
        while self.blocks < blocks:
            frames, count = bytearray(), 0
            while len(frames) < _PAD_BYTES and self.blocks + count < blocks:
                frames += flac.silence(self.blocks + count)
                count += 1
            self._append(bytes(frames))
            self.blocks += count
            if self._md5 is not None:
                for _ in range(count):
                    self._md5.update(_SILENCE)

    def _append(self, data: bytes) -> None:
        try:
            self._write_all(data)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self.size)
            raise
        self.size += len(data)

    def _write_all(self, data: bytes) -> None:
        if os.pwrite(self._fd, data, self.size) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))

    def sync(self) -> None:
        """Flush all written data to the disk."""
        if self._synced != self.size:
            os.fsync(self._fd)
            self._synced = self.size

    def finish(self, md5: bytes = b"") -> None:
        """Write length and MD5 (the given one, or that of all written samples) to the header. The file stays open."""
        md5 = md5 or (self._md5.digest() if self._md5 is not None else bytes(16))
        os.pwrite(self._fd, flac.stream_info(self.samples, md5), flac.INFO_AT)
        os.fsync(self._fd)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._fd)


def _whole(fd: int) -> tuple[int, int]:
    """Return where the last whole frame of a file ends, and the number of frames."""
    size = os.fstat(fd).st_size
    begin = flac.head_length(os.pread(fd, _HEAD_BYTES, 0))
    window = _TAIL_BYTES
    while True:
        at = max(begin, size - window)
        found = flac.last_frame(os.pread(fd, size - at, at))
        if found is not None:
            return at + found[0], found[1]
        if at == begin:
            return begin, 0
        window *= 4
