"""Ours, aiortc and the ceiling without sockets and clock: the same code as in production, fed in simulated time.

Ours is the worker's `ReceivePath`, which takes its times as arguments. aiortc's audio receiver has no clock: a packet
that completes a frame sends it to the decoder at once, and whoever plays takes what is there.
`python -m benchmarks.receive.networks compare` holds both against real sockets and clocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import av
import numpy as np
from aiortc.codecs.opus import OpusDecoder
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket
from numpy.typing import NDArray

from benchmarks.receive.judge.score import FRAME, Heard
from benchmarks.receive.network.packets import Packet
from benchmarks.receive.networks.case import NetworkCase
from benchmarks.receive.play.offline import BEGAN_NS, MS, heard_frames, library, new_path, rtp
from workers.media.receive.path import ReceivePath

TAIL_MS = 2000.0
"""Time after the last packet for buffered sound to come out, more than the longest delay that is looked for."""
_AIORTC_CAPACITY, _AIORTC_PREFETCH = 16, 4
"""Of `RTCRtpReceiver` for audio in aiortc 1.16. A test holds them against its source."""


def ours(case: NetworkCase, path: ReceivePath | None = None) -> Heard:
    """Play a case through our receive path, one pull each 10 ms."""
    path = path or new_path()
    frames, stamps = [], []
    for now_ns in _ticks(case, lambda packet, at_ns: path.put(rtp(packet), at_ns)):
        frames.append(path.pull(now_ns))
        stamps.append(now_ns)
    return heard_frames(frames, stamps)


def aiortc(case: NetworkCase) -> Heard:
    """Play a case through aiortc's jitter buffer and decoder. It cannot read RED, so it is offered none."""
    buffer, decoder = JitterBuffer(capacity=_AIORTC_CAPACITY, prefetch=_AIORTC_PREFETCH), OpusDecoder()
    waiting: deque[NDArray[np.int16]] = deque()

    def play(decoded: list[Any]) -> None:
        for frame in decoded:
            waiting.extend(frame.to_ndarray().reshape(-1)[::2].reshape(-1, FRAME))  # s16, interleaved, both the same

    def put(packet: Packet, _: int) -> None:
        # as in RTCRtpReceiver._handle_rtp_packet: an Opus payload is a frame's data as it is
        parsed: Any = RtpPacket(
            payload_type=packet.payload_type,
            sequence_number=packet.sequence % 65536,
            timestamp=packet.timestamp,
            payload=packet.payload,
        )
        parsed._data = packet.payload  # noqa: SLF001  # set by its receiver too
        _, frame = buffer.add(parsed)
        if frame is not None:
            with suppress(av.FFmpegError):  # as in its decoder_worker, which goes on with the next frame
                play(decoder.decode(frame))

    silence = np.zeros(FRAME, np.int16)
    frames, stamps, empty = [], [], 0
    for now_ns in _ticks(case, put, red=False):
        empty += not waiting
        frames.append(waiting.popleft() if waiting else silence)
        stamps.append(now_ns)
    return Heard(np.concatenate(frames), np.array(stamps, np.int64), empty / max(1, len(frames)))


def ceiling(case: NetworkCase) -> Heard:
    """Decode with unlimited delay: what arrives, else its RED copy, else its FEC copy, else concealment by libopus."""
    said, decoder = case.spoken(), library().decoder()
    samples = FRAME * said.packet_ms // 10
    there = ~np.isnan(case.arrivals_ms())
    place = {number: at for at, number in enumerate(said.sent)}
    red = case.talker.red

    def arrived(number: int, later: int = 0) -> bool:
        """Return whether the packet `later` after that of payload `number` arrived."""
        at = place.get(number, -1)
        return at >= 0 and at + later < len(there) and bool(there[at + later])

    parts, made = [], 0
    for number, payload in enumerate(said.plain):
        successor = said.plain[number + 1] if number + 1 in place else b""
        if number not in place or arrived(number) or (red and arrived(number, 1)):
            sound = decoder.decode(payload)
        elif successor and (arrived(number, 1) or (red and arrived(number, 2))):
            sound = decoder.recover(successor, samples)
        else:
            sound = decoder.conceal(samples)
            made += 1
        parts.append(np.zeros(samples, np.int16) if sound is None else sound)
    whole = np.concatenate(parts)
    stamps = BEGAN_NS + np.arange(len(whole) // FRAME) * 10 * MS / (1 + case.talker.drift_ppm * 1e-6)
    return Heard(whole, stamps.astype(np.int64), made / len(said.plain))


def _ticks(case: NetworkCase, put: Callable[[Packet, int], None], *, red: bool | None = None) -> Iterator[int]:
    """Yield the moments of 10 ms, after all that has arrived by then was `put`."""
    said = case.spoken(red=red)
    arrivals = case.arrivals_ms(red=red)
    order = [int(number) for number in np.argsort(arrivals, kind="stable") if not np.isnan(arrivals[number])]
    phase_ns = int(np.random.default_rng([case.seed.value, case.loss_seed, 10]).integers(0, 10 * MS))
    end_ns = BEGAN_NS + int((case.seconds * 1000 + TAIL_MS) * MS)
    following = 0
    for now_ns in range(BEGAN_NS - 500 * MS + phase_ns, end_ns, 10 * MS):
        while following < len(order):
            number = order[following]
            at_ns = BEGAN_NS + int(arrivals[number] * MS)
            if at_ns > now_ns:
                break
            put(said.packets[number], at_ns)
            following += 1
        yield now_ns


SYSTEMS: dict[str, Callable[[NetworkCase], Heard]] = {"ours": ours, "aiortc": aiortc, "ceiling": ceiling}


def player(system: str) -> Callable[[NetworkCase], Heard]:
    """Return what plays a case. ``ours max_delay_ms=400 latency=smooth`` is our path with these arguments."""
    name, *arguments = system.split()
    if not arguments:
        return SYSTEMS[name]
    if name != "ours":
        raise ValueError(f"only ours takes arguments: {system}")
    pairs = (argument.partition("=") for argument in arguments)
    chosen: dict[str, Any] = {key: int(value) if value.isdigit() else value for key, _, value in pairs}
    return lambda case: ours(case, new_path(**chosen))
