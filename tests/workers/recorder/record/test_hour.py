"""An hour of a party, with joins, leaves, a restart of media and a stall, through the files themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from common.messages import FRAME_SAMPLES, SAMPLE_RATE, AudioFrame
from tests.workers.recorder.rig import TICK_NS, decoded
from workers.recorder.files.timeline import Timeline, position
from workers.recorder.record.recording_folder import RecordingFolder

ORIGIN = 5_000_000_000_777
HOUR = 360_000
EVERY = 1500
"""Ticks between two impulses, which all who are there give at once."""
RESTART = 210_000
"""Tick at which media is killed; it is back 3.21 s later, its schedule 4.2 ms off the former one."""
MINUTE = 6000


def runs() -> Iterator[tuple[int, int, str]]:
    """Yield (tick since the start, time it is due, boot) as media has them."""
    for tick in range(RESTART):
        moved = 250_000_000 if tick >= 100_000 else 0  # a stall after which media moved its schedule on
        yield tick, ORIGIN + tick * TICK_NS + moved, "m1"
    for tick in range(RESTART + 321, HOUR):
        yield tick, ORIGIN + tick * TICK_NS + 4_200_000, "m2"


def here(tick: int) -> list[str]:
    """Return who is in the party: one always, one who changes the console, one who is late, leaves and returns."""
    found = ["1.PS5"]
    if MINUTE * 20 <= tick < MINUTE * 30:
        found.append("2.PS5")
    if tick >= MINUTE * 40:
        found.append("2.MOBILE_APP")
    if MINUTE * 50 <= tick < MINUTE * 52 or tick >= MINUTE * 55:
        found.append("3.PS4")
    return found


def impulse(at: int) -> bytes:
    samples = np.zeros(FRAME_SAMPLES, "<i2")
    samples[at] = 20_000
    return samples.tobytes()


def loud(samples: NDArray[np.int16]) -> list[int]:
    """Return where samples are not 0; they are looked for by eights."""
    eights = samples.reshape(-1, 8)
    rows = np.flatnonzero(eights.view(np.int64).any(axis=1))
    return [int(row * 8 + at) for row in rows for at in np.flatnonzero(eights[row])]


@pytest.mark.timeout(300)
def test_stems_are_aligned_to_the_sample_after_an_hour(tmp_path: Path) -> None:
    recording, timeline = RecordingFolder.create(tmp_path, "hour", 1_800_000_000.0), Timeline(ORIGIN)
    expected: dict[str, list[int]] = {"1": [], "2": [], "3": []}
    for tick, due_ns, boot in runs():
        at = tick % FRAME_SAMPLES
        samples = impulse(at) if tick % EVERY == 0 else b""
        for peer in here(tick) if samples or tick % 10 == 0 else ():  # to save time: fewer frames of silence
            timeline.put(AudioFrame(peer=peer, boot=boot, tick=tick, tick_ns=due_ns), samples)
            if samples:
                expected[peer.partition(".")[0]].append(position(due_ns, ORIGIN) + at)
        if tick % 100 == 0:
            for block in timeline.close(tick * FRAME_SAMPLES):
                recording.write(block)
    for block in timeline.close((HOUR + 10) * FRAME_SAMPLES):
        recording.write(block)
    assert recording.finish() == []
    recording.close()
    files = {"1": "1.flac", "2": "2.flac", "3": "3.flac"}
    found = {who: decoded(recording.path / file) for who, file in files.items()}
    assert {len(samples) for samples in found.values()} == {recording.blocks * 4608}
    assert len(found["1"]) >= HOUR * FRAME_SAMPLES
    for who, samples in found.items():
        assert loud(samples) == expected[who], who
    together = set(expected["1"]) & set(expected["2"]) & set(expected["3"])
    assert max(together) > 3580 * SAMPLE_RATE  # to the sample, up to the last of them
