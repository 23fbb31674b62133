"""A running recording: its files, its two threads and its state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from common.errors import PartylineError
from common.messages import SAMPLE_RATE, Member
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.timeline import Timeline, origin_at, position
from workers.recorder.record.assembler import EVERYBODY, BlockAssembler
from workers.recorder.record.disk_budget import DiskBudget
from workers.recorder.record.recording_folder import RecordingFolder
from workers.recorder.record.recording_states import TABLE, RecordingEvent, RecordingState
from workers.recorder.record.writer import Writer

RESTARTED = "the recorder was restarted"
POLL_S = 0.02
"""Seconds between two checks whether all is written, during a stop."""


@dataclass(frozen=True)
class RecordingSetup:
    """What a recording needs from the worker."""

    run: Path
    budget: DiskBudget
    speech: bool


class RunningRecording:
    """For the event loop's thread. `create` and `resume` use the disk and belong in another one."""

    def __init__(self, folder: RecordingFolder, origin_ns: int, setup: RecordingSetup, closed: int = 0) -> None:
        self.origin_ns = origin_ns
        self.folder = folder.path
        self.budget = setup.budget
        self.index = folder.index
        self.writer = Writer(folder)
        timeline = Timeline(origin_ns, closed)
        self.assembler = BlockAssembler(setup.run, timeline, folder.index, self.writer, speech=setup.speech)
        self.end_reason = ""
        """Why it ended by itself. Empty before, and if the stop was requested."""
        self._state = RecordingState.RECORDING
        self._ended_ns = 0

    @classmethod
    def create(cls, root: Path, name: str, setup: RecordingSetup) -> Self:
        """Create the folder and begin now. Raises `OSError`, or `PartylineError` if the disk is too full."""
        origin_ns = origin_at(time.monotonic_ns())
        folder = RecordingFolder.create(root, name, time.time())
        free, kept = folder.free(), setup.budget.keep_free
        if setup.budget.room(free, 1) == "full":
            folder.discard()
            raise PartylineError(
                f"The disk of {root} has {free / 1e6:.0f} MB free, and {kept / 1e6:.0f} MB have to stay free.",
                "Free some space, or record elsewhere: [recorder] folder.",
                code="recorder.disk-full",
            )
        return cls(folder, origin_ns, setup)

    @classmethod
    def resume(cls, path: Path, origin_ns: int, setup: RecordingSetup) -> Self:
        """Continue a recording that began at `origin_ns`. The time between is silence and recorded as a gap."""
        folder = RecordingFolder.resume(path)
        closed = max(folder.blocks, position(time.monotonic_ns(), origin_ns) // BLOCK)
        folder.index.record_gap(EVERYBODY, folder.seconds, closed * BLOCK / SAMPLE_RATE, RESTARTED)
        return cls(folder, origin_ns, setup, closed)

    def start(self) -> None:
        self.writer.start()
        self.assembler.start()

    # --- events ------------------------------------------------------------------------------------

    def record_mark(self, text: str) -> None:
        self.index.record_mark(self.seconds(), time.time(), text)

    def record_party(self, name: str, members: Sequence[Member]) -> None:
        self.index.record_party(name, list(members), max(0.0, self.seconds()))

    async def stop(self, reason: str = "") -> None:
        """End it now. Returns when all is on the disk, or when the receiving thread has failed."""
        if not self._ended_ns:
            self._ended_ns = time.monotonic_ns()
            self.end_reason = reason
            self._on(RecordingEvent.STOP_REQUESTED)
            self.assembler.finish(self._ended_ns, reason)
        while self.poll() is RecordingState.FINISHING:  # noqa: ASYNC110  # the writing thread ends it
            await asyncio.sleep(POLL_S)

    def poll(self) -> RecordingState:
        """Take in what the threads have done, and return the state."""
        if self.assembler.fault is not None:
            self._on(RecordingEvent.RECEIVE_FAILED)
        elif self.writer.fault is not None:
            self._on(RecordingEvent.WRITE_FAILED)
        if self.writer.done.is_set():
            self._on(RecordingEvent.WRITTEN)
        return self._state

    def _on(self, event: RecordingEvent) -> None:
        self._state = TABLE.get((self._state, event), self._state)

    # --- status --------------------------------------------------------------------------------------

    def seconds(self) -> float:
        """Return the length so far."""
        return (position(self._ended_ns or time.monotonic_ns(), self.origin_ns)) / SAMPLE_RATE

    @property
    def lost_s(self) -> float:
        """Seconds of sound that were lost because the disk was too slow."""
        return self.assembler.lost_blocks * BLOCK / SAMPLE_RATE
