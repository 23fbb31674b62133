"""One stream, the mix or one talker, as packets for all who listen to it. A thread of its own takes and encodes it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from av.packet import Packet

from common.bus import AudioSubscriber
from common.bus.audio import MEDIA_PLANE
from common.bus.delay_line import DelayLine
from common.bus.stereo import StereoFrame, StereoFrames
from common.messages import MIX_PEER, MIX_PLANE, AudioFrame
from workers.webrtc.sound.rtp_timeline import RtpTimeline
from workers.webrtc.sound.stream_encoder import StreamEncoder
from workers.webrtc.sound.talker_gain import TalkerGain

WAIT_MS = 20
"""How long it waits for frames. What is delayed, and silence, go on without any."""


@dataclass(frozen=True)
class StreamSource:
    """What a stream is to take from the audio plane."""

    peer: str
    """`MIX_PEER`, a peer key, or empty while nobody has the talker's name."""
    gain: float = 1.0
    delay_ms: float = 0.0
    """How long a talker is delayed. The mix comes delayed already."""


class SoundStream:
    """The thread. `deliver` is called in the loop with each packet."""

    def __init__(self, run: Path, source: StreamSource, deliver: Callable[[Packet[Any]], None]) -> None:
        self._run = run
        self._source = source
        self._deliver = deliver
        self._channels = 2 if source.peer == MIX_PEER else 1
        self._loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="webrtc stream", daemon=True)
        self._thread.start()

    def set_source(self, source: StreamSource) -> None:
        """Take another source, or the same with another gain. The thread follows at its next turn."""
        self._source = source

    def stop(self) -> None:
        """End soon, without waiting for it."""
        self._stopping.set()

    def _work(self) -> None:
        try:
            self._encode()
        except RuntimeError as error:
            if not self._loop.is_closed():  # else the process ends
                structlog.get_logger("webrtc").exception("a stream ended", error=str(error))

    def _encode(self) -> None:
        timeline, encoder = RtpTimeline(self._channels, time.monotonic()), StreamEncoder(self._channels)
        fader, tap = TalkerGain(self._channels), _Tap(self._run, self._source.peer)
        try:
            while not self._stopping.is_set():
                source = self._source
                if source.peer != tap.peer:
                    tap.close()
                    tap = _Tap(self._run, source.peer)
                blocks = []
                for frame, found in tap.take(source.delay_ms):
                    blocks += timeline.add(frame, fader.rows(found, source.gain), time.monotonic())
                blocks += timeline.fill(time.monotonic())
                for block in blocks:
                    for packet in encoder.encode(block):
                        self._loop.call_soon_threadsafe(self._deliver, packet)
        finally:
            tap.close()


class _Tap:
    """The frames of one peer, or none of nobody."""

    def __init__(self, run: Path, peer: str) -> None:
        self.peer = peer
        self._subscriber = AudioSubscriber(run, MIX_PLANE if peer == MIX_PEER else MEDIA_PLANE, peer) if peer else None
        self._stereo = StereoFrames(peer)
        self._line = DelayLine[StereoFrame]()

    def take(self, delay_ms: float) -> list[tuple[AudioFrame, StereoFrame]]:
        """Wait a moment, and return the frames that are due."""
        if self._subscriber is None:
            time.sleep(WAIT_MS / 1000)
            return []
        for frame, samples in self._subscriber.receive(WAIT_MS):
            found = self._stereo.add(frame, samples)
            if found is not None and frame.peer == self.peer:  # a topic is a prefix, and 12.PS5 is not 12.PS5B
                self._line.add(frame, found)
        now = time.monotonic_ns()
        self._line.set_ms(delay_ms, now)
        return self._line.due(now)

    def close(self) -> None:
        if self._subscriber is not None:
            self._subscriber.close()
