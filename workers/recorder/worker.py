"""The recorder worker: a FLAC file per talker, the mix, and an index of who spoke when."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import ClassVar

import msgspec

from common.config.tables import Settings
from common.errors import PartylineError
from common.files import state
from common.files.paths import Paths
from common.messages import PartyState, Recording
from common.requests import MarkRecording, StartRecording, StopRecording
from common.run.worker import Worker
from workers.recorder import memory
from workers.recorder.record.disk_budget import DiskBudget
from workers.recorder.record.running import RecordingSetup, RunningRecording
from workers.recorder.record.writer import describe, is_full
from workers.recorder.repair import repair

TELL_S = 1.0
STUCK_S = 5.0
STOP_S = 4.0
FINISH_S = 10.0
"""How long a requested stop waits for the disk. The rest is finished in the background."""
STOPPED = "the recorder was stopped"
ROOM = "The disk has no room for a recording any more"


class Recorder(Worker):
    name: ClassVar[str] = "recorder"
    niceness: ClassVar[int] = 5

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._note = paths.state / "recorder.json"
        self._root = (
            paths.home / Path(settings.recorder.folder).expanduser() if settings.recorder.folder else paths.recordings
        )
        self._tape: RunningRecording | None = None
        self._party = PartyState(phase="none")
        self._shown = Recording(state="idle")
        self._changing = asyncio.Lock()

    async def run(self) -> None:
        async with self._changing:
            await self._take_up()
        self.bus.serve(StartRecording, self._start)
        self.bus.serve(StopRecording, self._stop)
        self.bus.serve(MarkRecording, self._mark)
        self.spawn(self._listen(), "bus")
        self._tell()
        while not self.stopping.is_set():
            await asyncio.sleep(TELL_S)
            if self._tape is not None:
                await self._look(self._tape)

    async def stop(self) -> None:
        if self._tape is not None:
            tape = self._tape
            async with asyncio.timeout(STOP_S):
                await tape.stop(STOPPED)
            if tape.writer.done.is_set() and tape.writer.fault is None:
                self._remember(tape, finished=True)
            self._shown = msgspec.structs.replace(tape.recording(), state="stopped", detail=STOPPED)
            self.bus.publish(self._shown)

    # --- after a restart -----------------------------------------------------------------------------

    async def _take_up(self) -> None:
        """Resume or finish the recording of an earlier run."""
        left = memory.load(self._note)
        if left is None:
            return
        folder = Path(left.folder)
        try:
            if left.is_resumable(time.time(), time.monotonic_ns()):
                tape = await asyncio.to_thread(RunningRecording.resume, folder, left.origin_ns, self._around())
                self._run_tape(tape)
                self.publish_problem(
                    "recorder.resumed",
                    "The recorder was restarted in the midst of a recording; it goes on in the same files.",
                    "What was said meanwhile is missing, as silence; session.json tells where.",
                    severity="note",
                    new_occurrence=True,
                )
            elif not left.finished:
                self.spawn(self._finish_old(folder), "repair")
            else:
                state.drop(self._note)
        except (PartylineError, OSError, ValueError, msgspec.DecodeError) as error:
            self._cannot_go_on(folder, error)

    def _cannot_go_on(self, folder: Path, error: Exception) -> None:
        self.publish_problem(
            "recorder.unfinished",
            f"The recording in {folder} broke off, and could not be finished: {error}.",
            f"Its files can be played as they are. Try: `partyline record repair {folder}`.",
            severity="warning",
            new_occurrence=True,
        )
        state.drop(self._note)

    async def _finish_old(self, folder: Path) -> None:
        try:
            report = await asyncio.to_thread(repair, folder)
        except PartylineError as error:
            self._cannot_go_on(folder, error)
            return
        state.drop(self._note)
        self.publish_problem(
            "recorder.repaired",
            f"The last recording broke off after {report.seconds:.0f} s; it is finished now.",
            f"It is in {folder}.",
            severity="note",
            new_occurrence=True,
        )

    # --- requests --------------------------------------------------------------------------------------

    async def _start(self, request: StartRecording) -> Recording:
        async with self._changing:
            if self._tape is not None:
                raise PartylineError(
                    f"A recording runs already, in {self._tape.folder}.",
                    "Stop it first: `partyline record stop`.",
                    code="recorder.running",
                )
            try:
                tape = await asyncio.to_thread(RunningRecording.begin, self._root, request.name, self._around())
            except OSError as error:
                why = "it is no folder" if isinstance(error, (FileExistsError, NotADirectoryError)) else error.strerror
                raise PartylineError(
                    f"No recording can be made in {self._root}: {why or error}.",
                    "Check that folder ([recorder] folder), its permissions and the space on its disk.",
                    code="recorder.folder",
                ) from error
            for code in ("disk-full", "disk-fault", "disk-low", "disk-slow", "resumed", "repaired", "unfinished"):
                self.clear_problem(f"recorder.{code}")
            self._run_tape(tape)
            self._tell()
            return self._shown

    def _run_tape(self, tape: RunningRecording) -> None:
        tape.start()
        self._tape = tape  # only after a successful start
        self._remember(tape)
        self._tell_party()
        self.log.info("recording", folder=str(tape.folder))
        self.set_health("running", "recording")

    async def _stop(self, _: StopRecording) -> Recording:
        async with self._changing:
            tape = self._running()
            await self._end(tape, "")
            return self._shown

    async def _mark(self, request: MarkRecording) -> Recording:
        self._running().mark(request.text)
        self._tell()
        return self._shown

    def _running(self) -> RunningRecording:
        if self._tape is None:
            raise PartylineError(
                "Nothing is being recorded.", "Begin with `partyline record start`.", code="recorder.idle"
            )
        return self._tape

    async def _end(self, tape: RunningRecording, why: str) -> None:
        """End a recording by request, or by itself because of `why`."""
        try:
            async with asyncio.timeout(FINISH_S):
                await tape.stop(why)
        except TimeoutError:
            raise PartylineError(
                "The recording is ended, but the disk does not take the rest of it.",
                "It is finished by itself as soon as the disk goes on; see what holds that disk up.",
                code="recorder.disk-slow",
            ) from None
        if (fault := tape.assembler.fault) is not None:
            raise fault  # the next run resumes it
        self._tape = None
        self._shown = msgspec.structs.replace(
            tape.recording(), state="stopped" if why else "idle", detail=why[:1].upper() + why[1:]
        )
        state.drop(self._note)
        for code in ("recorder.disk-low", "recorder.disk-slow", "recorder.resumed"):
            self.clear_problem(code)
        self._tell_fault(tape)
        self.log.info("recorded", folder=str(tape.folder), seconds=self._shown.seconds, why=why)
        self._tell()

    def _remember(self, tape: RunningRecording, *, finished: bool = False) -> None:
        memory.save(self._note, tape.folder, tape.origin_ns, finished=finished)

    # --- watch and publish -----------------------------------------------------------------------------

    async def _listen(self) -> None:
        async for received in self.bus.subscribe(PartyState):
            if isinstance(received.message, PartyState):
                self._party = received.message
                self._tell_party()

    def _tell_party(self) -> None:
        party = self._party
        if self._tape is None or party.phase in ("joining", "leaving"):
            return
        members = [member for member in party.members if not member.is_me and member.peer != party.me]
        self._tape.party(party.name, members if party.phase == "joined" else [])

    async def _look(self, tape: RunningRecording) -> None:
        """Check the recording. Called once a second."""
        if tape.assembler.fault is not None:
            raise tape.assembler.fault
        async with self._changing:
            why = self._why_it_ends(tape) if tape is self._tape else None
            if why is not None:
                try:
                    await self._end(tape, why)
                except PartylineError as error:  # the disk does not accept the end yet
                    self.publish_error(error)
        self._tell()

    def _why_it_ends(self, tape: RunningRecording) -> str | None:
        """Return why to finish the recording now, empty if that was requested, or None if it continues."""
        if tape.waits_for_the_disk:
            return None
        if tape.ended:
            return tape.why
        if tape.writer.fault is not None:
            return describe(tape.writer.fault)
        return "the disk is nearly full" if self._is_full(tape) else None

    def _is_full(self, tape: RunningRecording) -> bool:
        """Check the disk space and speed, and return whether to stop."""
        figures = tape.writer.figures
        if figures.free < 0:
            return False
        tape.budget.note(time.monotonic(), figures.size)
        room = tape.budget.room(figures.free, figures.files)
        if room == "full":
            self.publish_problem(
                "recorder.disk-full", f"{ROOM}: the recording was ended in good order.", _free_space(tape)
            )
            return True
        if room == "low":
            minutes = tape.budget.minutes_left(figures.free, figures.files)
            per_min = tape.budget.bytes_per_min(figures.files)
            self.publish_problem(
                "recorder.disk-low",
                f"The disk will do for about {minutes:.0f} more minutes of recording (at {per_min / 1e6:.0f} MB each).",
                _free_space(tape),
                severity="warning",
            )
        else:
            self.clear_problem("recorder.disk-low")
        self._watch_speed(tape)
        return False

    def _watch_speed(self, tape: RunningRecording) -> None:
        if tape.writer.stuck_s > STUCK_S or tape.lost_s:
            lost = f"; {tape.lost_s:.0f} s are lost so far, and are silence" if tape.lost_s else "; nothing is lost yet"
            self.publish_problem(
                "recorder.disk-slow",
                f"The disk does not keep up with the recording{lost}.",
                "See what else uses that disk, or record elsewhere: [recorder] folder. What you hear is not concerned.",
                severity="warning",
            )
        else:
            self.clear_problem("recorder.disk-slow")

    def _tell_fault(self, tape: RunningRecording) -> None:
        fault = tape.writer.fault
        if is_full(fault):
            self.publish_problem(
                "recorder.disk-full",
                f"{ROOM}: the recording ended. All until then is kept.",
                _free_space(tape),
                new_occurrence=True,
            )
        elif fault is not None:
            self.log.error("writing failed", exc_info=fault)
            self.publish_problem(
                "recorder.disk-fault",
                f"The recording ended: {describe(fault)}.",
                f"Check the disk; then `partyline record repair {tape.folder}` finishes what there is.",
                new_occurrence=True,
            )

    def _tell(self) -> None:
        if self._tape is not None:
            self._shown = self._tape.recording()
            self.set_health("running", "recording")
        else:
            self.set_health("running", "idle")
        self.bus.publish(self._shown)

    # --- settings --------------------------------------------------------------------------------------

    def _around(self) -> RecordingSetup:
        wanted = self.settings.recorder
        budget = DiskBudget(wanted.keep_free_mb * 1_000_000, wanted.warn_minutes)
        return RecordingSetup(self.paths.run, budget, speech=wanted.speech_labels)


def _free_space(tape: RunningRecording) -> str:
    return f"Free space on the disk of {tape.folder.parent}, or record elsewhere: [recorder] folder."
