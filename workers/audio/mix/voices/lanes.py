"""The threads that process talkers' frames on their way to the chain's inbox.

The device's callback has no time for it. Frames of talkers without processing go past these threads. A talker keeps its
thread, so its frames stay in order. The libraries release the interpreter's lock, so several cores take part.
"""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from common.messages import TalkerProcessing
from common.system import qos
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.mix.voices.suppressor import DeepFilterNet, MakeSuppressor, Suppressor
from workers.audio.mix.voices.talker_processor import OFF, TalkerProcessor

LANES = max(1, min(4, (os.cpu_count() or 2) // 2))
"""Threads. Chosen to leave half of the machine to the game's capture and to OBS."""
BEHIND_MS = 40.0
"""A frame that waited longer for its processing is late in the mix too. Twice the queue before the mixer."""
BEHIND_S = 0.2
"""Noise suppression pauses when frames are late for this long. A stall of the machine is caught up with sooner."""
PAUSE_S = 30.0
"""How long it pauses. Chosen to be longer than what else keeps a machine busy for a moment."""
GONE_S = 10.0
"""A talker without a frame for this long is gone, as for the frame queue."""
_WAIT_S = 0.2
"""Longest wait for a frame between two checks whether to stop."""

Deliver = Callable[[TalkerFrame], None]
Lookup = Callable[[str], TalkerProcessing]


class _Lane:
    """One thread. What waits is a frame for a talker's processor, or None to free it."""

    def __init__(self, number: int) -> None:
        self.waiting: queue.SimpleQueue[tuple[TalkerProcessor, TalkerFrame | None]] = queue.SimpleQueue()
        self.talkers = 0
        self.number = number
        self._late_since_ns = 0

    def is_behind(self, part: TalkerFrame, now_ns: int) -> bool:
        """Whether frames have been late for a while. `part` is processed at `now_ns`."""
        if now_ns - part.received_ns <= BEHIND_MS * 1e6:
            self._late_since_ns = 0
        elif not self._late_since_ns:
            self._late_since_ns = now_ns
        return self._late_since_ns > 0 and now_ns - self._late_since_ns > BEHIND_S * 1e9


class ProcessingLanes:
    """`put` is for the receiving thread. `refresh`, `forget` and the readings are for the worker's thread."""

    def __init__(self, deliver: Deliver, lookup: Lookup, make: MakeSuppressor = DeepFilterNet) -> None:
        """`deliver` takes the frames, from any thread. `lookup` returns what is wanted for a talker."""
        self._deliver = deliver
        self._lookup = lookup
        self._make = make
        self._talkers: dict[str, tuple[TalkerProcessor, _Lane] | None] = {}
        """None for talkers without processing."""
        self._seen_ns: dict[str, int] = {}
        self._lanes = [_Lane(number) for number in range(LANES)]
        self._threads: list[threading.Thread] = []
        self._maker = ThreadPoolExecutor(1, "suppressor", initializer=qos.set_unhurried)
        self._stopping = False
        self._choosing = threading.Lock()
        self._paused_until_ns = 0
        self.pauses = 0
        self.paused_at = 0.0
        """Unix seconds of the last pause, or 0."""
        self.fault: BaseException | None = None

    def start(self) -> None:
        for lane in self._lanes:
            thread = threading.Thread(target=self._run, args=(lane,), name=f"voices-{lane.number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    # --- the receiving thread ----------------------------------------------------------------------

    def put(self, part: TalkerFrame) -> None:
        peer = part.frame.peer
        self._seen_ns[peer] = part.received_ns
        if peer not in self._talkers:
            with self._choosing:
                self._choose(peer)
        known = self._talkers.get(peer)
        if known is None or known[0].is_idle:
            self._deliver(part)
        else:
            known[1].waiting.put((known[0], part))

    # --- the worker's thread -----------------------------------------------------------------------

    def refresh(self) -> None:
        """Apply what is wanted for each talker."""
        with self._choosing:
            for peer in list(self._talkers):
                self._choose(peer)

    def forget(self) -> None:
        """Free the state of talkers that are gone."""
        gone_ns = time.monotonic_ns() - round(GONE_S * 1e9)
        with self._choosing:
            for peer in [peer for peer, seen_ns in self._seen_ns.items() if seen_ns < gone_ns]:
                del self._seen_ns[peer]
                gone = self._talkers.pop(peer, None)
                if gone is not None:
                    gone[1].talkers -= 1
                    gone[1].waiting.put((gone[0], None))

    def delay_ms(self, peer: str) -> float:
        """Return how much later the talker's sound is than without processing."""
        known = self._talkers.get(peer)
        return known[0].delay_ms if known is not None else 0.0

    @property
    def is_paused(self) -> bool:
        """Whether noise suppression pauses, because this machine did not keep up."""
        return time.monotonic_ns() < self._paused_until_ns

    def fault_of_suppression(self) -> str:
        """Return why some talker's noise is not suppressed although it should be, or ""."""
        known = [talker[0] for talker in list(self._talkers.values()) if talker is not None]
        return next((processor.fault for processor in known if processor.fault), "")

    def stop(self) -> None:
        self._stopping = True
        for thread in self._threads:
            thread.join(2)
        self._maker.shutdown(wait=False, cancel_futures=True)

    # --- both --------------------------------------------------------------------------------------

    def _choose(self, peer: str) -> None:
        wanted, known = self._lookup(peer), self._talkers.get(peer)
        if known is None and wanted != OFF:
            lane = min(self._lanes, key=lambda found: found.talkers)
            lane.talkers += 1
            known = (TalkerProcessor(self._order), lane)
        if known is not None:
            known[0].change_to(wanted)
        self._talkers[peer] = known

    def _order(self) -> Future[Suppressor]:
        return self._maker.submit(self._make)

    # --- the lanes' threads ------------------------------------------------------------------------

    def _run(self, lane: _Lane) -> None:
        qos.set_time_critical()
        try:
            while not self._stopping:
                try:
                    processor, part = lane.waiting.get(timeout=_WAIT_S)
                except queue.Empty:
                    continue
                if part is None:
                    processor.close()
                    continue
                now_ns = time.monotonic_ns()
                if lane.is_behind(part, now_ns) and now_ns >= self._paused_until_ns:
                    self._paused_until_ns = now_ns + round(PAUSE_S * 1e9)
                    self.pauses += 1
                    self.paused_at = time.time()
                done = processor.process(part, paused=now_ns < self._paused_until_ns)
                self._deliver(done._replace(received_ns=time.monotonic_ns()))
        except BaseException as error:  # noqa: BLE001  # the worker reads it and ends
            self.fault = error
