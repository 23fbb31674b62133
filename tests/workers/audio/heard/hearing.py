"""What the audio tests listen for: on the bus, at the sink and on the mix's own plane."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from common.bus import AudioSubscriber, Bus
from common.errors import PartylineError
from common.messages import (
    FRAME_SAMPLES,
    MIX_PEER,
    MIX_PLANE,
    SAMPLE_RATE,
    AudioFrame,
    Levels,
    MixerState,
    MixerTalker,
)
from common.requests import Request
from tests.support.correlate import best_match
from tests.support.soundserver import Recorder, Recording
from tests.workers.audio.rig import LIMIT_S, Watcher


def sink_is(kind: str) -> object:
    def found(watcher: Watcher) -> bool:
        state = watcher.now(MixerState)
        return state is not None and state.sink == kind

    return found


async def plays(watcher: Watcher, kind: str = "device") -> None:
    await watcher.sees(f"the {kind} sink plays", sink_is(kind))  # type: ignore[arg-type]


class Listener:
    """Hears the mix on its plane."""

    def __init__(self, run: Path) -> None:
        self._subscriber = AudioSubscriber(run, MIX_PLANE, MIX_PEER)
        self.frames: list[tuple[AudioFrame, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._subscriber.close()

    async def more(self, count: int) -> NDArray[np.int16]:
        """Return the next `count` frames' sound, from now on."""
        await self.until(lambda _: True)  # what has come meanwhile
        begin = len(self.frames)
        await self.until(lambda _: len(self.frames) >= begin + count)
        sounds = (samples or bytes(FRAME_SAMPLES * 2) for _, samples in self.frames[begin : begin + count])
        return np.frombuffer(b"".join(sounds), "<i2")

    async def until(self, found: Callable[[AudioFrame], bool]) -> bytes:
        async with asyncio.timeout(LIMIT_S):
            while True:
                self.frames.extend(await asyncio.to_thread(lambda: list(self._subscriber.receive(100))))
                if self.frames and found(self.frames[-1][0]):
                    return self.frames[-1][1]


def talker(watcher: Watcher, name: str) -> MixerTalker | None:
    state = watcher.now(MixerState)
    return next((found for found in state.talkers if found.peer == name), None) if state else None


async def recorded(recorder: Recorder, seconds: float) -> Recording:
    await asyncio.to_thread(recorder.wait_s, seconds)
    return recorder.recording()


def is_heard(spoken: NDArray[np.int16], recording: Recording) -> bool:
    """Whether the last second and a half of `recording` is `spoken`; one disturbance is forgiven."""
    return is_in(recording.samples[-SAMPLE_RATE * 3 // 2 :], spoken)


def is_in(heard: NDArray[np.float32], spoken: NDArray[Any]) -> bool:
    """Whether `heard`, in three pieces, is `spoken`; one disturbance is forgiven."""
    pieces = heard.reshape(3, -1)
    return sum(best_match(spoken, piece, SAMPLE_RATE).correlation >= 0.95 for piece in pieces) >= 2


def levels(watcher: Watcher) -> dict[str, float]:
    latest = watcher.now(Levels)
    return loud(latest) if latest else {}


def loud(seen: Levels) -> dict[str, float]:
    return {name: level for name, level in seen.talkers.items() if level > -60}


async def refused(bus: Bus, request: Request[Any]) -> PartylineError:
    with pytest.raises(PartylineError) as caught:
        await bus.request(request)
    return caught.value
