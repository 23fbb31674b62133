"""The thread that takes frames from both audio planes and keeps the last seconds of them."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.bus import AudioSubscriber
from common.messages import MIX_PLANE, RECORD_PEER, Member
from workers.recorder.clip.clip_memory import ClipCut, ClipMark, ClipMemory, PartySeen
from workers.recorder.files.encoder import Encoder
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.timeline import Timeline, origin_at, position
from workers.recorder.record.assembler import LATE_NS

PAUSE_S = 0.1
"""Time between two looks at the sockets, which hold 2 s of 16 talkers. Frames come 100 times a second."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A cut that somebody waits for."""

    seconds: int
    end: int
    """The number of blocks that must be complete first."""
    answer: Callable[[ClipCut], None]


class ClipKeeper:
    """The keeper. It runs from `start` until `stop`. Every other method may be called from any thread."""

    def __init__(self, run: Path, seconds: int) -> None:
        self.seconds = seconds
        self._run_folder = run
        self._timeline = Timeline(origin_at(time.monotonic_ns()))
        self._memory = ClipMemory(seconds)
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        """What other threads want done with the memory."""
        self._wanted: list[_Wanted] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_all, name="keep", daemon=True)
        self.fault: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Forget everything. It returns at once."""
        self._stop.set()

    def resize(self, seconds: int) -> None:
        """Keep another length from now on, and what is kept already as far as it fits."""
        self.seconds = seconds
        self._jobs.put(lambda: self._memory.resize(seconds))

    @property
    def kept_s(self) -> float:
        return self._memory.kept_s

    @property
    def size(self) -> int:
        """Return the bytes that are kept."""
        return self._memory.size

    def record_party(self, name: str, members: Sequence[Member]) -> None:
        party = PartySeen(self._now(), name, tuple(members))
        self._jobs.put(lambda: self._memory.record_party(party))

    def record_mark(self, text: str, slept_s: float) -> None:
        mark = ClipMark(self._now(), text, slept_s)
        self._jobs.put(lambda: self._memory.note(mark))

    def cut(self, seconds: int, answer: Callable[[ClipCut], None]) -> None:
        """Cut the last `seconds` until now. `answer` is called in the thread, when the last frames have come."""
        wanted = _Wanted(seconds, -(-self._now() // BLOCK), answer)
        self._jobs.put(lambda: self._wanted.append(wanted))

    def _now(self) -> int:
        return position(time.monotonic_ns(), self._timeline.origin_ns)

    # --- the thread --------------------------------------------------------------------------------

    def _keep_all(self) -> None:
        try:
            media = AudioSubscriber(self._run_folder)
            mix = AudioSubscriber(self._run_folder, MIX_PLANE, peer=RECORD_PEER)
            encoder = Encoder()
            try:
                while not self._stop.wait(PAUSE_S):
                    self._keep_once(media, mix, encoder)
            finally:
                media.close()
                mix.close()
        except BaseException as error:  # noqa: BLE001  # the worker reads and reports it
            self.fault = error

    def _keep_once(self, media: AudioSubscriber, mix: AudioSubscriber, encoder: Encoder) -> None:
        now_ns = time.monotonic_ns()  # before receiving, so that all that was sent by now is there
        while not self._jobs.empty():
            self._jobs.get()()
        for frame, samples in media.receive(0):
            self._timeline.put(frame, samples)
        for frame, samples in mix.receive(0):
            self._timeline.put_mix(frame, samples)
        for block in self._timeline.close(position(now_ns - LATE_NS, self._timeline.origin_ns)):
            sounds = {account: encoder.frame(sound, 0) for account, sound in block.sounds.items() if sound.any()}
            self._memory.add(block.number, sounds)
            self._take_notes()
            self._answer()

    def _take_notes(self) -> None:
        events, self._timeline.events = self._timeline.events, []
        for event in events:
            self._memory.note(event)

    def _answer(self) -> None:
        due = [wanted for wanted in self._wanted if wanted.end <= self._timeline.closed]
        for wanted in due:
            self._wanted.remove(wanted)
            wanted.answer(self._memory.cut(wanted.seconds, self._timeline.speaking()))
