"""The audio subscriber for listening pages. It takes the mix or one talker in a thread, and packs it for the loop.

A packet as the page gets it, little-endian::

    u8 version (1) · u8 frames · u16 flags (1: all of it is silence, no samples follow; 2: two channels)
    u32 boot · u32 tick of the first frame · f32 gain at which to play it
    then `frames` times 480 mono s16 samples at 48 kHz, or pairs of left and right

`boot` changes when the sender was restarted and its ticks begin again.
"""

from __future__ import annotations

import asyncio
import struct
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common.bus import AudioSubscriber
from common.bus.delay_line import DelayLine
from common.bus.stereo import StereoFrame, StereoFrames
from common.messages import FRAME_SAMPLES, MIX_PEER, MIX_PLANE, AudioFrame

HEADER = struct.Struct("<BBHIIf")
VERSION = 1
SILENCE, STEREO = 1, 2
"""Flags of a packet."""
FRAMES = 2
"""Frames in a packet of 20 ms. Fewer would only wake the page more often."""
WAIT_MS = 100
DELAYED_WAIT_MS = 20
"""The same while frames are delayed, which must go on when no new ones come."""
MIX = MIX_PEER

_QUIET = bytes(FRAME_SAMPLES * 2)


def both_channels(found: StereoFrame) -> bytes:
    """Return the samples of a mix's frame: pairs of left and right while somebody is panned, else mono."""
    if found.sides is None or not any(found.sides):
        return found.samples
    left, right = (np.frombuffer(side or _QUIET, "<i2") for side in found.sides)
    return np.column_stack((left, right)).tobytes()


@dataclass(frozen=True)
class Batch:
    """Consecutive frames of one sender."""

    boot: int
    tick: int
    samples: tuple[bytes, ...]
    """Of each frame 480 samples, or as many pairs of left and right, or nothing for silence."""

    @property
    def is_stereo(self) -> bool:
        return any(len(samples) > len(_QUIET) for samples in self.samples)

    def channels(self, count: int) -> NDArray[np.int16]:
        """Return the samples as `count` rows, 1 or 2."""
        out = np.zeros((count, len(self.samples) * FRAME_SAMPLES), np.int16)
        for number, samples in enumerate(self.samples):
            if not samples:
                continue
            found = np.frombuffer(samples, "<i2").reshape(FRAME_SAMPLES, -1).T
            if len(found) > count:
                found = found.mean(axis=0, dtype=np.float32)
            out[:, number * FRAME_SAMPLES : (number + 1) * FRAME_SAMPLES] = found
        return out

    def packet(self, gain: float) -> bytes:
        """Return the page's packet, to be played at `gain` (a factor)."""
        silent = not any(self.samples)
        flags = SILENCE if silent else STEREO if self.is_stereo else 0
        body = b"" if silent else self.channels(2 if self.is_stereo else 1).astype("<i2").T.tobytes()
        head = HEADER.pack(VERSION, len(self.samples), flags, self.boot, self.tick & 0xFFFFFFFF, gain)
        return head + body


class Batcher:
    """A collector of consecutive frames. Pure."""

    def __init__(self) -> None:
        self._boot = ""
        self._tick = 0
        self._samples: list[bytes] = []

    def add(self, frame: AudioFrame, samples: bytes) -> list[Batch]:
        """Take one frame. Return the batches that it completes."""
        out = []
        if self._samples and (frame.boot != self._boot or frame.tick != self._tick + len(self._samples)):
            out.append(self._finish())
        if not self._samples:
            self._boot, self._tick = frame.boot, frame.tick
        self._samples.append(samples)
        if len(self._samples) >= FRAMES:
            out.append(self._finish())
        return out

    def _finish(self) -> Batch:
        done = Batch(zlib.crc32(self._boot.encode()), self._tick, tuple(self._samples))
        self._samples = []
        return done


class AudioSource:
    """A thread that listens to one source while a page wants it."""

    def __init__(self, run: Path, peer: str, deliver: Callable[[str, Batch], None]) -> None:
        """Listen to the mix (`peer` is `MIX`) or to a talker by peer key. `deliver` is called in the loop."""
        self.peer = peer
        self._delay_ms = 0.0
        """How long a talker is delayed. The mix comes delayed already."""
        self._run = run
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._receive, name=f"audio source {peer}", daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        name = MIX_PLANE if self.peer == MIX else "audio-media"
        subscriber = AudioSubscriber(self._run, name, self.peer)
        line, batcher, stereo = DelayLine[bytes](), Batcher(), StereoFrames(self.peer)
        try:
            while not self._stopping.is_set():
                for frame, samples in subscriber.receive(DELAYED_WAIT_MS if line.waits else WAIT_MS):
                    found = stereo.add(frame, samples)  # a topic is a prefix, and 12.PS5 is not 12.PS5B
                    if found is not None:
                        line.add(found.frame, both_channels(found))
                now = time.monotonic_ns()
                line.set_ms(self._delay_ms, now)
                for frame, samples in line.due(now):
                    for batch in batcher.add(frame, samples):
                        self._loop.call_soon_threadsafe(self._deliver, self.peer, batch)
        except RuntimeError:
            return  # the loop was closed, because the process ends
        finally:
            subscriber.close()

    def set_delay(self, delay_ms: float) -> None:
        """Delay a talker by that. The thread follows at its next turn."""
        self._delay_ms = delay_ms

    def stop(self) -> None:
        """End within `WAIT_MS`, without waiting for it."""
        self._stopping.set()


class AudioSources:
    """One `AudioSource` for each source that pages listen to."""

    def __init__(self, run: Path, deliver: Callable[[str, Batch], None]) -> None:
        self._run = run
        self._deliver = deliver
        self._sources: dict[str, AudioSource] = {}

    def set_sources(self, peers: set[str], delay_ms: float = 0.0) -> None:
        """Listen to exactly these sources. Talkers are delayed by `delay_ms`."""
        for peer in set(self._sources) - peers:
            self._sources.pop(peer).stop()
        for peer in peers - set(self._sources):
            self._sources[peer] = AudioSource(self._run, peer, self._deliver)
        for peer, source in self._sources.items():
            source.set_delay(0.0 if peer == MIX else delay_ms)
