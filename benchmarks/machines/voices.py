"""Voices of a full party read by another machine: how late, how many, at what cost, and after what goes wrong.

    python -m benchmarks.machines.voices [--seconds 20] [--consoles 15] [--save]

One listener is on the machine itself, and one across a cable of their own, at the same time. Then the cable is pulled
and the gate killed while the far one listens. Needs root and `ip`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machines.space import HERE, LINK, WITHIN, another_machine, pulled
from common.bus.peers import keyring
from common.bus.peers.curve import CurveKeys
from common.bus.peers.keyring import PairedMachine
from common.messages import PeerState, WorkerHealth
from tests.e2e.pipeline import Pipeline, pipeline
from tests.support.processes import free_port
from tests.support.waiting import eventually

RESULTS = Path(__file__).parents[1] / "results"
DESK = CurveKeys.new()
LISTENER = (sys.executable, "-m", "benchmarks.machines.parts.listener")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--consoles", type=int, default=15)
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    arguments = parser.parse_args()
    port = free_port()
    env = {
        "PARTYLINE_PEERS__PORT": str(port),
        "PARTYLINE_PEERS__LISTEN": HERE,
        "PARTYLINE_AUDIO__SINK": "null",
        "PARTYLINE_SIMULATOR__CONSOLES": str(arguments.consoles),
    }
    with another_machine(), pipeline(env) as made:
        ring = keyring.loaded_or_new(made.paths)
        ring = ring.adding(PairedMachine(name="desk", public=DESK.public, right="listen", met_at=0.0))
        keyring.save(made.paths, ring)
        made.start()
        eventually(lambda: connected(made) == arguments.consoles, "all are connected", 180, every_s=0.5)
        time.sleep(5)  # the party has settled
        far = Far(made, f"{HERE}:{port}", ring.own.public)
        figures = {
            "consoles": arguments.consoles,
            **side_by_side(far, arguments.seconds),
            "cable pulled for 1 s": far.through(lambda: cable_out(1.0)),
            "cable pulled for 15 s": far.through(lambda: cable_out(15.0), 40.0),
            "kill -9 of the gate": far.through(lambda: made.kill_9("gate")),
        }
    print(json.dumps(figures, indent=1))
    if arguments.save:
        day = datetime.now(UTC).date()
        (RESULTS / f"machines-voices-{day}.json").write_text(json.dumps(figures, indent=1) + "\n")


class Far:
    """Listeners on the other machine."""

    def __init__(self, made: Pipeline, address: str, server: str) -> None:
        self.made = made
        self._words = (address, server)

    def begin(self, seconds: float) -> subprocess.Popen[str]:
        began = subprocess.Popen(
            (*WITHIN, *LISTENER, str(seconds), *self._words), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert began.stdin is not None
        began.stdin.write(f"{DESK.public} {DESK.private}\n")
        began.stdin.flush()
        return began

    def through(self, fault: Callable[[], object], seconds: float = 20.0) -> dict[str, Any]:
        """Return what a listener heard while something went wrong after 4 s."""
        listening = self.begin(seconds)
        time.sleep(4)
        fault()
        return heard(listening)


def side_by_side(far: Far, seconds: float) -> dict[str, Any]:
    gate, bytes_before = cpu(far.made), sent()
    there = far.begin(seconds)
    here = subprocess.Popen(
        (*LISTENER, str(seconds), str(far.made.paths.run)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    found: dict[str, Any] = {"across the cable": heard(there), "on the machine itself": heard(here)}
    found["gate, CPU % of a core"] = round(100 * (cpu(far.made) - gate) / seconds, 1)
    found["Mbit/s"] = round((sent() - bytes_before) * 8 / seconds / 1e6, 2)
    return found


def heard(listening: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = listening.communicate(timeout=120)
    found: dict[str, Any] = json.loads(out)
    return found


def cable_out(seconds: float) -> None:
    with pulled():
        time.sleep(seconds)


def connected(made: Pipeline) -> int:
    return sum(peer.connection == "connected" for peer in made.state().all(PeerState))


def cpu(made: Pipeline) -> float:
    return next(health.cpu_seconds for health in made.state().all(WorkerHealth) if health.worker == "gate")


def sent() -> int:
    return int(Path(f"/sys/class/net/{LINK}/statistics/tx_bytes").read_text())


if __name__ == "__main__":
    main()
