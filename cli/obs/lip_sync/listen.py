"""Listens to OBS's meters and to the party's voices at the same time. Only peaks are kept, and no sound."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cli.obs.lip_sync.estimate import Series
from common.bus import AudioSubscriber
from common.messages import FRAME_MS, AudioFrame
from common.obs.connection import ObsConnection

_WAIT_MS = 100
_BEFORE_FADER = 2
"""Place of the peak before the fader in OBS's levels of a channel, so that a muted microphone counts too."""


@dataclass(frozen=True)
class Peaks:
    """What was heard."""

    microphone: Series
    """The meter of one's own microphone in OBS."""
    ours: Series
    """The meter of our sources in OBS, the loudest of them at each reading."""
    own_voice: Series
    """One's own voice, as it comes from the party."""
    others: Series
    """The voices of the others that are heard in the mix, the loudest of them."""


class _Meters:
    """The readings of OBS's meters."""

    def __init__(self, microphone: str, ours: Collection[str]) -> None:
        self._wanted = {microphone: 0, **dict.fromkeys(ours, 1)}
        self.found: tuple[list[tuple[float, float]], list[tuple[float, float]]] = ([], [])

    async def on_event(self, data: dict[str, Any]) -> None:
        now = time.monotonic()
        peaks: dict[int, float] = {}
        for source in data.get("inputs", ()):
            place = self._wanted.get(source.get("inputName", ""))
            if place is not None:
                levels = source.get("inputLevelsMul", ())
                peak = max((float(channel[_BEFORE_FADER]) for channel in levels), default=0.0)
                peaks[place] = max(peaks.get(place, 0.0), peak)
        for place, peak in peaks.items():
            self.found[place].append((now, peak))


class _Voices:
    """The peaks of the frames on the audio plane, read by a thread."""

    def __init__(self, run: Path, account_id: str, gains: Mapping[str, float]) -> None:
        self._run = run
        self._own = f"{account_id}."
        self._gains = gains
        self._ending = threading.Event()
        self.own: dict[int, float] = {}
        """Nanoseconds at which a frame was due → its peak."""
        self.others: dict[int, float] = {}
        self._thread = threading.Thread(target=self._receive, name="voices", daemon=True)
        self._thread.start()

    def _receive(self) -> None:
        subscriber = AudioSubscriber(self._run)
        try:
            while not self._ending.is_set():
                for frame, samples in subscriber.receive(_WAIT_MS):
                    self._take(frame, samples)
        finally:
            subscriber.close()

    def _take(self, frame: AudioFrame, samples: bytes) -> None:
        peak = float(np.abs(np.frombuffer(samples, "<i2").astype(np.int32)).max()) / 32768 if samples else 0.0
        if frame.peer.startswith(self._own):
            self.own[frame.tick_ns] = max(peak, self.own.get(frame.tick_ns, 0.0))
        else:
            peak *= self._gains.get(frame.peer, 0.0)
            self.others[frame.tick_ns] = max(peak, self.others.get(frame.tick_ns, 0.0))

    async def close(self) -> None:
        self._ending.set()
        await asyncio.to_thread(self._thread.join)


async def listen(  # noqa: PLR0913  # whom to listen to
    obs: ObsConnection,
    run: Path,
    *,
    microphone: str,
    ours: Collection[str],
    account_id: str,
    gains: Mapping[str, float],
    seconds: float,
) -> Peaks:
    """Listen for `seconds`.

    `microphone`, `ours`: names of sources in OBS. `account_id`: one's own. `gains`: factors of the other talkers in the
    mix, by peer key. The connection must subscribe to meters.
    """
    meters = _Meters(microphone, ours)
    voices = _Voices(run, account_id, gains)
    obs.on("InputVolumeMeters", meters.on_event)
    try:
        await asyncio.sleep(seconds)
    finally:
        await voices.close()
    return Peaks(Series.of(meters.found[0]), Series.of(meters.found[1]), _series(voices.own), _series(voices.others))


def _series(found: Mapping[int, float]) -> Series:
    """Return peaks at the end of each frame."""
    return Series.of([(due_ns / 1e9 + FRAME_MS / 1000, peak) for due_ns, peak in sorted(found.items())])
