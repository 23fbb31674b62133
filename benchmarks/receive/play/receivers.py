"""Our receiver and plain aiortc, each in its own process, with all its connections on one 10 ms tick."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.codecs import CODECS
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from numpy.typing import NDArray

from benchmarks.receive.judge.score import FRAME, Heard
from benchmarks.receive.network.packets import OPUS
from benchmarks.receive.play.offline import heard_frames, new_path
from common.ice import IceOptions, install
from workers.media.peers.peer import Peer
from workers.media.peers.rtp_hook import check_hook
from workers.media.peers.silent_track import silent_packet
from workers.media.receive.buffer.rtp import Rtp
from workers.media.receive.path import ReceivePath, VoiceFrame
from workers.media.tick import Ticker


@dataclass(frozen=True)
class Collected:
    """The sound of each connection of a receiver, and its cost."""

    heard: dict[str, Heard]
    cpu_share: float
    """CPU seconds per second, for all connections together."""
    tick_late_ms: float = float("nan")
    """p99 of the last 20 s."""


class _Receiver:
    """The tick and the cost measurement of a receiver."""

    def __init__(self) -> None:
        install(IceOptions(ipv6=False))
        self._ticker = Ticker(self._tick)
        self._ticking: asyncio.Task[None] | None = None
        self._since = (0.0, 0.0)

    async def begin(self) -> None:
        """Start to tick and to keep the received sound."""
        gc.collect()
        gc.freeze()
        self._since = time.process_time(), time.monotonic()
        self._ticker = Ticker(self._tick)
        self._ticking = asyncio.create_task(self._ticker.run())

    async def collect(self) -> Collected:
        assert self._ticking is not None
        self._ticking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._ticking
        share = (time.process_time() - self._since[0]) / (time.monotonic() - self._since[1])
        return Collected(self._heard(), share, self._ticker.late_ms(0.99))

    def _heard(self) -> dict[str, Heard]:
        raise NotImplementedError

    def _tick(self, number: int, due_ns: int) -> None:
        raise NotImplementedError


class _Events:
    """Puts the packets of a peer into a receive path."""

    def __init__(self, path: ReceivePath) -> None:
        self._path = path

    def on_rtp(self, packet: Rtp, arrived_ns: int) -> None:
        self._path.put(packet, arrived_ns)

    def on_state(self, peer: Peer) -> None: ...

    def on_fault(self, what: str) -> None: ...


@dataclass
class _Ours:
    peer: Peer
    path: ReceivePath
    frames: list[VoiceFrame] = field(default_factory=list)
    stamps_ns: list[int] = field(default_factory=list)


class OurReceiver(_Receiver):
    """The worker's own parts: `Peer`, `ReceivePath`, `Ticker`. A frame counts as out once it is made."""

    def __init__(self) -> None:
        super().__init__()
        check_hook()
        self._silence = silent_packet()
        self._talkers: dict[str, _Ours] = {}

    async def answer(self, offers: dict[str, str]) -> dict[str, str]:
        answers = {}
        for name, offer in offers.items():
            path = new_path()
            peer = Peer(_Events(path), self._silence)
            answers[name] = await peer.answer(offer)
            path.use_formats(peer.formats)
            self._talkers[name] = _Ours(peer, path)
        return answers

    async def close(self) -> None:
        await asyncio.gather(*(talker.peer.close() for talker in self._talkers.values()))
        self._talkers.clear()

    def _tick(self, _: int, due_ns: int) -> None:
        for talker in self._talkers.values():
            talker.frames.append(talker.path.pull(due_ns))
            talker.stamps_ns.append(time.monotonic_ns())

    def _heard(self) -> dict[str, Heard]:
        return {name: heard_frames(talker.frames, talker.stamps_ns) for name, talker in self._talkers.items()}


@dataclass
class _Plain:
    peer: RTCPeerConnection
    waiting: deque[NDArray[np.int16]] = field(default_factory=deque)
    """Whole 10 ms frames."""
    frames: list[NDArray[np.int16] | None] = field(default_factory=list)
    stamps_ns: list[int] = field(default_factory=list)
    reading: asyncio.Task[None] | None = None


class Plain(_Receiver):
    """aiortc's own track. Its frames are played one after the other, with silence when there is none."""

    def __init__(self) -> None:
        super().__init__()
        CODECS["audio"][:] = [
            RTCRtpCodecParameters(mimeType="audio/opus", clockRate=48_000, channels=2, payloadType=OPUS)
        ]
        self._talkers: dict[str, _Plain] = {}

    async def answer(self, offers: dict[str, str]) -> dict[str, str]:
        answers = {}
        for name, offer in offers.items():
            talker = self._talkers[name] = _Plain(RTCPeerConnection(RTCConfiguration(iceServers=[])))
            talker.peer.on("track", self._reader(talker))
            await talker.peer.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await talker.peer.setLocalDescription(await talker.peer.createAnswer())
            answers[name] = talker.peer.localDescription.sdp
        return answers

    @staticmethod
    def _reader(talker: _Plain) -> Callable[[MediaStreamTrack], None]:
        def begin(track: MediaStreamTrack) -> None:
            talker.reading = asyncio.create_task(_read(track, talker.waiting))

        return begin

    async def close(self) -> None:
        for talker in self._talkers.values():
            if talker.reading is not None:
                talker.reading.cancel()
        await asyncio.gather(*(talker.peer.close() for talker in self._talkers.values()))
        self._talkers.clear()

    def _tick(self, _number: int, _due_ns: int) -> None:
        for talker in self._talkers.values():
            talker.frames.append(talker.waiting.popleft() if talker.waiting else None)
            talker.stamps_ns.append(time.monotonic_ns())

    def _heard(self) -> dict[str, Heard]:
        return {name: _heard_plain(talker) for name, talker in self._talkers.items()}


async def _read(track: MediaStreamTrack, waiting: deque[NDArray[np.int16]]) -> None:
    while True:
        try:
            frame: Any = await track.recv()
        except MediaStreamError:
            return
        left = frame.to_ndarray().reshape(-1)[::2]  # s16, interleaved stereo, both the same
        waiting.extend(left.reshape(-1, FRAME))


def _heard_plain(talker: _Plain) -> Heard:
    silence = np.zeros(FRAME, np.int16)
    first = next((at for at, frame in enumerate(talker.frames) if frame is not None), len(talker.frames))
    empty = sum(frame is None for frame in talker.frames[first:])
    samples = np.concatenate([silence if frame is None else frame for frame in talker.frames])
    stamps = np.array(talker.stamps_ns, np.int64)
    return Heard(samples, stamps, empty / max(1, len(talker.frames) - first))
