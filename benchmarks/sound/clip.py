"""Benchmark of clips: memory and CPU of the recorder, time to the files, a kill -9 a second later, and who is in step.

    python -m benchmarks.sound.clip [--talkers 16] [--keep 30] [--talking 1.0] [--json FILE]
    python -m benchmarks.sound.clip --sizes      # what more talkers and seconds take, in made-up time

A real broker and recorder run. This process publishes the talkers' frames and a mix in real time, recorded speech
without pauses. A recording runs beside the clip memory from the middle on, and its files are what the clip's are
compared with, sample by sample.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from common.bus import Bus
from common.errors import BusUnreachableError
from common.files.paths import CHECKOUT, Paths
from common.messages import FRAME_SAMPLES, MIX_PLANE, RECORD_PEER, SAMPLE_RATE, ClipState, WorkerHealth
from common.requests import KeepClip, SaveClip, StartRecording, StopRecording
from tests.support.processes import COLD, running, short_folder
from tests.support.waiting import until
from tests.workers.recorder.rig import Plane, decoded
from workers.recorder.clip.clip_memory import ClipMemory, blocks_of
from workers.recorder.files.encoder import Encoder
from workers.recorder.files.flac import BLOCK

TURN_TICKS = 300
"""Ticks between a talker's decisions to talk."""
BASE_S = 10.0
"""Time over which memory and CPU are measured without the clip memory."""
AFTER_S = 1.0
"""When the recorder is killed after the answer."""
WINDOW = SAMPLE_RATE // 10
"""Samples of a clip's file that are looked for in the recording's."""


@dataclass(frozen=True)
class ClipFigures:
    talkers: int
    keep_s: int
    talking: float
    base_rss_mb: float
    kept_rss_mb: float
    frames_mb: float
    """What the frames take, as the recorder says."""
    plain_mb: float
    """What the same would take as s16."""
    base_cpu_percent: float
    kept_cpu_percent: float
    answer_s: float
    """From the request to the answer, i.e. the FLAC files on the disk."""
    flac_mb: float
    copies_s: float
    """From the restart of the killed recorder to its copies."""
    whole: int
    """FLAC files of the clip that an independent decoder takes in full, after the kill."""
    offsets: list[int | None]
    """Distances of the clip's files from the recording's, in samples. One if all are in step."""
    equal: bool
    """Whether all their samples are the recording's."""
    compared_s: float
    """How much of each file the recording has too: the least of all."""
    loud_samples: int
    """Samples of all files that were compared and are not 0."""
    unequal: dict[str, str]
    """What differs: file → how many samples, and where the first one is."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--talkers", type=int, default=16)
    parser.add_argument("--keep", type=int, default=30, help="seconds in memory, 30 to 300")
    parser.add_argument("--talking", type=float, default=1.0, help="share of the time that each one talks")
    parser.add_argument("--json", type=Path, help="also write the figures there")
    parser.add_argument("--sizes", action="store_true", help="only the size of the frames for several lengths")
    arguments = parser.parse_args()
    if arguments.sizes:
        print(f"{'talkers who talk':>17}{'seconds':>9}{'s16 MB':>9}{'kept MB':>9}{'CPU s':>8}")
        for talkers in (2, 4, 16):
            for seconds in (30, 300):
                print_size(talkers, seconds)
        return
    figures = asyncio.run(measure(arguments.talkers, arguments.keep, arguments.talking))
    for name, value in asdict(figures).items():
        print(f"{name:<20} {value:.2f}" if isinstance(value, float) else f"{name:<20} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(figures), indent=1) + "\n")


def print_size(talkers: int, seconds: int) -> None:
    """Print what `talkers` who talk all the time and the mix take in memory."""
    encoder, memory, voices = Encoder(), ClipMemory(seconds, most_bytes=1 << 40), _voices()
    began = time.process_time()
    for number in range(blocks_of(seconds)):
        frames = {}
        for talker in range(talkers + 1):  # the mix is one of them
            voice = voices[talker % len(voices)]
            at = (number + 13 * talker) * BLOCK % (len(voice) - BLOCK)
            frames[str(talker)] = encoder.frame(np.ascontiguousarray(voice[at : at + BLOCK]), 0)
        memory.add(number, frames)
    plain = (talkers + 1) * seconds * SAMPLE_RATE * 2 / 1e6
    took = time.process_time() - began
    print(f"{talkers:>17}{seconds:>9}{plain:>9.1f}{memory.size / 1e6:>9.1f}{took:>8.1f}", flush=True)


async def measure(talkers: int, keep: int, talking: float) -> ClipFigures:
    """Keep `keep` seconds, save them, kill the recorder and start it again. Return the figures."""
    voices = _voices()
    frames = [[v[at : at + FRAME_SAMPLES].tobytes() for at in range(0, len(v) - 480, 480)] for v in voices]

    def saying(tick: int) -> dict[str, bytes]:
        found = {}
        for number in range(talkers):
            mine = frames[number % len(frames)]
            talks = hash((number, tick // TURN_TICKS)) % 1000 < talking * 1000
            found[f"{100 + number}.PS5"] = mine[(tick + number * 41) % len(mine)] if talks else b""
        return found

    with short_folder() as home, running() as start:
        paths = Paths(home)
        paths.make()
        start("workers.broker", home, COLD)
        recorder = start("workers.recorder", home, COLD)
        bus = Bus("bench", paths.run)
        await bus.start()
        mix = Plane(paths.run, lambda tick: {RECORD_PEER: frames[0][tick % len(frames[0])]}, MIX_PLANE)
        with Plane(paths.run, saying), mix:

            async def is_up() -> bool:
                try:
                    return any(received.key == "recorder" for received in await bus.snapshot(WorkerHealth))
                except BusUnreachableError:  # the broker starts too
                    return False

            await until(is_up, "the recorder beats", within_s=60)  # type: ignore[arg-type]  # a coroutine function
            await asyncio.sleep(2)
            base = await _over(bus, BASE_S)
            await bus.request(KeepClip(seconds=keep), 30)
            await asyncio.sleep(keep + 2)
            kept = await _over(bus, BASE_S)
            state = await _clip_state(bus)
            recording = Path((await bus.request(StartRecording(), 30)).folder)
            await asyncio.sleep(keep + 2)  # so that it has all that the clip has
            asked = time.monotonic()
            saved = await bus.request(SaveClip(), 60)
            answer_s = time.monotonic() - asked
            await asyncio.sleep(AFTER_S)
            recorder.kill()
            clip = Path(saved.folder)
            copied = (clip / "clip.mp4").exists()
            sounds = await asyncio.to_thread(_sounds, clip)
            restarted = time.monotonic()
            start("workers.recorder", home, COLD)
            await until((clip / "clip.mp4").exists, "the copies are made", within_s=120)
            copies_s = 0.0 if copied else time.monotonic() - restarted
            await bus.request(StopRecording(), 60)
        await bus.close()
        compared = {}
        for name, samples in sounds.items():
            near = round((_started(clip) - _started(recording)) * SAMPLE_RATE)
            compared[name] = compare(samples, decoded(recording / name), near)
        return ClipFigures(
            talkers=talkers,
            keep_s=keep,
            talking=talking,
            base_rss_mb=base[1],
            kept_rss_mb=kept[1],
            frames_mb=state.memory_bytes / 1e6,
            plain_mb=(talkers + 1) * keep * SAMPLE_RATE * 2 / 1e6,
            base_cpu_percent=base[0],
            kept_cpu_percent=kept[0],
            answer_s=answer_s,
            flac_mb=saved.size_bytes / 1e6,
            copies_s=copies_s,
            whole=len(sounds),
            offsets=list({one.offset for one in compared.values()}),
            equal=all(not one.fault for one in compared.values()),
            compared_s=min((one.samples for one in compared.values()), default=0) / SAMPLE_RATE,
            loud_samples=sum(one.loud for one in compared.values()),
            unequal={name: one.fault for name, one in compared.items() if one.fault},
        )


def _sounds(clip: Path) -> dict[str, NDArray[np.int16]]:
    return {file.name: decoded(file) for file in sorted(clip.glob("*.flac"))}


def _started(folder: Path) -> float:
    return float(json.loads((folder / "session.json").read_bytes())["started_at"])


@dataclass(frozen=True)
class Compared:
    """A clip's file beside that of the recording."""

    offset: int | None
    """Where the clip begins in the recording. None if it was not found there."""
    samples: int
    """How many both have."""
    loud: int
    """How many of them are not 0."""
    fault: str
    """How many differ, and where the first one is. Empty if none does."""


