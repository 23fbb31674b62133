"""The thread that takes frames from both audio planes, puts them on the time line and hands blocks to the writer."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from common.bus import AudioSubscriber
from common.messages import FRAME_MS, MIX_PLANE, RECORD_PEER, SAMPLE_RATE
from workers.recorder.files.flac import BLOCK
from workers.recorder.files.index import RecordingIndex
from workers.recorder.files.timeline import MIX, Block, SpokenSamples, Timeline, position
from workers.recorder.record.writer import Writer

WAIT_MS = 50
"""Longest wait for a frame between two checks whether to stop."""
LATE_NS = 400_000_000
"""How long after its time a block is handed to the writer. Media catches up with at most 200 ms."""
EVERYBODY = "everybody"
TOO_SLOW = "the disk was too slow"
NO_MIX_CAME = "audio gave no mix"
NOTHING_CAME = "nothing came from media"


class BlockAssembler:
    """The assembler. It runs from `start` until `finish` has closed the last block."""

    def __init__(self, run: Path, timeline: Timeline, index: RecordingIndex, writer: Writer, *, speech: bool) -> None:
        self._run_folder = run
        self._timeline = timeline
        self._index = index
        self._writer = writer
        self._speech = speech
        self._end: tuple[int, str] | None = None
        self._thread = threading.Thread(target=self._receive_all, name="receive", daemon=True)
        self.lost_blocks = 0
        """Blocks that found no room in the writer's queue."""
        self.fault: BaseException | None = None

    def start(self) -> None:
        self._thread.start()

    def finish(self, at_ns: int, reason: str) -> None:
        """Request the end at a monotonic time. The writer gets its request once all is received."""
        self._end = (at_ns, reason)

    def _receive_all(self) -> None:
        media = AudioSubscriber(self._run_folder)
        mix = AudioSubscriber(self._run_folder, MIX_PLANE, peer=RECORD_PEER)
        try:
            while not self._receive_once(media, mix):
                pass
        except BaseException as error:  # noqa: BLE001  # the worker reads it and ends
            self.fault = error
        finally:
            media.close()
            mix.close()

    def _receive_once(self, media: AudioSubscriber, mix: AudioSubscriber) -> bool:
        """Receive, and hand over complete blocks. Return True when all is handed over."""
        now_ns, end = time.monotonic_ns(), self._end  # before receiving, so that all that was sent by now is there
        for frame, samples in media.receive(WAIT_MS):
            self._timeline.put(frame, samples)
        for frame, samples in mix.receive(0):
            self._timeline.put_mix(frame, samples)
        until_ns = now_ns - LATE_NS
        if end is None or until_ns < end[0]:
            self._hand_over(position(until_ns, self._timeline.origin_ns))
            return self._writer.done.is_set()
        last = position(end[0], self._timeline.origin_ns)
        self._hand_over((last + BLOCK - 1) // BLOCK * BLOCK)
        self._timeline.end(last)
        if self._index.mix:
            self._timeline.mix_until(last)
        self._record_events()
        self._writer.finish(end[1], self._timeline.closed)
        return True

    def _hand_over(self, until: int) -> None:
        for block in self._timeline.close(until):
            if not self._writer.offer(block):
                self._record_loss(block)
        self._record_events()

    def _record_loss(self, block: Block) -> None:
        self.lost_blocks += 1
        start = block.number * BLOCK / SAMPLE_RATE
        self._index.record_gap(EVERYBODY, start, start + BLOCK / SAMPLE_RATE, TOO_SLOW)

    def _record_events(self) -> None:
        """Write the time line's events into the index."""
        events, self._timeline.events = self._timeline.events, []
        for event in events:
            start, end = event.begin / SAMPLE_RATE, event.end / SAMPLE_RATE
            if not isinstance(event, SpokenSamples):
                why = NO_MIX_CAME if event.account_id == MIX else NOTHING_CAME
                self._index.record_gap(event.account_id, start, end, why)
            elif self._speech and end - start > FRAME_MS / 1000:
                self._index.record_speech(event.account_id, start, end)
