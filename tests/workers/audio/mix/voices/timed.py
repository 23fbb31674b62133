"""Fifteen talkers, the lanes, and a device that takes 240 samples each 5 ms, in real threads and real time."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import numpy as np

from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame, TalkerProcessing
from tests.workers.audio.rig import TICK_NS, babble, peer
from workers.audio.mix.chain import Chain
from workers.audio.mix.talker_frames import TalkerFrame
from workers.audio.mix.voices.lanes import ProcessingLanes
from workers.audio.mix.voices.talker_processor import OFF
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import ResampledRenderer
from workers.audio.worker import GIL_SWITCH_S

TALKERS = 15
BLOCK = 240
_BLOCK_NS = BLOCK * 1_000_000_000 // SAMPLE_RATE
_SETTLED_S = 3.0
"""Nothing is measured at first: suppressors are made then, 0.7 s each, besides."""


@dataclass(frozen=True)
class Times:
    """Milliseconds of the callback, by the clock and of CPU. Late frames, pauses of suppression, CPU in % of a core."""

    processed: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    cpu_p99_ms: float
    cpu_worst_ms: float
    missing: int
    pauses: int
    core_percent: float


def measure(processed: int, processing: TalkerProcessing, seconds: float) -> Times:
    """Let `TALKERS` speak, the first `processed` of them with `processing`. Return the times of the callback."""
    chosen = {peer(number) for number in range(processed)}
    chain = Chain(20)
    for name in chosen:
        chain.mixer.voice(name).pan_to(processing.pan)
    processing = msgspec.structs.replace(processing, pan=0.0)
    lanes = ProcessingLanes(chain.inbox.append, lambda name: processing if name in chosen else OFF)
    ended = threading.Event()
    feeding = threading.Thread(target=_feed, args=(lanes, ended), daemon=True)
    with _switching():
        lanes.start()
        feeding.start()
        ready_s = time.monotonic() + _SETTLED_S + processed * (1.5 if processing.suppress else 0)
        device = _Device(chain)
        device.play(ready_s)
        before, cpu = _missing(chain), time.process_time()
        began = time.monotonic()
        spent, used = device.play(began + seconds).T
        core = (time.process_time() - cpu) / (time.monotonic() - began) * 100
        ended.set()
        feeding.join()
        lanes.stop()
    if lanes.fault is not None:
        raise lanes.fault
    clock = (float(np.percentile(spent, 50)), float(np.percentile(spent, 99)), float(spent.max()))
    of_cpu = (float(np.percentile(used, 99)), float(used.max()))
    return Times(processed, *clock, *of_cpu, _missing(chain) - before, lanes.pauses, core)


class _Device:
    def __init__(self, chain: Chain) -> None:
        self._renderer = ResampledRenderer(chain, RateControl())
        self._out = np.zeros((chain.rows, BLOCK), np.float32)
        self._due_ns = time.monotonic_ns()
        self._stopped = threading.Event()  # never set: it is what it waits by

    def play(self, until_s: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        spent = []
        while time.monotonic() < until_s:
            self._due_ns += _BLOCK_NS
            self._stopped.wait(max(0, self._due_ns - time.monotonic_ns()) / 1e9)
            began, cpu = time.monotonic_ns(), time.thread_time_ns()
            self._renderer.render(self._out, began)
            spent.append(((time.monotonic_ns() - began) / 1e6, (time.thread_time_ns() - cpu) / 1e6))
        return np.array(spent)


def _feed(lanes: ProcessingLanes, ended: threading.Event) -> None:
    """Receive frames, as the worker's thread does."""
    spoken = [babble(2.0, seed=number, level=0.4).reshape(-1, FRAME_SAMPLES) for number in range(TALKERS)]
    sounds = [[frame.tobytes() for frame in sound] for sound in spoken]
    due_ns, tick = time.monotonic_ns(), 0
    while not ended.wait(max(0, due_ns - time.monotonic_ns()) / 1e9):
        for number, sound in enumerate(sounds):
            header = AudioFrame(peer=peer(number), boot="m", tick=tick, tick_ns=due_ns, sounding=True)
            lanes.put(TalkerFrame(header, sound[tick % len(sound)], time.monotonic_ns()))
        due_ns += TICK_NS
        tick += 1


def _missing(chain: Chain) -> int:
    return sum(talker.missing + talker.pending for talker in list(chain.queue.talkers.values()))


@contextlib.contextmanager
def _switching() -> Iterator[None]:
    """Hand the interpreter's lock over as the worker does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(GIL_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