def compare(clip: NDArray[np.int16], recording: NDArray[np.int16], near: int) -> Compared:
    """Compare all samples that both have.

    The voices repeat, so the clip is looked for about where the indexes say, at `near`.
    """
    at = len(clip) - SAMPLE_RATE * 2
    begin = max(0, near + at - SAMPLE_RATE // 2)
    found = recording[begin : begin + SAMPLE_RATE].tobytes().find(clip[at : at + WINDOW].tobytes())
    if found < 0:
        return Compared(None, 0, 0, "it was not found in the recording")
    offset = begin + found // 2 - at
    first = max(0, SAMPLE_RATE - offset)  # a recording hears nothing until its sockets are connected
    last = min(len(clip), len(recording) - offset)
    ours, theirs = clip[first:last], recording[first + offset : last + offset]
    different = np.flatnonzero(ours != theirs)
    fault = (
        f"{len(different)} samples, the first at {(first + different[0]) / SAMPLE_RATE:.3f} s" if len(different) else ""
    )
    return Compared(offset, last - first, int(np.count_nonzero(ours)), fault)


async def _over(bus: Bus, seconds: float) -> tuple[float, float]:
    """Return CPU in percent of a core and memory in MB."""
    before, began = await _health(bus), time.monotonic()
    await asyncio.sleep(seconds)
    after, took = await _health(bus), time.monotonic() - began
    return (after.cpu_seconds - before.cpu_seconds) / took * 100, after.rss_bytes / 1e6


async def _health(bus: Bus) -> WorkerHealth:
    found = [received.message for received in await bus.snapshot(WorkerHealth) if received.key == "recorder"]
    assert isinstance(found[0], WorkerHealth)
    return found[0]


async def _clip_state(bus: Bus) -> ClipState:
    found = [received.message for received in await bus.snapshot(ClipState)]
    assert isinstance(found[0], ClipState)
    return found[0]


def _voices() -> list[NDArray[np.int16]]:
    """Return the simulator's voices, without their pauses."""
    found = []
    for file in sorted((CHECKOUT / "simulator" / "voices").glob("*-1.opus")):
        with av.open(str(file)) as container:
            resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
            parts = [made.to_ndarray()[0] for frame in container.decode(audio=0) for made in resampler.resample(frame)]
        samples = np.concatenate(parts)
        blocks = samples[: len(samples) // 480 * 480].reshape(-1, 480)
        found.append(blocks[np.abs(blocks).max(axis=1) > 300].reshape(-1))
    return found


if __name__ == "__main__":
    main()
