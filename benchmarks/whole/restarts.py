"""Benchmark of killed workers: frames missing or concealed in the mix, against quiet times in the same run.

    python -m benchmarks.whole.restarts [--rounds 5] [--json FILE]

Each round kills broker, auth, session and signaling (kill -9) one after the other while people talk. Before each kill a
window of the same length passes without one. A noisy machine affects both equally, so compare them.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from common.messages import MixerState, PeerState
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.soundserver import SoundServer
from tests.support.waiting import eventually

WORKERS = ("broker", "auth", "session", "signaling")
WINDOW_S = 5.0
NOTHING = "nothing"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    rows = measure(arguments.rounds)
    print(f"{'killed':<12}{'windows':>8}{'disturbed':>11}{'missing frames':>16}{'concealed frames':>18}")
    for killed in (NOTHING, *WORKERS):
        found = [row for row in rows if row["killed"] == killed]
        disturbed = sum(bool(row["missing"] or row["concealed"]) for row in found)
        missing, concealed = (sum(row[key] for row in found) for key in ("missing", "concealed"))
        print(f"{killed:<12}{len(found):>8}{disturbed:>11}{missing:>16}{concealed:>18}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def measure(rounds: int) -> list[dict[str, Any]]:
    """Return a row per window: the worker killed at its start, and the frames missing and concealed in it."""
    rows = []
    with SoundServer() as server, pipeline(server.env) as made:
        made.start()
        control = Control.of(made.paths.simulator_file)
        eventually(lambda: control.get("spoken"), "somebody speaks")
        time.sleep(2 * WINDOW_S)  # the start itself is not measured
        for _ in range(rounds):
            for worker in WORKERS:
                rows.append(_window(made, NOTHING))
                rows.append(_window(made, worker))
    return rows


def _window(made: Pipeline, worker: str) -> dict[str, Any]:
    before = _counts(made)
    if worker != NOTHING:
        made.kill_9(worker)
    time.sleep(WINDOW_S)
    after = eventually(lambda: _counts(made), "the mixer tells its figures", every_s=0.2)
    return {"killed": worker, **{key: after[key] - before[key] for key in before}}


def _counts(made: Pipeline) -> dict[str, int]:
    state = made.state()
    mixer = state.one(MixerState)
    if mixer is None:
        return {}
    return {
        "missing": sum(talker.missing for talker in mixer.talkers),
        "concealed": sum(peer.concealed_frames for peer in state.all(PeerState)),
    }


if __name__ == "__main__":
    main()
