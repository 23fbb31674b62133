"""The file sink, a mono 48 kHz s16 WAV that grows in real time from the worker's start, silence included.

- The header is updated every 10 ms, so the file is readable at any time, even after kill -9.
- A worker that starts again **under the same parent** (supervisord) within `CONTINUE_S` of the last sample, after a
  crash or `supervisorctl restart`, continues the file. Silence fills the time between, by the wall clock.
- Otherwise an existing file is renamed with its date, and a new file begins. Nothing is overwritten.
- At 4 GB (12 h), WAV's limit, a new file begins in the same way.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
import time
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np

from common.basic.values import SinkKind
from common.files import state
from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.sinks import Render, SinkError
from workers.audio.sinks.pacer import FRAME_NS, Pacer

CONTINUE_S = 60.0
HEADER_BYTES = 44
MAX_DATA_BYTES = 0xFFFFFFFF - HEADER_BYTES - FRAME_SAMPLES * 2
LATE_FRAMES = 50
"""The sink writes silence for frames that are later than this, because their sound was not kept."""
CODE = "audio.file"
_REMOVED = "A new file is begun there by itself."


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """The writer of the file, kept with the pipeline's state. It distinguishes a restart from a new start."""

    path: str
    inode: int
    parent: int
    """Process id of the writer's parent."""


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


class FileSink:
    kind: SinkKind = "file"
    problem = CODE
    own_clock = False
    latency_ms = 0.0

    def __init__(self, path: Path, owner_file: Path, since_ns: int = 0) -> None:
        """`since_ns` is the monotonic time at which a new file begins (the worker's start), or 0 for now."""
        self._path = path
        self._owner_file = owner_file
        self._since_ns = since_ns
        self._fd = -1
        self._data_bytes = 0
        self._pacer: Pacer | None = None
        self._begin_ns = 0
        self._block = np.zeros((1, FRAME_SAMPLES), np.float32)
        self._render: Render | None = None

    @property
    def target(self) -> str:
        return str(self._path)

    def facts(self) -> dict[str, str]:
        return {"file": str(self._path)}

    def park(self) -> None:
        """Do nothing: a file is always steady."""

    def is_steady(self) -> bool:
        return True

    # --- open --------------------------------------------------------------------------------------

    def open(self) -> None:
        try:
            self._open()
        except OSError as error:
            self._let_go()
            raise self._error(error) from error

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        now_ns = time.monotonic_ns()
        silent_s = self._silence_to_continue()
        if silent_s is None:
            self._set_aside()
            self._new_file()
            self._begin_ns = self._since_ns or now_ns
        else:
            self._fd = os.open(self._path, os.O_RDWR)
            self._data_bytes = (os.fstat(self._fd).st_size - HEADER_BYTES) // 2 * 2
            self._begin_ns = now_ns - int(silent_s * 1e9)
        self._fill(now_ns)
        owner = Owner(path=str(self._path), inode=os.fstat(self._fd).st_ino, parent=os.getppid())
        state.save(self._owner_file, owner, "who writes the mix's file")

    def _silence_to_continue(self) -> float | None:
        """Return the seconds since the last sample of a file to continue, or None if a new one is due."""
        try:
            found = self._path.lstat()
            with self._path.open("rb") as file:
                head = file.read(HEADER_BYTES)
        except (FileNotFoundError, IsADirectoryError):
            return None
        owner = state.load(self._owner_file, Owner, "who wrote the mix's file")
        silent_s = time.time() - found.st_mtime
        same = owner == Owner(path=str(self._path), inode=found.st_ino, parent=os.getppid())
        return silent_s if same and is_ours(head) and 0 <= silent_s < CONTINUE_S else None

    def _set_aside(self) -> None:
        """Rename an existing file with the date of its last change."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file", str(self._path))
        when = datetime.fromtimestamp(found.st_mtime).astimezone().strftime("%Y-%m-%d_%H-%M-%S")
        kept = self._path.with_name(f"{self._path.stem}.{when}{self._path.suffix}")
        number = 1
        while kept.exists():
            number += 1
            kept = self._path.with_name(f"{self._path.stem}.{when}-{number}{self._path.suffix}")
        self._path.rename(kept)

    def _new_file(self) -> None:
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._data_bytes = 0
        self._write(b"")

    def _fill(self, until_ns: int) -> None:
        """Write silence from `_begin_ns` to `until_ns`."""
        frames = max(0, until_ns - self._begin_ns) // FRAME_NS
        self._begin_ns += frames * FRAME_NS
        second = bytes(SAMPLE_RATE * 2)
        whole, rest = divmod(frames, 100)
        for _ in range(whole):
            self._write(second)
        self._write(bytes(rest * FRAME_SAMPLES * 2))

    # --- play --------------------------------------------------------------------------------------

    def play(self, render: Render) -> None:
        self._render = render
        self._pacer = Pacer(self._frame)
        self._pacer.start(self._begin_ns)

    def _frame(self, due_ns: int) -> None:
        assert self._render is not None
        if time.monotonic_ns() - due_ns > LATE_FRAMES * FRAME_NS:
            self._write(bytes(FRAME_SAMPLES * 2))
            return
        self._render(self._block, due_ns)
        if self._data_bytes > MAX_DATA_BYTES:
            self._let_go()
            self._set_aside()
            self._new_file()
        scaled = np.rint(self._block * np.float32(32768))
        self._write(np.clip(scaled, -32768, 32767).astype("<i2").tobytes())

    def _write(self, samples: bytes) -> None:
        """Append samples, then update the header, so that it never counts samples that are missing."""
        place = HEADER_BYTES + self._data_bytes
        written = os.pwrite(self._fd, samples, place) if samples else 0
        self._data_bytes += written // 2 * 2
        os.pwrite(self._fd, header(self._data_bytes), 0)
        if written < len(samples):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))

    def complaint(self) -> SinkError | None:
        fault = self._pacer.fault if self._pacer is not None else None
        if isinstance(fault, OSError):
            return self._error(fault)
        if fault is not None:
            raise fault
        return SinkError(CODE, f"{self._path} was removed while it was written.", _REMOVED) if self._removed() else None

    def _removed(self) -> bool:
        try:
            return self._path.stat().st_ino != os.fstat(self._fd).st_ino
        except FileNotFoundError:
            return True
        except OSError:  # the pacer is changing files, or the folder cannot be read: writing continues
            return False

    def _error(self, error: OSError) -> SinkError:
        what = error.strerror or str(error)
        remedy = (
            "Check the path ([audio] file), its permissions and the space on its disk; it is tried again by itself."
        )
        return SinkError(CODE, f"The mix cannot be written to {self._path}: {what}.", remedy)

    def close(self) -> None:
        if self._pacer is not None:
            self._pacer.stop()
        self._let_go()

    def _let_go(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                os.close(self._fd)
            self._fd = -1
