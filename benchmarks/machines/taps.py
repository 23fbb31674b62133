"""Recordings of another machine's bus over a cable: one that is pulled, and a reader that stands still.

    python -m benchmarks.machines.taps [--save]

The spare runs here with the simulator's party. In another network namespace one machine records its bus for half a
minute, while the cable is out for ten seconds, and another one's output takes nothing at all. Meanwhile the gate's
memory is looked at, and whether a local reader misses anything. Needs root and `ip`.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.machines.security import RESULTS
from benchmarks.machines.sign_in import SofaDesk, paired
from benchmarks.machines.space import HERE, WITHIN, another_machine, pulled
from cli.diagnostics import bus_recording
from common.bus import Bus
from common.messages.wire import Received
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.processes import free_port, short_folder
from tests.support.waiting import eventually

FOR_S, BEFORE_S, OUT_S = 36.0, 8.0, 10.0


def at_the_desk(desk: SofaDesk, *words: str, **how: object) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PARTYLINE_HOME": str(desk.paths.home)}
    command = [*WITHIN, sys.executable, "-m", "cli", "--at", "spare", *words]
    return subprocess.Popen(command, env=env, **how)  # type: ignore[call-overload,no-any-return]


async def _count(made: Pipeline, seconds: float) -> dict[str, int]:
    """Return how many messages a reader on the spare gets and misses, by the senders' own numbers."""
    bus, last, missed, count = Bus("look", made.paths.run), dict[tuple[str, str], int](), 0, 0
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                began = time.time()
                async for got in bus.subscribe(""):
                    if got.header.at < began:
                        continue  # retained: what came before it is no loss
                    key = (got.header.sender, got.header.boot)
                    if key in last and got.header.seq > last[key]:
                        missed += got.header.seq - last[key] - 1
                    last[key] = max(got.header.seq, last.get(key, 0))
                    count += 1
    finally:
        await bus.close()
    return {"messages": count, "missed": missed}


def told(file: Path) -> dict[str, object]:
    """Return what a recording says of itself."""
    about, entries = bus_recording.read(file)
    found = list(entries)
    messages = [entry for entry in found if isinstance(entry, Received)]
    lines = file.read_bytes()
    return {
        "machine": about.machine, "clock ahead, s": about.clock_ahead_s, "messages": len(messages),
        "by topic": dict(Counter(entry.topic.partition("/")[0] for entry in messages).most_common(4)),
        "notes": [type(entry).__name__ for entry in found if not isinstance(entry, Received)],
        "every line is whole": lines.endswith(b"\n") and len(lines.splitlines()) == len(found) + 1,
    }  # fmt: skip


def measured(made: Pipeline, desk: SofaDesk, port: int) -> dict[str, object]:
    paired(made.paths, desk.paths, port)
    made.start()
    control = Control.of(made.paths.simulator_file)
    eventually(lambda: control.get("spoken"), "somebody speaks", every_s=0.2)
    control.post("chorus", {"on": True})
    eventually(lambda: made.pid("gate"), "the gate runs", every_s=0.2)
    gate = psutil.Process(made.pid("gate"))
    file = desk.paths.home / "party.jsonl"
    reader, writer = os.pipe()  # nobody reads it
    before, local = gate.memory_info().rss, dict[str, int]()
    counting = threading.Thread(target=lambda: local.update(asyncio.run(_count(made, FOR_S))))
    counting.start()
    recording = at_the_desk(desk, "tap", "--record", str(file), "--for", str(FOR_S), stderr=subprocess.PIPE)
    stuck = at_the_desk(desk, "tap", "--json", stdout=writer, stderr=subprocess.DEVNULL)
    time.sleep(BEFORE_S)
    with pulled():
        time.sleep(OUT_S)
    _, said = recording.communicate(timeout=120)
    counting.join()
    after = gate.memory_info().rss
    stuck.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        stuck.wait(20)
    ended = stuck.poll()
    stuck.kill()
    for end in (reader, writer):
        os.close(end)
    replayed = subprocess.run(
        [sys.executable, "-m", "cli", "tap", "--replay", str(file), "--speed", "0", "party.state"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return {
        "recording": told(file),
        "the command said": said.decode().splitlines(),
        "a local reader meanwhile": local,
        "memory of the gate, MB": [round(before / 1e6, 1), round(after / 1e6, 1)],
        "a reader whose output takes nothing ends at Ctrl-C": ended,
        "replayed lines of party.state": len(replayed.stdout.splitlines()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    arguments = parser.parse_args()
    port = free_port()
    env = {"PARTYLINE_PEERS__PORT": str(port), "PARTYLINE_PEERS__LISTEN": HERE, "PARTYLINE_AUDIO__SINK": "null"}
    with another_machine(), short_folder() as home, pipeline(env) as made:
        figures = measured(made, SofaDesk(home), port)
    print(json.dumps(figures, indent=1, ensure_ascii=False))
    if arguments.save:
        day = datetime.now(UTC).date()
        (RESULTS / f"machines-taps-{day}.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
