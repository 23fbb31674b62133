"""The machine that brings the voices: a stand-in for media, and a gate.

    python -m benchmarks.machines.parts.cable_spare talk RUN_FOLDER SECONDS SPEAKING SILENT PPM
    python -m benchmarks.machines.parts.cable_spare gate RUN_FOLDER HOST PORT DESK_KEY PPM < key pair

With PPM, its clock runs that much faster: the ticks, and what the gate says of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from benchmarks.receive.speech import RATE, speech
from common.bus import AudioPublisher
from common.bus.peers import gate_requests
from common.bus.peers.bus_gate import BusGate
from common.bus.peers.curve import CurveKeys
from common.bus.peers.keyring import Keyring, PairedMachine
from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame

TICK_NS = 10_000_000
SPEECH_S = 60
QUIETER = 0.3
"""So that several talkers at once stay below the limiter."""
HANG_TICKS = 10
"""A talkspurt lasts a little longer than its sound, as media's does."""


def voice(number: int) -> tuple[NDArray[np.int16], NDArray[np.bool_]]:
    """Return a talker's frames for a minute (digital silence in the pauses), and in which of them it speaks."""
    said = speech(SPEECH_S + 10)
    sound = soxr.resample(said.samples.astype(np.float32), RATE, SAMPLE_RATE)[: SPEECH_S * SAMPLE_RATE]
    speaks = np.zeros(SPEECH_S * 100, bool)
    for first, end in said.spurts:
        speaks[first * 100 // RATE : end * 100 // RATE + HANG_TICKS] = True
    frames = np.rint(sound * QUIETER).astype(np.int16).reshape(-1, FRAME_SAMPLES)
    frames[~speaks] = 0
    shift = number * 730
    return np.roll(frames, shift, axis=0), np.roll(speaks, shift)


def talk(run: Path, seconds: float, speaking: int, silent: int, ppm: float) -> None:
    publisher = AudioPublisher(run)
    voices = [voice(number) for number in range(speaking)]
    real_ns, their_ns = time.monotonic_ns(), faster(time.monotonic_ns(), ppm)
    print(json.dumps({"origin_ns": real_ns}), flush=True)
    for tick in range(round(seconds * 100)):
        at_ns = real_ns + round(tick * TICK_NS / (1 + ppm * 1e-6))
        time.sleep(max(0, at_ns - time.monotonic_ns()) / 1e9)
        for number in range(speaking + silent):
            spoken = number < speaking and bool(voices[number][1][tick % (SPEECH_S * 100)])
            frame = AudioFrame(
                peer=f"100000000000000000{number:x}.PS5",
                boot="bench",
                tick=tick,
                tick_ns=their_ns + tick * TICK_NS,
                arrived_ns=their_ns + tick * TICK_NS - 20_000_000,
                sounding=spoken,
            )
            publisher.send(frame, voices[number][0][tick % (SPEECH_S * 100)].tobytes() if spoken else b"")
    time.sleep(1)
    publisher.close()


def faster(ns: int, ppm: float) -> int:
    """Return the time by a clock that has run faster since this machine's boot."""
    return round(ns * (1 + ppm * 1e-6))


async def gate(run: Path, host: str, port: int, desk: str, ppm: float) -> None:
    public, _, private = sys.stdin.readline().strip().partition(" ")
    keys = CurveKeys(public=public, private=private)
    ring = Keyring(own=keys, peers=(PairedMachine(name="desk", public=desk, right="listen", met_at=0.0),))
    if ppm:
        clock: Any = _Clock(ppm)
        gate_requests.time = clock  # type: ignore[attr-defined]
        gate_requests.boot_s = clock.monotonic  # type: ignore[attr-defined]
    await BusGate(run, lambda: ring, host, port).run()


class _Clock:
    def __init__(self, ppm: float) -> None:
        self._ppm = ppm

    def monotonic(self) -> float:
        return faster(time.monotonic_ns(), self._ppm) / 1e9

    def time(self) -> float:
        return time.time()


if __name__ == "__main__":
    mode, folder, *rest = sys.argv[1:]
    if mode == "talk":
        talk(Path(folder), float(rest[0]), int(rest[1]), int(rest[2]), float(rest[3]))
    else:
        asyncio.run(gate(Path(folder), rest[0], int(rest[1]), rest[2], float(rest[3])))
