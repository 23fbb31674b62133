"""The control of the clip memory: it is switched on and off, cut, and its clips are brought to the disk here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from common.basic.threads import in_thread, started
from common.errors import PartylineError
from common.messages import ClipState, PartyState
from common.requests import SavedClip
from common.run.worker import Worker
from workers.recorder.clip import clip_choice
from workers.recorder.clip.clip_folder import remove_parts, write_clip
from workers.recorder.clip.clip_keeper import ClipKeeper
from workers.recorder.clip.clip_memory import ClipCut
from workers.recorder.clip.held_clips import HeldClip, HeldClips
from workers.recorder.files.attendance import present_members
from workers.recorder.repair import repair

CUT_S = 5.0
"""Limit of the wait for the last frames, which takes 0.6 s."""
WRITE_S = 20.0
"""Limit of the wait for the disk. The clip is written all the same once the disk goes on."""
FINISH_S = 600.0
"""Limit of making the copies of one clip. 300 s of 16 talkers take some seconds."""
FAULT = "recorder.clip-fault"
UNSAVED = "recorder.clip-unsaved"
SAVED_LATE = "recorder.clip-saved"
UNFINISHED = "recorder.clip-unfinished"


class ClipControl:
    def __init__(self, worker: Worker, root: Path, choice_file: Path, on_saved: Callable[[Path], None]) -> None:
        """`on_saved` is told of each clip's folder, when it is there and again when its copies are."""
        self._worker = worker
        self._root = root
        self._choice_file = choice_file
        self._on_saved = on_saved
        self._party = PartyState(phase="none")
        self._keeper: ClipKeeper | None = None
        self._held = HeldClips()
        self._writing = asyncio.Lock()
        self._finishing = asyncio.Lock()
        """Each held for one clip at a time. The next one is written while the copies of the last are made."""
        self._last = ""
        self._shown: ClipState | None = None

    def setup(self) -> None:
        """Go on with what was chosen."""
        self._start(clip_choice.load(self._choice_file, self._worker.settings.clip.seconds))
        self.publish()

    def remove_parts(self) -> None:
        """Remove what a killed run left of clips that were not complete. It may wait for the disk."""
        for name in remove_parts(self._root):
            self._worker.log.warning("removed a clip that was not complete", folder=name)

    def keep(self, seconds: int) -> ClipState:
        """Keep the last `seconds` from now on, 0 for nothing. Raises `PartylineError` for a length too short."""
        clip_choice.save(self._choice_file, seconds)
        if self._keeper is not None and seconds:
            self._keeper.resize(seconds)
        else:
            self._start(seconds)
        self._worker.log.info("clip memory", seconds=seconds)
        return self.publish()

    def _start(self, seconds: int) -> None:
        if self._keeper is not None:
            self._keeper.stop()
        self._worker.clear_problem(FAULT)
        self._keeper = ClipKeeper(self._worker.paths.run, seconds) if seconds else None
        if self._keeper is not None:
            self._keeper.start()
            self.on_party(self._party)

    async def shut_down(self, within_s: float) -> None:
        """Try once more to save what the disk did not take. What is in memory is gone after it."""
        if self._keeper is not None:
            self._keeper.stop()
        if len(self._held):
            try:
                async with asyncio.timeout(within_s):
                    await self._try_held()
            except TimeoutError:
                self._worker.log.exception("clips are lost that the disk did not take", count=len(self._held))

    # --- save --------------------------------------------------------------------------------------

    async def save(self, seconds: int) -> SavedClip:
        """Save the last `seconds`, 0 for all. Raises `PartylineError` if there is nothing, or if the disk is full."""
        if self._keeper is None:
            raise _off()
        ended_at = time.time()
        cut = await _cut(self._keeper, seconds)
        if not cut.blocks:
            raise _silent(cut)
        writing = self._worker.spawn(self._write(HeldClip(cut, ended_at)), "write a clip")
        await asyncio.wait({writing}, timeout=WRITE_S)
        if not writing.done():
            raise _slow()
        saved: SavedClip | PartylineError = writing.result()
        if isinstance(saved, PartylineError):
            raise saved
        return saved

    async def _write(self, held: HeldClip) -> SavedClip | PartylineError:
        """Write a clip, however long that takes, or hold it if the disk refuses it."""
        keep_free = self._worker.settings.recorder.keep_free_mb * 1_000_000
        async with self._writing:
            try:
                job = partial(write_clip, self._root, held.cut, held.ended_at, keep_free)
                saved = await started(job, name="write a clip")
            except OSError as error:
                self._held.add(held)
                problem = self._held.problem(self._root, error)
                self._worker.publish_error(problem)
                self.publish()
                return problem
        self._held.done(held)
        self._last = saved.folder
        self._worker.log.info("clip saved", folder=saved.folder, seconds=saved.seconds, talkers=saved.talkers)
        self._on_saved(Path(saved.folder))
        self._worker.spawn(self.finish(Path(saved.folder)), "finish a clip")
        self.publish()
        return saved

    async def finish(self, folder: Path) -> None:
        """Make the copies of a clip and the checksums of its files. The next run does it if this one is killed."""
        job = partial(repair, folder, video=self._worker.settings.clip.video)
        async with self._finishing:
            try:
                await in_thread(job, name="finish a clip", wait_s=FINISH_S)
            except (PartylineError, TimeoutError) as error:
                self._worker.publish_error(_unfinished(folder, error), severity="note", new_occurrence=True)
                return
        self._worker.clear_problem(UNFINISHED)
        self._on_saved(folder)

    # --- watch -------------------------------------------------------------------------------------

    def poll(self) -> None:
        """Check the memory and the clips that wait for the disk. Called once a second."""
        keeper = self._keeper
        if keeper is not None and keeper.fault is not None:
            self._keeper = None
            self._worker.log.error("the clip memory failed", exc_info=keeper.fault)
            self._worker.publish_problem(
                FAULT,
                f"The last seconds are no longer kept in memory: {keeper.fault}.",
                f"Switch it on again: `partyline clip --keep {keeper.seconds}`. See `partyline logs recorder`.",
                new_occurrence=True,
            )
        if not self._writing.locked() and self._held.is_due(time.monotonic()):
            self._worker.spawn(self._try_held(), "write a clip again")
        self.publish()

    async def _try_held(self) -> None:
        while (held := self._held.oldest) is not None:
            saved = await self._write(held)
            if isinstance(saved, PartylineError):
                return
            self._worker.publish_problem(
                SAVED_LATE,
                f"The clip that the disk did not take is saved now, in {saved.folder}.",
                "Nothing is left to do.",
                severity="note",
                new_occurrence=True,
            )
        self._worker.clear_problem(UNSAVED)

    def on_party(self, party: PartyState) -> None:
        self._party = party
        members = present_members(party)
        if self._keeper is not None and members is not None:
            self._keeper.record_party(party.name, members)

    def on_slept(self, away_s: float, text: str) -> None:
        if self._keeper is not None:
            self._keeper.record_mark(text, away_s)

    def publish(self) -> ClipState:
        """Publish the state, if it changed, and return it."""
        keeper = self._keeper
        shown = ClipState(
            seconds=keeper.seconds if keeper else 0,
            kept_s=round(keeper.kept_s / 5) * 5.0 if keeper else 0.0,
            memory_bytes=round(keeper.size, -6) if keeper else 0,
            waiting=len(self._held),
            folder=self._last,
        )
        if shown != self._shown:
            self._shown = shown
            self._worker.bus.publish(shown)
        return shown


