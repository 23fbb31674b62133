"""The writing thread, the only one that waits for the disk."""

from __future__ import annotations

import errno
import threading
import time
from collections import deque
from dataclasses import dataclass

from workers.recorder.files.timeline import Block
from workers.recorder.record.recording_folder import RecordingFolder

QUEUE_BYTES = 64 << 20
"""What may wait for the disk, 40 s of 16 talkers who all talk."""
_BLOCK_BYTES = 256
"""The approximate size of a silent block."""
SYNC_S = 1.0
"""Seconds between two flushes to the disk. A power cut costs this much more than a crash."""
SAVE_S = 5.0
"""Longest interval between writes of `session.json`. After a change it is written within a second."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class DiskFigures:
    """The state of the files when it was last measured."""

    size: int = 0
    free: int = -1
    """-1 if unknown."""
    files: int = 0


class Writer:
    """The writer. `offer` and `finish` never wait."""

    def __init__(self, folder: RecordingFolder, queue_bytes: int = QUEUE_BYTES) -> None:
        self._folder = folder
        self._queue_bytes = queue_bytes
        self._queue: deque[Block] = deque()
        self._waiting_bytes = 0
        self._ready = threading.Condition()
        self._end: tuple[str, int] | None = None
        self._began_s = 0.0
        self._synced_s = 0.0
        self._saved_s = 0.0
        self._thread = threading.Thread(target=self._run, name="write", daemon=True)
        self.figures = DiskFigures()
        self.fault: BaseException | None = None
        """The error that ended the writing before `finish` asked for it."""
        self.done = threading.Event()
        """Set when all that could be finished is finished."""

    def start(self) -> None:
        self._thread.start()

    @property
    def stuck_s(self) -> float:
        """How long the disk has been busy with one operation, 0 while it is idle."""
        began = self._began_s
        return time.monotonic() - began if began else 0.0

    def offer(self, block: Block) -> bool:
        """Queue a block. Return False if the queue is full and the block is lost."""
        size = _bytes(block)
        with self._ready:
            if self._waiting_bytes + size > self._queue_bytes or self.done.is_set():
                return False
            self._queue.append(block)
            self._waiting_bytes += size
            self._ready.notify()
        return True

    def finish(self, reason: str, blocks: int) -> None:
        """Request the end after all queued blocks, with files of `blocks` blocks."""
        with self._ready:
            self._end = (reason, blocks)
            self._ready.notify()

    # --- the thread --------------------------------------------------------------------------------

    def _run(self) -> None:
        reason, blocks = "", 0
        try:
            while True:
                block = self._next()
                self._began_s = time.monotonic()
                if block is not None:
                    self._folder.write(block)
                self._sync_and_save()
                self._began_s = 0.0
                if self._end is not None and not self._queue:
                    reason, blocks = self._end
                    break
        except BaseException as error:  # noqa: BLE001  # the worker reads and reports it
            self.fault, reason = error, describe(error)
        self._finish(reason, blocks)

    def _next(self) -> Block | None:
        with self._ready:
            self._ready.wait_for(lambda: bool(self._queue) or self._end is not None, SYNC_S)
            if not self._queue:
                return None
            block = self._queue.popleft()
            self._waiting_bytes -= _bytes(block)
            return block

    def _sync_and_save(self) -> None:
        now = time.monotonic()
        if now - self._synced_s < SYNC_S:
            return
        self._folder.sync()
        if self._folder.index.take_change() or now - self._saved_s > SAVE_S:
            self._folder.save()
            self._saved_s = now
        self._synced_s = time.monotonic()
        self._measure()

    def _measure(self) -> None:
        tracks = self._folder.tracks
        self.figures = DiskFigures(tracks.size, self._folder.free(), tracks.count)

    def _finish(self, reason: str, blocks: int) -> None:
        try:
            faults = self._folder.finish(reason, blocks)
            if faults and self.fault is None:
                self.fault = faults[0]
            self._measure()
        except BaseException as error:  # noqa: BLE001  # the same
            self.fault = self.fault or error
        finally:
            self._folder.close()
            self._began_s = 0.0
            self.done.set()


def _bytes(block: Block) -> int:
    return _BLOCK_BYTES + sum(sound.nbytes for sound in block.sounds.values())


def is_full(error: BaseException | None) -> bool:
    return isinstance(error, OSError) and error.errno in FULL


def describe(error: BaseException) -> str:
    """Return in plain words why writing ended."""
    if is_full(error):
        return "the disk is full"
    if isinstance(error, OSError):
        return f"the disk could not be written to: {error.strerror or error}"
    return f"an unexpected fault: {type(error).__name__}"
