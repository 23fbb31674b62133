"""Plays packets through a receive path in made-up time: faults in, frames out, nothing waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from common.bus.voice.opus import Library, find_library
from common.messages import FRAME_SAMPLES
from tests.workers.media.voice import PAYLOAD_TYPE, encode, rtp, voice
from workers.media.receive.buffer.rtp import Rtp
from workers.media.receive.path import ReceivePath, VoiceFrame

MS = 1_000_000
PACKET_NS = 40 * MS
BEGAN_NS = 10_000 * MS
RED = 63
COMFORT = 13


@cache
def library() -> Library:
    return find_library()


@cache
def spoken(seconds: float = 8.0) -> tuple[npt.NDArray[np.int16], list[tuple[int, bytes]]]:
    """Return a voice at 16 kHz and its packets."""
    source = voice(seconds)
    return source, encode(source)


def new_path() -> ReceivePath:
    path = ReceivePath(library().decoder())
    path.use_formats({PAYLOAD_TYPE: "opus", RED: "red", COMFORT: "cn"})
    return path


@dataclass
class Played:
    path: ReceivePath
    frames: list[VoiceFrame]

    @property
    def samples(self) -> npt.NDArray[np.int16]:
        silence = np.zeros(FRAME_SAMPLES, np.int16)
        return np.concatenate([silence if frame.samples is None else frame.samples for frame in self.frames])

    @property
    def concealed(self) -> int:
        return sum(frame.concealed for frame in self.frames)


def stream(
    packets: Iterable[tuple[int, bytes]],
    delay_ms: Callable[[int], float | None] = lambda _: 0.0,
    *,
    rate: int = 48_000,
    ssrc: int = 7,
    began_ns: int = BEGAN_NS,
) -> list[tuple[int, Rtp]]:
    """Return (arrival, packet): packet n comes `delay_ms(n)` after it was sent; None: it is lost."""
    arrivals = []
    for number, (timestamp, payload) in enumerate(packets):
        delay = delay_ms(number)
        if delay is not None:
            sent_ns = began_ns + timestamp * MS // 48
            packet = rtp(number, timestamp * rate // 48_000, payload, ssrc=ssrc)
            arrivals.append((sent_ns + int(delay * MS), packet))
    return sorted(arrivals, key=lambda arrival: arrival[0])


def play(arrivals: list[tuple[int, Rtp]], path: ReceivePath | None = None, *, tail_ms: int = 400) -> Played:
    """Pull a frame each 10 ms while the packets come in, and `tail_ms` beyond."""
    path = path or new_path()
    frames = []
    waiting = sorted(arrivals, key=lambda arrival: arrival[0])
    end_ns = waiting[-1][0] + tail_ms * MS
    for now_ns in range(waiting[0][0] // (10 * MS) * 10 * MS + 3 * MS, end_ns, 10 * MS):
        while waiting and waiting[0][0] <= now_ns:
            arrived_ns, packet = waiting.pop(0)
            path.put(packet, arrived_ns)
        frames.append(path.pull(now_ns))
    return Played(path, frames)
