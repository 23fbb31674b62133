"""Benchmark of recording: CPU and memory of the recorder with many talkers, and the size of their files.

    python -m benchmarks.sound.recording [--talkers 16] [--seconds 60] [--talking 0.5]

A real broker and recorder run. This process publishes the talkers' frames and a mix in real time.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

import numpy as np

from common.bus import Bus
from common.files.paths import Paths
from common.messages import FRAME_SAMPLES, RECORD_PEER, SAMPLE_RATE, WorkerHealth
from common.requests import StartRecording, StopRecording
from tests.support.processes import COLD, running, short_folder
from tests.workers.recorder.rig import Plane

TURN_TICKS = 300
"""Ticks between a talker's decisions to talk."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--talkers", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--talking", type=float, default=0.5, help="share of the time that each one talks")
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.talkers, arguments.seconds, arguments.talking))


async def measure(talkers: int, seconds: float, talking: float) -> None:
    """Record for `seconds` and print the figures."""
    voice = _voice()
    frames = [voice[at : at + FRAME_SAMPLES].tobytes() for at in range(0, len(voice) - FRAME_SAMPLES, FRAME_SAMPLES)]

    def saying(tick: int) -> dict[str, bytes]:
        found = {}
        for number in range(talkers):
            talks = hash((number, tick // TURN_TICKS)) % 1000 < talking * 1000
            found[f"{100 + number}.PS5"] = frames[(tick + number * 41) % len(frames)] if talks else b""
        return found

    with short_folder() as home, running() as start:
        paths = Paths(home)
        paths.make()
        start("workers.broker", home, COLD)
        start("workers.recorder", home, COLD)
        bus = Bus("bench", paths.run)
        await bus.start()
        mix = Plane(paths.run, lambda tick: {RECORD_PEER: frames[tick % len(frames)]}, "audio-mix")
        with Plane(paths.run, saying), mix:
            folder = Path((await bus.request(StartRecording(), 30)).folder)
            await asyncio.sleep(3)
            before, began = await _health(bus), time.monotonic()
            await asyncio.sleep(seconds)
            after, took = await _health(bus), time.monotonic() - began
            stopping = time.monotonic()
            found = await bus.request(StopRecording(), 60)
        await bus.close()
        stopped_s = time.monotonic() - stopping
        print(f"talkers {talkers}, talking {talking:.0%} of the time, and a mix without a pause")
        print(f"CPU of the recorder     {(after.cpu_seconds - before.cpu_seconds) / took * 100:8.1f} % of a core")
        print(f"memory                  {after.rss_bytes / 1e6:8.1f} MB")
        print(f"disk                    {found.size_bytes / found.seconds * 60 / 1e6:8.1f} MB a minute")
        mix_bytes = (folder / "mix.flac").stat().st_size
        print(f"of it the mix           {mix_bytes / found.seconds * 60 / 1e6:8.1f} MB a minute")
        print(f"stop until all finished {stopped_s:8.2f} s")
        print(f"gaps                    {(folder / 'session.json').read_text().count('why')}")


async def _health(bus: Bus) -> WorkerHealth:
    found = [received.message for received in await bus.snapshot(WorkerHealth) if received.key == "recorder"]
    assert isinstance(found[0], WorkerHealth)
    return found[0]


def _voice() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Return ten seconds of noise with the spectrum and rhythm of speech."""
    noise = np.random.default_rng(1)
    count = 10 * SAMPLE_RATE
    spectrum = np.fft.rfft(noise.standard_normal(count))
    hertz = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    spectrum *= np.where((hertz > 100) & (hertz < 7000), 1 / (1 + (hertz / 800) ** 2), 0)
    wave = np.fft.irfft(spectrum, count) * np.abs(np.sin(np.arange(count) / SAMPLE_RATE * 12))
    return np.asarray(wave / np.abs(wave).max() * 12_000, np.int16)


if __name__ == "__main__":
    main()
