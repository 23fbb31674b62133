"""Benchmark of a sound device that disappears and returns: how long the voice is away beyond the device itself.

    python -m benchmarks.sound.unplug [--rounds 3] [--json FILE]

It uses a real PulseAudio and the real audio worker. "Noticed" is the time from the device's end until the null sink is
in use and the problem is reported. "Back" is the time from the device's return until the voice sounds in it. The return
is when the command that restores the device has ended, or when a change of the default is given. The recorder's own
start of some 30 ms counts as ours.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from common.messages import MixerState
from tests.support.soundserver import SINK, SoundServer
from tests.workers.audio.rig import Home, Talkers, Watcher, babble, peer, watching

OTHER = "partyline_other"
LISTEN_S = 2.5
LOUD = 0.002


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    rows = [asyncio.run(measure(how)) for how in WAYS for _ in range(arguments.rounds)]
    print(f"{'what is done':<34}{'noticed ms':>24}{'voice back ms':>24}")
    for how in WAYS:
        found = [row for row in rows if row["how"] == how]
        print(f"{how:<34}{_figures(found, 'noticed_ms'):>24}{_figures(found, 'back_ms'):>24}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def _figures(rows: list[dict[str, Any]], key: str) -> str:
    values = [row[key] for row in rows if row[key] is not None]
    return f"{statistics.median(values):.0f} (most {max(values):.0f})" if values else "-"


def _move(server: SoundServer) -> None:
    server.pactl("set-default-sink", OTHER)


WAYS: dict[str, tuple[Callable[[SoundServer], None] | None, Callable[[SoundServer], None], str]] = {
    "the sink is unloaded, loaded": (SoundServer.unplug, SoundServer.plug, SINK),
    "the sink is suspended, resumed": (lambda s: s.suspend(True), lambda s: s.suspend(False), SINK),
    "the server is killed, started": (SoundServer.kill, SoundServer.start, SINK),
    "the default moves": (None, _move, OTHER),
}


async def measure(how: str) -> dict[str, Any]:
    """Return how long one device's going and coming took, in milliseconds."""
    away, back, sink = WAYS[how]
    with SoundServer() as server, Home(server.env) as home:
        server.add_sink(OTHER) if sink == OTHER else None
        async with watching(home) as watcher:
            home.start("audio")
            await watcher.sees("the device plays", _plays("device"))
            with Talkers(home.paths.run, {peer(1): babble(120.0)}):
                await watcher.sees("somebody is heard", lambda w: (s := w.now(MixerState)) and s.talkers)
                await asyncio.sleep(3)
                noticed_ms = await _until_noticed(watcher, away, server) if away else None
                await asyncio.sleep(2)
                given_ns = time.monotonic_ns()
                await asyncio.to_thread(back, server)
                back_ns = time.monotonic_ns() if away else given_ns
                with server.record(sink) as recorder:
                    await asyncio.to_thread(recorder.wait_s, LISTEN_S)
                    recording = recorder.recording()
    heard = np.flatnonzero(np.abs(recording.samples) > LOUD)
    back_ms = (recording.at_ns(int(heard[0])) - back_ns) / 1e6 if len(heard) else float("inf")
    return {"how": how, "noticed_ms": noticed_ms, "back_ms": back_ms}


async def _until_noticed(watcher: Watcher, away: Callable[[SoundServer], None], server: SoundServer) -> float:
    begun_ns = time.monotonic_ns()
    await asyncio.to_thread(away, server)
    await watcher.sees("the null sink stands in", _plays("null"))
    return (time.monotonic_ns() - begun_ns) / 1e6


def _plays(kind: str) -> Callable[[Watcher], bool]:
    return lambda watcher: (state := watcher.now(MixerState)) is not None and state.sink == kind


if __name__ == "__main__":
    main()
