"""Frames to record, a real recorder, and an independent decoder (the `flac` command of Xiph)."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from common.bus import AudioPublisher, Bus
from common.errors import BusUnreachableError
from common.messages import FRAME_SAMPLES, AudioFrame, Message
from tests.support.processes import Process
from tests.support.waiting import eventually

TICK_NS = 10_000_000
RAW = ("--force-raw-format", "--endian=little", "--sign=signed", "-s", "-d", "-c")


def decoded(path: Path, *, whole: bool = True) -> NDArray[np.int16]:
    """Return a file's samples; unless `whole`, as far as they go, whatever the file's end looks like."""
    options = () if whole else ("--decode-through-errors",)
    done = subprocess.run(["flac", *options, *RAW, str(path)], capture_output=True, check=False)
    assert done.returncode == 0 or not whole, done.stderr.decode()
    return np.frombuffer(done.stdout, "<i2")  # not through a file: flac removes that if nothing was in it yet


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[None]:
    """Mount a small disk of its own at `folder`; the test is skipped where that is not allowed."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk; test_worker fills one by a limit on files")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def sound(value: int) -> bytes:
    """Return one frame full of `value`."""
    return np.full(FRAME_SAMPLES, value, "<i2").tobytes()


def frame(peer: str, tick: int, tick_ns: int, boot: str = "m1", *, sounding: bool = True) -> AudioFrame:
    return AudioFrame(peer=peer, boot=boot, tick=tick, tick_ns=tick_ns, sounding=sounding)


class Plane:
    """Publishes in real time, like media or audio: the frame of tick n is what `saying(n)` gives for each peer."""

    def __init__(self, run: Path, saying: Callable[[int], Mapping[str, bytes]], name: str = "audio-media") -> None:
        self._publisher = AudioPublisher(run, name)
        self._saying = saying
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.boot = "b1"
        self.ticks = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._publisher.close()

    def _run(self) -> None:
        start_ns = time.monotonic_ns()
        while not self._stop.is_set():
            due_ns = start_ns + self.ticks * TICK_NS
            self._stop.wait(max(0, due_ns - time.monotonic_ns()) / 1e9)
            for peer, samples in self._saying(self.ticks).items():
                self._publisher.send(frame(peer, self.ticks, due_ns, self.boot, sounding=bool(samples)), samples)
            self.ticks += 1


def counting(peers: Iterable[str]) -> Callable[[int], Mapping[str, bytes]]:
    """Everybody says the number of the tick."""
    names = list(peers)
    return lambda tick: dict.fromkeys(names, sound(tick % 30_000 + 1))


def heard(samples: NDArray[np.int16]) -> dict[int, int]:
    """Return number said → position at which it begins, of what `counting` said, as far as it is whole.

    Fails where something is cut in the midst of sound.
    """
    edges = np.flatnonzero(np.diff(samples)) + 1
    begins = np.concatenate(([0], edges))
    ends = np.concatenate((edges, [len(samples)]))
    found = {}
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        if not samples[begin]:
            continue
        if end - begin == FRAME_SAMPLES:
            found[int(samples[begin])] = begin
        else:
            assert 0 in (begin, len(samples) - end) or not samples[begin - 1] or not samples[end], (begin, end)
    return found


async def asked(bus: Bus, *wanted: type[Message]) -> dict[str, Message]:
    try:
        return {received.topic: received.message for received in await bus.snapshot(*wanted) if received.message}
    except BusUnreachableError:
        return {}


def recorded_for(folder: Path, file: str, seconds: float) -> None:
    """Wait until a file holds so much sound (not silence)."""
    path = folder / file
    eventually(
        lambda: path.exists() and np.count_nonzero(decoded(path, whole=False)) > seconds * 48_000, f"{file} grows"
    )


Start = Callable[..., Process]
