"""The recorder worker: a FLAC file per talker, the mix, and an index of who spoke when."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import ClassVar

import msgspec

from common.basic.clock import Moment
from common.config.tables import Settings
from common.errors import PartylineError
from common.files import state as state_file
from common.files.paths import Paths
from common.messages import PartyState
from common.run.wake import Wake
from common.run.worker import Worker
from workers.recorder import memory
from workers.recorder.clip.clip_control import ClipControl
from workers.recorder.library.library_control import LibraryControl
from workers.recorder.library.recording_library import RecordingLibrary, recordings_root
from workers.recorder.recording_control import SLEPT, RecordingControl
from workers.recorder.repair import repair
from workers.recorder.requests import RecordingRequests

PUBLISH_S = 1.0
"""Seconds between two checks of the recording, each of which publishes its state."""
STOP_S = 3.5
HELD_S = 1.0
"""Limits for the end of a recording, and for clips that wait for the disk. A worker has 5 s for its stop."""
STOPPED = "the recorder was stopped"


class Recorder(Worker):
    name: ClassVar[str] = "recorder"
    niceness: ClassVar[int] = 5

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._memory_file = paths.state / "recorder.json"
        root = recordings_root(paths, settings)
        self._control = RecordingControl(self, root, self._memory_file)
        self._library = LibraryControl(self, RecordingLibrary(root))
        self._clips = ClipControl(self, root, paths.state / "clip.json", self._library.on_change)
        self._requests = RecordingRequests(self._control, self._clips, self._library)

    async def setup(self) -> None:
        async with self._control.changing:
            await self._resume_or_repair()
        self._clips.setup()
        self._requests.serve(self.bus)
        self.spawn(self._watch_party(), "party")
        self.spawn(self._library.watch(), "recordings")
        self.spawn(self._finish_clips(), "finish clips")
        self._control.publish()

    async def run(self) -> None:
        while not self.stopping.is_set():
            await asyncio.sleep(PUBLISH_S)
            if not self.stopping.is_set():  # a stop leaves the recording for the next run to resume
                await self._control.poll()
                self._clips.poll()

    def on_wake(self, wake: Wake) -> None:
        """Mark a sleep of this machine in the recording. Its files go on where they were, without that time."""
        if not wake.slept:
            return
        text = f"the computer slept here for {wake.away_s:.0f} s"
        self._clips.on_slept(wake.away_s, text)
        if self._control.running is None:
            return
        self._control.running.record_mark(text)
        minutes = max(1, round(wake.away_s / 60))
        self.publish_problem(
            SLEPT,
            f"The computer slept during the recording (about {minutes} min). That time is not in the files.",
            "session.json and labels.txt mark the place. Keep the computer awake while you record.",
            severity="note",
            new_occurrence=True,
        )

    async def stop(self) -> None:
        await self._control.shut_down(STOPPED, STOP_S)
        await self._clips.shut_down(HELD_S)

    async def _watch_party(self) -> None:
        async for received in self.bus.subscribe(PartyState):
            if isinstance(received.message, PartyState):
                self._control.on_party(received.message)
                self._clips.on_party(received.message)

    async def _finish_clips(self) -> None:
        """Remove what a killed run left of clips, and make the copies that it had not made."""
        await asyncio.to_thread(self._clips.remove_parts)
        for folder in await asyncio.to_thread(self._library.unfinished_clips):
            await self._clips.finish(folder)

    # --- after a restart ---------------------------------------------------------------------------

    async def _resume_or_repair(self) -> None:
        """Resume or finish the recording of an earlier run."""
        left = memory.load(self._memory_file)
        if left is None:
            return
        folder = Path(left.folder)
        try:
            if left.is_resumable(Moment.now(), time.monotonic_ns()):
                await self._control.resume(folder, left.origin_ns)
                self.publish_problem(
                    "recorder.resumed",
                    "The recorder was restarted during a recording, which continues in the same files.",
                    "The sound in between is missing, as silence. session.json names the gap.",
                    severity="note",
                    new_occurrence=True,
                )
            elif not left.finished:
                self.spawn(self._repair_old(folder), "repair")
            else:
                state_file.drop(self._memory_file)
        except (PartylineError, OSError, ValueError, msgspec.DecodeError) as error:
            self._publish_unfinished(folder, error)

    async def _repair_old(self, folder: Path) -> None:
        try:
            report = await asyncio.to_thread(repair, folder)
        except PartylineError as error:
            self._publish_unfinished(folder, error)
            return
        state_file.drop(self._memory_file)
        self.publish_problem(
            "recorder.repaired",
            f"The last recording was interrupted after {report.seconds:.0f} s. It is finished now.",
            f"It is in {folder}.",
            severity="note",
            new_occurrence=True,
        )

    def _publish_unfinished(self, folder: Path, error: Exception) -> None:
        self.publish_problem(
            "recorder.unfinished",
            f"The recording in {folder} was interrupted, and could not be finished: {error}.",
            f"Its files can be played as they are. Try: `partyline record repair {folder}`.",
            severity="warning",
            new_occurrence=True,
        )
        state_file.drop(self._memory_file)