def _slow() -> PartylineError:
    return PartylineError(
        "The disk does not take the clip at the moment.",
        "It is written once the disk goes on. Check what blocks it.",
        code="recorder.disk-slow",
    )


def _unfinished(folder: Path, error: PartylineError | TimeoutError) -> PartylineError:
    what = error.message if isinstance(error, PartylineError) else "It takes too long."
    return PartylineError(
        f"The clip in {folder} has no copy to share. {what}",
        f"Its FLAC files are whole. Try: `partyline record repair {folder}`.",
        code=UNFINISHED,
    )


def _off() -> PartylineError:
    return PartylineError(
        "Nothing is kept in memory, so there is no clip to save.",
        "Keep the last 30 s from now on: `partyline clip --keep 30`. Tell everybody in the party.",
        code="recorder.clip-off",
    )


def _silent(cut: ClipCut) -> PartylineError:
    return PartylineError(
        f"Nobody was heard in the last {cut.seconds:.0f} s, so there is no clip to save.",
        "See `partyline status` for who is heard.",
        code="recorder.clip-silent",
    )


async def _cut(keeper: ClipKeeper, seconds: int) -> ClipCut:
    """Return the last `seconds`. Raises `PartylineError` if the thread has failed."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[ClipCut] = loop.create_future()

    def settle(cut: ClipCut) -> None:
        if not found.done():
            found.set_result(cut)

    def answer(cut: ClipCut) -> None:
        loop.call_soon_threadsafe(settle, cut)

    keeper.cut(seconds, answer)
    try:
        async with asyncio.timeout(CUT_S):
            return await found
    except TimeoutError:
        raise PartylineError(
            "The clip memory does not answer, so no clip was saved.",
            "Switch it off and on again: `partyline clip --keep 0`, then `partyline clip --keep 30`.",
            code=FAULT,
        ) from keeper.fault
