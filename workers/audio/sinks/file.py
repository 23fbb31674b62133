"""The file sink, a mono 48 kHz s16 WAV that grows in real time from the worker's start, silence included.

- The header is updated every 10 ms, so the file is readable at any time, even after kill -9.
- A worker that starts again **under the same parent** (supervisord) within `CONTINUE_S` of the last sample, after a
  crash or `supervisorctl restart`, continues the file. Silence fills the time between, whatever the wall clock says.
- Otherwise an existing file is renamed with its date, and a new file begins. Nothing is overwritten.
- At 4 GB (12 h), WAV's limit, a new file begins in the same way.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec
import numpy as np

from common.basic.clock import boot_id
from common.basic.values import SinkKind
from common.files import state
from common.messages import FRAME_SAMPLES, SAMPLE_RATE
from workers.audio.sinks import Render, SinkError
from workers.audio.sinks.pacer import FRAME_NS, Pacer
from workers.audio.sinks.wav import HEADER_BYTES, WavFile, is_ours

CONTINUE_S = 60.0
"""Chosen to be longer than a restart of the worker takes."""
LATE_FRAMES = 50
"""The sink writes silence for frames that are later than this, because their sound was not kept."""
CODE = "audio.file"
_REMOVED = "A new file is created there automatically."


class FileOwner(msgspec.Struct, frozen=True, kw_only=True):
    """The writer of the file, kept with the pipeline's state. It distinguishes a restart from a new start."""

    path: str
    inode: int
    parent: int
    """Process id of the writer's parent."""
    boot: str = ""
    """`boot_id` of the machine's run in which `begin_ns` counts."""
    begin_ns: int = 0
    """Monotonic time of the file's first sample. 0 in a state file of an older version."""

    def silent_s(self, size: int, now_ns: int) -> float:
        """Return the seconds since the last sample of a file of that size. The last frame may still be sounding."""
        return (now_ns - self.begin_ns) / 1e9 - (size - HEADER_BYTES) / (2 * SAMPLE_RATE)


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
        self._file = WavFile(path)
        self._pacer: Pacer | None = None
        self._begin_ns = 0
        self._block = np.zeros((1, FRAME_SAMPLES), np.float32)
        self._render: Render | None = None

    @property
    def target(self) -> str:
        return str(self._path)

    def facts(self) -> dict[str, str]:
        return {"file": str(self._path)}

    def missing_channels(self) -> tuple[int, ...]:
        return ()

    def open(self) -> None:
        try:
            self._open()
        except OSError as error:
            self._file.close()
            raise self._error(error) from error

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        now_ns = time.monotonic_ns()
        silent_s = self._silence_to_continue(now_ns)
        if silent_s is None:
            self._file.create()
            self._begin_ns = self._since_ns or now_ns
            self._save_owner(self._begin_ns)
        else:
            self._file.resume()
            self._begin_ns = now_ns - int(silent_s * 1e9)
        frames = max(0, now_ns - self._begin_ns) // FRAME_NS
        self._begin_ns += frames * FRAME_NS
        self._file.write_silence(frames)

    def _save_owner(self, begin_ns: int) -> None:
        owner = FileOwner(
            path=str(self._path), inode=self._file.inode, parent=os.getppid(), boot=boot_id(), begin_ns=begin_ns
        )
        state.save(self._owner_file, owner, "the writer of the mix's file")

    def _silence_to_continue(self, now_ns: int) -> float | None:
        """Return the seconds since the last sample of a file to continue, or None if a new one is due."""
        try:
            found = self._path.lstat()
            with self._path.open("rb") as file:
                head = file.read(HEADER_BYTES)
        except (FileNotFoundError, IsADirectoryError):
            return None
        owner = state.load(self._owner_file, FileOwner, "the writer of the mix's file")
        same = (str(self._path), found.st_ino, os.getppid(), boot_id())
        if owner is None or (owner.path, owner.inode, owner.parent, owner.boot) != same or not is_ours(head):
            return None
        silent_s = owner.silent_s(found.st_size, now_ns)
        return silent_s if -FRAME_NS / 1e9 <= silent_s < CONTINUE_S else None

    def play(self, render: Render) -> None:
        self._render = render
        self._pacer = Pacer(self._frame)
        self._pacer.start(self._begin_ns)

    def _frame(self, due_ns: int) -> None:
        assert self._render is not None
        if time.monotonic_ns() - due_ns > LATE_FRAMES * FRAME_NS:
            self._file.write_silence(1)
            return
        self._render(self._block, due_ns)
        if self._file.is_full:
            self._file.close()
            self._file.create()
            self._save_owner(due_ns)
        scaled = np.rint(self._block * np.float32(32768))
        self._file.write(np.clip(scaled, -32768, 32767).astype("<i2").tobytes())

    def poll(self) -> SinkError | None:
        fault = self._pacer.fault if self._pacer is not None else None
        if isinstance(fault, OSError):
            return self._error(fault)
        if fault is not None:
            raise fault
        if self._file.was_removed():
            return SinkError(CODE, f"{self._path} was removed while it was written.", _REMOVED)
        return None

    def _error(self, error: OSError) -> SinkError:
        what = error.strerror or str(error)
        remedy = (
            "Check the path ([audio] file), its permissions and the space on its disk. It is retried automatically."
        )
        return SinkError(CODE, f"The mix cannot be written to {self._path}: {what}.", remedy)

    def close(self) -> None:
        if self._pacer is not None:
            self._pacer.stop()
        self._file.close()
