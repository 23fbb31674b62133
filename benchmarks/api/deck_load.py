"""Benchmark of a full Stream Deck: what the plugin costs while fifteen talk and every key shows a level.

    python -m benchmarks.api.deck_load [--seconds 30]

A played Stream Deck XL with 32 keys that mute and solo, a real dashboard worker, and fifteen talkers whose levels
come ten times a second. CPU of the plugin's process in % of a core, its memory, and how many pictures it draws.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from benchmarks.api.stream_deck import stream_deck
from common.api import keys
from common.messages import Levels
from tests.workers.dashboard.stage import Stage, member, staged

TALKERS = 15
KEYS = 32
PERIOD_S = 0.1
SEED = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=30.0)
    print(json.dumps(measure(parser.parse_args().seconds), indent=1))


def measure(seconds: float) -> dict[str, Any]:
    with staged() as stage, TemporaryDirectory() as folder:
        stage.furnish()
        stage.party(TALKERS)
        _, key = keys.make(stage.paths, "deck", "control")
        with stream_deck(Path(folder), url=stage.origin, key=key) as app:
            for number in range(KEYS):
                app.appear(f"key {number}", "solo" if number % 2 else "mute", place=number // 2 % TALKERS + 1)
            app.wait(lambda: member(1).online_id in app.words("key 0"), "the keys are there")
            return cost(stage, app.pid, seconds, "pictures", lambda: len(app.said))


def cost(stage: Stage, pid: int, seconds: float, what: str, counted: Callable[[], int]) -> dict[str, Any]:
    """Let everybody talk, with levels. Return CPU and memory of a process, and how many of `what` are counted."""
    members = tuple(member(number) for number in range(1, TALKERS + 1))
    drawn = random.Random(SEED)
    stage.speak(*members)
    process = psutil.Process(pid)
    before, first, began = sum(process.cpu_times()[:2]), counted(), time.monotonic()
    turns = 0
    while time.monotonic() - began < seconds:
        levels = {who.peer: drawn.uniform(-50, -3) for who in members}
        stage.publish("audio", Levels(talkers=levels, mix=-6.0))
        turns += 1
        time.sleep(max(0.0, began + turns * PERIOD_S - time.monotonic()))
    took = time.monotonic() - began
    return {
        "CPU %": round(100 * (sum(process.cpu_times()[:2]) - before) / took, 1),
        "MB": round(process.memory_info().rss / 1e6),
        f"{what} a second": round((counted() - first) / took),
        "levels a second": round(turns / took, 1),
    }


if __name__ == "__main__":
    main()
