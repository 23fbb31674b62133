"""One FLAC file that grows: whole up to its last frame at any moment, finished by a few bytes at its head."""

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

from workers.recorder import flac

Encode = Callable[[NDArray[np.int16], int], bytes]
_SILENCE = bytes(flac.BLOCK * 2)
_TAIL_BYTES = 1 << 18
_HEAD_BYTES = 1 << 16
_PAD_BYTES = 1 << 16
"""Frames of silence are written so many bytes at a time."""


class Stem:
    """`blocks` frames are in the file. Every method but `close` may raise `OSError`; the file stays whole then."""

    def __init__(self, path: Path, fd: int, blocks: int, size: int) -> None:
        self.path = path
        self.blocks = blocks
        self.size = size
        self._fd = fd
        self._synced = size
        self._md5 = None if blocks else hashlib.md5(usedforsecurity=False)

    @classmethod
    def create(cls, path: Path, tags: dict[str, str]) -> Self:
        """Begin a new file; raises `FileExistsError`."""
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        stem = cls(path, fd, 0, 0)
        try:
            stem._append(flac.head(tags))
        except OSError:
            stem.close()
            path.unlink()
            raise
        return stem

    @classmethod
    def resume(cls, path: Path) -> Self:
        """Go on behind the last whole frame of a file, whatever became of its end.

        Its MD5 stays unknown: what it holds already would have to be decoded for it. Raises `ValueError` for a file
        that is none of ours.
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
        """Return the whole frames of a file; raises `ValueError` for one that is none of ours."""
        with path.open("rb") as file:
            return _whole(file.fileno())[1]

    @staticmethod
    def promised(path: Path) -> tuple[int, bytes] | None:
        """Return the samples and the MD5 that a finished file's head tells; None where it tells not both."""
        with path.open("rb") as file:
            return flac.promised(file.read(_HEAD_BYTES))

    @property
    def samples(self) -> int:
        return self.blocks * flac.BLOCK

    def write(self, number: int, samples: NDArray[np.int16] | None, encode: Encode) -> None:
        """Write block `number`, None for silence. What is missing before it becomes silence; what is there stays."""
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
        """Bring the file to that many blocks with silence."""
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
        """Bring what was written to the disk itself."""
        if self._synced != self.size:
            os.fsync(self._fd)
            self._synced = self.size

    def finish(self, md5: bytes = b"") -> None:
        """Say length and MD5 (the given one, or that of all that was written) in the head. The file stays open."""
        md5 = md5 or (self._md5.digest() if self._md5 is not None else bytes(16))
        os.pwrite(self._fd, flac.stream_info(self.samples, md5), flac.INFO_AT)
        os.fsync(self._fd)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self._fd)


def _whole(fd: int) -> tuple[int, int]:
    """Return where the last whole frame of a file ends, and how many there are."""
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
