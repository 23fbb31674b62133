"""Our receive path without network or clock: packets and a trace in simulated time, and the ceiling."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Any

import numpy as np

from benchmarks.receive.judge.score import FRAME, Heard
from benchmarks.receive.network import traces
from benchmarks.receive.network.packets import OPUS, RED, Packet, packets
from benchmarks.receive.rows import Row
from benchmarks.receive.speech import Speech, speech
from common.bus.voice.opus import Library, find_library
from workers.media.receive.buffer.rtp import Rtp
from workers.media.receive.path import ReceivePath, VoiceFrame

MS = 1_000_000
BEGAN_NS = 1_000_000 * MS
TAIL_MS = 1500
SSRC = 0x5EED
PACKET_FRAMES = 4
PROCESSES = 2
SPAWN = multiprocessing.get_context("spawn")
"""A fork of a process in which playwright runs hangs."""


@cache
def library() -> Library:
    return find_library()


def new_path(**chosen: Any) -> ReceivePath:
    """Return a receive path like the worker's, for this benchmark's payload types. `chosen` are other arguments."""
    path = ReceivePath(library().decoder(), **chosen)
    path.use_formats({OPUS: "opus", RED: "red"})
    return path


def heard_frames(frames: list[VoiceFrame], stamps_ns: list[int]) -> Heard:
    """Return the sound of `frames`. The concealed share is of the frames that sound."""
    silence = np.zeros(FRAME, np.int16)
    samples = [silence if frame.samples is None else frame.samples for frame in frames]
    sounding = sum(frame.sounding for frame in frames)
    concealed = sum(frame.concealed and frame.sounding for frame in frames)
    return Heard(np.concatenate(samples), np.array(stamps_ns, np.int64), concealed / max(1, sounding))


def play(trace: traces.Trace, sent: tuple[Packet, ...], seed: int = 1, path: ReceivePath | None = None) -> Heard:
    """Play `sent` over `trace`. Packet 0 is sent at `BEGAN_NS`. The ticks' phase is drawn from `seed`."""
    path = path or new_path()
    phase_ns = int(np.random.default_rng([seed, 10]).integers(0, 10 * MS))
    arrivals = [(BEGAN_NS + int(at_ms * MS), number) for at_ms, number in trace.arrivals()]
    end_ns = BEGAN_NS + int((trace.sent_ms(len(sent)) + TAIL_MS) * MS)
    frames, stamps, next_arrival = [], [], 0
    for now_ns in range(BEGAN_NS - 500 * MS + phase_ns, end_ns, 10 * MS):
        while next_arrival < len(arrivals) and arrivals[next_arrival][0] <= now_ns:
            arrived_ns, number = arrivals[next_arrival]
            path.put(rtp(sent[number]), arrived_ns)
            next_arrival += 1
        frames.append(path.pull(now_ns))
        stamps.append(now_ns)
    return heard_frames(frames, stamps)


def rtp(packet: Packet) -> Rtp:
    return Rtp(packet.sequence, packet.timestamp, SSRC, packet.payload_type, packet.payload)


def ceiling(trace: traces.Trace, plain: tuple[Packet, ...]) -> Heard:
    """Decode with unlimited delay, so that each received packet is used with its FEC and its RED copy.

    For a packet that is lost with its successor, RED still has the FEC inside the successor's copy.
    """
    decoder, lost = library().decoder(), [*trace.lost(), True, True]
    parts, made = [], 0
    for number, packet in enumerate(plain):
        if not lost[number] or (trace.red and not lost[number + 1]):
            samples = decoder.decode(packet.payload)
        elif not lost[number + 1] or (trace.red and not lost[number + 2]):
            samples = decoder.recover(plain[number + 1].payload, FRAME * PACKET_FRAMES)
        else:
            samples = decoder.conceal(FRAME * PACKET_FRAMES)
            made += 1
        assert samples is not None
        parts.append(samples)
    sound = np.concatenate(parts)
    pace = 10 * MS / (1 + trace.drift_ppm * 1e-6)
    stamps = BEGAN_NS + np.arange(len(sound) // FRAME) * pace
    return Heard(sound, stamps.astype(np.int64), made / len(plain))


def rows(name: str, seed: int = 1, seconds: float = 70.0) -> list[Row]:
    """Return the rows of ``offline`` (our receive path) and ``ceiling`` for one trace."""
    said = speech(seconds)
    plain = packets(seconds)
    trace = traces.make(name, len(plain), seed)
    found = []
    for system, heard in (
        ("offline", play(trace, packets(seconds, red=trace.red), seed)),
        ("ceiling", ceiling(trace, plain)),
    ):
        found.append(score(heard, said, trace, system))
    return found


def ceilings(names: list[str], seed: int = 1, seconds: float = 70.0) -> dict[str, float]:
    """Return the ceiling's PESQ-WB of each trace."""
    with ProcessPoolExecutor(PROCESSES, mp_context=SPAWN) as pool:
        found = pool.map(_ceiling_row, names, [seed] * len(names), [seconds] * len(names))
        return dict(zip(names, (row.pesq_wb for row in found), strict=True))


def _ceiling_row(name: str, seed: int, seconds: float) -> Row:
    plain = packets(seconds)
    trace = traces.make(name, len(plain), seed)
    heard = ceiling(trace, plain)
    return score(heard, speech(seconds), trace, "ceiling")


def run(names: list[str], seed: int = 1, seconds: float = 70.0) -> list[Row]:
    """Return the rows of all traces, computed by two processes."""
    with ProcessPoolExecutor(PROCESSES, mp_context=SPAWN) as pool:
        found = pool.map(rows, names, [seed] * len(names), [seconds] * len(names))
        return [row for pair in found for row in pair]


def score(heard: Heard, said: Speech, trace: traces.Trace, system: str) -> Row:
    from benchmarks.receive.judge.quality import row  # noqa: PLC0415  # playing alone needs no PESQ

    return row(heard, said, BEGAN_NS, trace, system=system)
