"""Benchmark of a device that rests: what its opening costs the first voice after a join.

    python -m benchmarks.sound.rest [--rounds 3] [--json FILE]

It uses a real PulseAudio and the real audio worker. A party is joined, and somebody speaks at the same moment or half a
second later, which is sooner than a connection comes up. "Open" is the time from the join until the device plays,
"heard" the time from the first spoken frame until it is heard, also with `[audio] keep_open`, and "lost" what
of the first second is not heard.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from common.messages import SAMPLE_RATE, MixerState, PartyState
from tests.support.correlate import best_match
from tests.support.soundserver import SoundServer
from tests.workers.audio.rig import Home, Talkers, Watcher, babble, peer, watching

SPEAKS_AFTER_S = (0.0, 0.5)
LISTEN_S = 3.0
LOUD = 0.002


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    cases = [(after_s, keep_open) for after_s in SPEAKS_AFTER_S for keep_open in (True, False)]
    rows = [asyncio.run(measure(*case)) for case in cases for _ in range(arguments.rounds)]
    print(f"{'speaks after the join':<24}{'the device':<14}{'plays after ms':>16}{'heard after ms':>16}{'lost ms':>10}")
    for after_s, keep_open in cases:
        found = [row for row in rows if (row["speaks_after_s"], row["keep_open"]) == (after_s, keep_open)]
        played, heard, lost = (
            statistics.median(row[key] for row in found) for key in ("plays_ms", "heard_ms", "lost_ms")
        )
        state = "is open" if keep_open else "rests"
        print(f"{after_s:<24}{state:<14}{played:>16.0f}{heard:>16.0f}{lost:>10.0f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


async def measure(after_s: float, keep_open: bool) -> dict[str, Any]:
    """Return what happened to the first words after one join, in milliseconds."""
    spoken = babble(LISTEN_S + 2, level=0.3)
    with SoundServer() as server, Home(server.env, keep_open=str(keep_open).lower()) as home:
        async with watching(home) as watcher:
            watcher.bus.publish(PartyState(phase="none"))
            home.start_module("tests.workers.audio.heard.hasty_worker")
            await watcher.sees("the device plays", _plays)
            if not keep_open:
                await watcher.sees("the device rests", lambda w: (s := w.now(MixerState)) and s.resting)
            with server.record() as recorder, Talkers(home.paths.run, {peer(1): spoken}, lead_s=1 + after_s) as talkers:
                await asyncio.sleep(max(0.0, (talkers.begun_ns - time.monotonic_ns()) / 1e9 - after_s))
                joined_ns = time.monotonic_ns()
                watcher.bus.publish(PartyState(phase="joining"))
                await watcher.sees("the device plays", _plays)
                plays_ms = (time.monotonic_ns() - joined_ns) / 1e6
                await asyncio.to_thread(recorder.wait_s, LISTEN_S + after_s + 1)
                recording = recorder.recording()
    heard = recording.at_ns(int(np.flatnonzero(np.abs(recording.samples) > LOUD)[0]))
    middle = spoken[SAMPLE_RATE : 2 * SAMPLE_RATE]
    begin = best_match(recording.samples, middle, SAMPLE_RATE).offset_samples - SAMPLE_RATE
    first = recording.samples[max(0, begin) : begin + SAMPLE_RATE]
    lost = int(np.flatnonzero(np.abs(first) > LOUD)[0]) - int(np.flatnonzero(np.abs(spoken) > LOUD * 32767)[0])
    return {
        "speaks_after_s": after_s,
        "keep_open": keep_open,
        "plays_ms": plays_ms,
        "heard_ms": (heard - talkers.begun_ns) / 1e6,
        "lost_ms": max(0, lost) * 1000 / SAMPLE_RATE,
    }


def _plays(watcher: Watcher) -> bool:
    state = watcher.now(MixerState)
    return state is not None and state.sink == state.wanted_sink


if __name__ == "__main__":
    main()
