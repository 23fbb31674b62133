"""The control of the one recording: it is started, resumed, watched and ended here."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from common.errors import PartylineError
from common.files import state as state_file
from common.messages import PartyState, Recording
from common.run.worker import Worker
from workers.recorder import memory
from workers.recorder.actions import Action, ClearProblem, RaiseProblem
from workers.recorder.disk_watch import FAULT, FULL, LOW, NEARLY_FULL, SLOW, check_fault, check_room, check_speed
from workers.recorder.files.attendance import present_members
from workers.recorder.record.disk_budget import DiskBudget
from workers.recorder.record.recording_states import RecordingState
from workers.recorder.record.running import RecordingSetup, RunningRecording
from workers.recorder.record.writer import describe
from workers.recorder.state import IDLE, ended_state, running_state

SLEPT = "recorder.slept"
FINISH_S = 10.0
"""How long a requested stop waits for the disk. The rest is finished in the background."""


class RecordingControl:
    def __init__(self, worker: Worker, root: Path, memory_file: Path) -> None:
        self._worker = worker
        self._root = root
        self._memory_file = memory_file
        self._party = PartyState(phase="none")
        self._shown = IDLE
        self.running: RunningRecording | None = None
        self.changing = asyncio.Lock()
        """Held while a recording is started or ended."""
        self._saved_s = 0.0

    # --- start and end -----------------------------------------------------------------------------

    async def start(self, name: str) -> None:
        """Start a recording. Raises `PartylineError` if one is running, or if its folder cannot be created."""
        if self.running is not None:
            raise PartylineError(
                f"A recording is running already, in {self.running.folder}.",
                "Stop it first: `partyline record stop`.",
                code="recorder.running",
            )
        try:
            made = await asyncio.to_thread(RunningRecording.create, self._root, name, _setup(self._worker))
        except OSError as error:
            reason = "it is no folder" if isinstance(error, (FileExistsError, NotADirectoryError)) else error.strerror
            raise PartylineError(
                f"No recording can be created in {self._root}: {reason or error}.",
                "Check that folder ([recorder] folder), its permissions and the space on its disk.",
                code="recorder.folder",
            ) from error
        for code in (FULL, FAULT, LOW, SLOW, "recorder.resumed", "recorder.repaired", "recorder.unfinished", SLEPT):
            self._worker.clear_problem(code)
        self._adopt(made)

    async def resume(self, folder: Path, origin_ns: int) -> None:
        """Continue the recording of an earlier run. Raises like `RunningRecording.resume`."""
        self._adopt(await asyncio.to_thread(RunningRecording.resume, folder, origin_ns, _setup(self._worker)))

    def _adopt(self, recording: RunningRecording) -> None:
        recording.start()
        self.running = recording  # only after a successful start
        self.save(is_finished=False)
        self._record_party()
        self._worker.log.info("recording", folder=str(recording.folder))
        self._worker.set_health("running", "recording")

    def current(self) -> RunningRecording:
        """Return the running recording. Raises `PartylineError` if there is none."""
        if self.running is None:
            raise PartylineError(
                "Nothing is being recorded.", "Start with `partyline record start`.", code="recorder.idle"
            )
        return self.running

    async def end(self, recording: RunningRecording, reason: str = "") -> Recording:
        """End a recording by request, or by itself because of `reason`."""
        try:
            async with asyncio.timeout(FINISH_S):
                await recording.stop(reason)
        except TimeoutError:
            raise PartylineError(
                "The recording is ended, but the disk does not take the rest of it.",
                "It is finished automatically once the disk responds. Check what blocks that disk.",
                code=SLOW,
            ) from None
        if (fault := recording.assembler.fault) is not None:
            raise fault  # the next run resumes it
        self.running = None
        self._shown = ended_state(recording, reason)
        state_file.drop(self._memory_file)
        for code in (LOW, SLOW, "recorder.resumed", SLEPT):
            self._worker.clear_problem(code)
        if recording.writer.fault is not None:
            self._worker.log.error("writing failed", exc_info=recording.writer.fault)
        self._do(check_fault(recording.writer.fault, recording.folder))
        self._worker.log.info("recorded", folder=str(recording.folder), seconds=self._shown.seconds, reason=reason)
        return self.publish()

    async def shut_down(self, reason: str, within_s: float) -> None:
        """End the recording because the process ends. The next run may resume it."""
        recording = self.running
        if recording is None:
            return
        async with asyncio.timeout(within_s):
            await recording.stop(reason)
        if recording.writer.done.is_set() and recording.writer.fault is None:
            self.save(is_finished=True)
        self.running = None
        self._shown = ended_state(recording, reason)
        self._worker.bus.publish(self._shown)

    def save(self, *, is_finished: bool) -> None:
        """Save the running recording for the next run."""
        recording = self.current()
        self._saved_s = time.monotonic()
        memory.save(self._memory_file, recording.folder, recording.origin_ns, finished=is_finished)

    # --- watch -------------------------------------------------------------------------------------

    async def poll(self) -> None:
        """Check the recording. Called once a second."""
        recording = self.running
        if recording is None:
            return
        if recording.assembler.fault is not None:
            raise recording.assembler.fault
        async with self.changing:
            reason = self._end_reason(recording) if recording is self.running else None
            if reason is not None:
                try:
                    await self.end(recording, reason)
                except PartylineError as error:  # the disk does not accept the end yet
                    self._worker.publish_error(error)
        due = time.monotonic() - self._saved_s >= memory.SAVE_S
        if due and recording is self.running and recording.poll() is RecordingState.RECORDING:
            self.save(is_finished=False)
        self.publish()

    def _end_reason(self, recording: RunningRecording) -> str | None:
        """Return why to finish the recording now, empty if that was requested, or None if it continues."""
        match recording.poll():
            case RecordingState.FINISHING | RecordingState.CRASHED:
                return None
            case RecordingState.FINISHED:
                return recording.end_reason
            case RecordingState.FAILED:
                fault = recording.writer.fault
                return describe(fault) if fault is not None else ""
            case RecordingState.RECORDING:
                return NEARLY_FULL if self._is_full(recording) else None

    def _is_full(self, recording: RunningRecording) -> bool:
        writer = recording.writer
        room = check_room(recording.budget, writer.figures, time.monotonic(), recording.folder)
        self._do(room)
        if isinstance(room, RaiseProblem) and room.code == FULL:
            return True
        if room is not None:
            self._do(check_speed(writer.stuck_s, recording.lost_s))
        return False

    def _do(self, action: Action | None) -> None:
        match action:
            case RaiseProblem(code, message, remedy, severity, new_occurrence):
                self._worker.publish_problem(code, message, remedy, severity=severity, new_occurrence=new_occurrence)
            case ClearProblem(code):
                self._worker.clear_problem(code)

    # --- party and publishing ----------------------------------------------------------------------

    def on_party(self, party: PartyState) -> None:
        self._party = party
        self._record_party()

    def _record_party(self) -> None:
        members = present_members(self._party)
        if self.running is not None and members is not None:
            self.running.record_party(self._party.name, members)

    def publish(self) -> Recording:
        """Publish the state, and return it."""
        if self.running is not None:
            self._shown = running_state(self.running)
        self._worker.awake.want(self.running is not None)
        self._worker.set_health("running", "idle" if self.running is None else "recording")
        self._worker.bus.publish(self._shown)
        return self._shown


def _setup(worker: Worker) -> RecordingSetup:
    configured = worker.settings.recorder
    budget = DiskBudget(configured.keep_free_mb * 1_000_000, configured.warn_minutes)
    return RecordingSetup(worker.paths.run, budget, speech=configured.speech_labels)
