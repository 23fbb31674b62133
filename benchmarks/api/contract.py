"""A long run of the contract's tests: every operation and kind of frame against a real dashboard worker, drawn anew.

    python -m benchmarks.api.contract [--minutes 10] [--seed N] [--json FILE]

The usual suite draws the same few examples each time. This draws others round after round, with keys of each kind, and
lists findings. Exit 1 if there is one. `--seed` repeats a run.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from common.api import PATH
from tests.support.waiting import eventually
from tests.workers.dashboard.api.contract import over_http
from tests.workers.dashboard.api.contract.event_schema import Frames
from tests.workers.dashboard.api.contract.keyring import KINDS, RIGHT_OF, Keyring, Kind
from tests.workers.dashboard.api.contract.over_events import Connections
from tests.workers.dashboard.stage import Stage, staged

EXAMPLES = 40
"""Of each operation and each kind of frame in a round, some 20 s of it."""
MOST_TOLD = 20
ADMIN: tuple[Kind, ...] = ("admin",)
OTHERS: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind not in ADMIN)


class ContractRun:
    """What all rounds tried and found."""

    def __init__(self, stage: Stage, ring: Keyring) -> None:
        self._stage, self._ring = stage, ring
        self.findings: list[str] = []
        self.calls = self.frames = self.rounds = 0
        self.statuses: Counter[int] = Counter()
        self.answers: Counter[str] = Counter()

    def round(self, number: int) -> None:
        origin, ring = self._stage.origin, self._ring
        for kinds in (ADMIN, OTHERS):
            coverage = kinds is ADMIN and not self.rounds
            outcome = over_http.run(
                origin, ring, kinds, examples=EXAMPLES, coverage=coverage, seed=number, derandomize=False
            )
            self.findings += outcome.findings
            self.calls += outcome.calls
            self.statuses += outcome.statuses
        documents = [
            httpx.get(f"{origin}{PATH}/{name}.json", trust_env=False).json() for name in ("asyncapi", "openapi")
        ]
        frames, valid, invalid = Frames(*documents), GenerationMode.POSITIVE, GenerationMode.NEGATIVE
        drawn = [frames.any(kind, mode) for kind in ("Subscribe", "Ask") for mode in (valid, invalid)]
        drawn += [frames.subscriptions(), frames.requests(valid), frames.requests(invalid)]
        for kind in (kind for kind in KINDS if RIGHT_OF[kind] is not None):
            self._exchange(kind, drawn, documents, number)
        self.rounds += 1

    def _exchange(
        self, kind: Kind, drawn: list[st.SearchStrategy[Any]], documents: list[dict[str, Any]], number: int
    ) -> None:
        with Connections(self._stage.origin, self._ring, kind, documents[0], documents[1], count=4) as connections:
            for strategy in drawn:

                @seed(number)
                @settings(
                    max_examples=EXAMPLES, database=None, deadline=None, phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )  # fmt: skip
                @given(strategy)
                def each(frame: Any) -> None:
                    connections.exchange(frame)

                each()
            self.findings += [f"{kind}: {fault}" for fault in connections.faults]
            self.frames += connections.sent
            self.answers += connections.got


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="begin no round after this time (10)")
    parser.add_argument("--seed", type=int, default=random.randrange(2**31), help="of the first round")
    parser.add_argument("--json", type=Path, help="also write the outcome there")
    arguments = parser.parse_args()
    began = time.monotonic()
    with staged(PARTYLINE_API__ORIGINS='["http://localhost:3000"]') as stage:
        stage.signed_in()
        stage.furnish()
        stage.party(15)
        run = ContractRun(stage, Keyring(stage, admin=60))
        memory = [_memory(stage)]
        while time.monotonic() - began < arguments.minutes * 60:
            run.round(arguments.seed + run.rounds)
            memory.append(_memory(stage))
            print(
                f"round {run.rounds}: {run.calls} calls, {run.frames} frames, {len(run.findings)} findings", flush=True
            )
        eventually(lambda: _works(stage), "the worker still answers")
        faults = stage.dashboard.output.count("a request of the API failed")
    outcome = {
        "seed": arguments.seed,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "rounds": run.rounds,
        "calls": run.calls,
        "frames": run.frames,
        "statuses": dict(sorted(run.statuses.items())),
        "answers to frames": dict(run.answers),
        "faults of the worker": faults,
        "dashboard MB, first and last round": [memory[min(1, len(memory) - 1)], memory[-1]],
        "findings": run.findings,
    }
    print(json.dumps({**outcome, "findings": run.findings[:MOST_TOLD]}, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(outcome, indent=1) + "\n")
    return 1 if run.findings or faults else 0


def _works(stage: Stage) -> bool:
    return httpx.get(f"{stage.origin}{PATH}/openapi.json", trust_env=False).status_code == 200


def _memory(stage: Stage) -> float:
    pages = int(Path(f"/proc/{stage.dashboard.popen.pid}/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1e6, 1)


if __name__ == "__main__":
    sys.exit(main())
