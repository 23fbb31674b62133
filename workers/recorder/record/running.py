"""A running recording: its files, its two threads and its published state."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from common.errors import PartylineError
from common.messages import SAMPLE_RATE, Member, Recording
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.timeline import Timeline, position
from workers.recorder.record.assembler import EVERYBODY, BlockAssembler
from workers.recorder.record.disk_budget import DiskBudget
from workers.recorder.record.recording_folder import RecordingFolder
from workers.recorder.record.writer import Writer

RESTARTED = "the recorder was restarted"
WAITS = "its end waits for the disk"
POLL_S = 0.02
MIX_DUE_S = 3.0


@dataclass(frozen=True)
class RecordingSetup:
    """What a recording needs from the worker."""

    run: Path
    budget: DiskBudget
    speech: bool


class RunningRecording:
    """A running recording, for the event loop's thread. `begin` and `resume` use the disk and belong in another one."""

    def __init__(self, take: RecordingFolder, origin_ns: int, around: RecordingSetup, closed: int = 0) -> None:
        self.origin_ns = origin_ns
        self.folder = take.folder
        self.budget = around.budget
        self.index: RecordingIndex = take.index
        self.writer = Writer(take)
        timeline = Timeline(origin_ns, closed)
        self.assembler = BlockAssembler(around.run, timeline, take.index, self.writer, speech=around.speech)
        self._ended_ns = 0
        self.why = ""
        """Why it ended. Empty before, and if it was asked for."""

    @classmethod
    def begin(cls, root: Path, name: str, around: RecordingSetup) -> Self:
        """Create the folder and begin now. Raises `OSError`, or `PartylineError` if the disk is too full."""
        origin_ns = time.monotonic_ns()
        take = RecordingFolder.begin(root, name, time.time())
        free, kept = take.free(), around.budget.keep_free
        if around.budget.room(free, 1) == "full":
            take.discard()
            raise PartylineError(
                f"Only {free / 1e6:.0f} MB are free on the disk of {root}, and {kept / 1e6:.0f} MB are to stay free.",
                "Free some space, or record elsewhere: [recorder] folder.",
                code="recorder.disk-full",
            )
        return cls(take, origin_ns, around)

    @classmethod
    def resume(cls, folder: Path, origin_ns: int, around: RecordingSetup) -> Self:
        """Continue a recording that began at `origin_ns`. The time between is silence and recorded as a gap."""
        take = RecordingFolder.resume(folder)
        closed = max(take.blocks, position(time.monotonic_ns(), origin_ns) // BLOCK)
        take.index.gap(EVERYBODY, take.seconds, closed * BLOCK / SAMPLE_RATE, RESTARTED)
        return cls(take, origin_ns, around, closed)

    def start(self) -> None:
        self.writer.start()
        self.assembler.start()

    # --- events ------------------------------------------------------------------------------------

    def seconds(self) -> float:
        """Return the length so far."""
        return (position(self._ended_ns or time.monotonic_ns(), self.origin_ns)) / SAMPLE_RATE

    def mark(self, text: str) -> None:
        self.index.mark(self.seconds(), time.time(), text)

    def party(self, name: str, members: Sequence[Member]) -> None:
        self.index.party(name, list(members), max(0.0, self.seconds()))

    async def stop(self, why: str = "") -> None:
        """End it now. Returns when all is on the disk."""
        if not self._ended_ns:
            self._ended_ns = time.monotonic_ns()
            self.why = why
            self.assembler.finish(self._ended_ns, why)
        while not self.writer.done.is_set() and self.assembler.fault is None:  # noqa: ASYNC110  # set by threads
            await asyncio.sleep(POLL_S)

    @property
    def ended(self) -> bool:
        """Whether it takes no more sound."""
        return bool(self._ended_ns)

    @property
    def waits_for_the_disk(self) -> bool:
        """Whether it has ended and the disk has not taken all of it yet."""
        return bool(self._ended_ns) and not self.writer.done.is_set()

    # --- status --------------------------------------------------------------------------------------

    @property
    def lost_s(self) -> float:
        """Seconds of sound that were lost because the disk was too slow."""
        return self.assembler.lost_blocks * BLOCK / SAMPLE_RATE

    def recording(self) -> Recording:
        figures = self.writer.figures
        return Recording(
            state="stopped" if self._ended_ns else "recording",
            folder=str(self.folder),
            started_at=self.index.started_at,
            seconds=round(max(0.0, self.seconds()), 3),
            size_bytes=figures.size,
            free_bytes=max(0, figures.free),
            marks=self.index.marks,
            talkers=self.index.recorded(),
            detail=self._detail(),
        )

    def _detail(self) -> str:
        if self.waits_for_the_disk:
            return WAITS
        return "" if self.index.mix or self.seconds() < MIX_DUE_S else "no mix is recorded: audio gives none"
