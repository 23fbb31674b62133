"""Several pipelines on one machine, each a home of its own: what one more of them costs.

    python -m benchmarks.machines.many [--homes 1 2 4] [--seconds 30] [--consoles 3] [--save]

Memory is the proportional share (PSS): what processes have in common is counted once. CPU is the time that all
processes of the homes used, their simulators apart. Each home plays into the null sink.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import psutil

from common.messages import MixerState, PeerState
from tests.e2e.pipeline import Pipeline, pipeline
from tests.support.waiting import eventually

RESULTS = Path(__file__).parents[1] / "results"
MB = 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--homes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--consoles", type=int, default=3)
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    arguments = parser.parse_args()
    figures = [measure(homes, arguments.seconds, arguments.consoles) for homes in arguments.homes]
    if arguments.save:
        day = datetime.now(UTC).date()
        (RESULTS / f"many-{day}.json").write_text(json.dumps(figures, indent=1) + "\n")


def measure(homes: int, seconds: float, consoles: int) -> dict[str, object]:
    """Run that many pipelines, print and return their figures."""
    env = {"PARTYLINE_AUDIO__SINK": "null", "PARTYLINE_SIMULATOR__CONSOLES": str(consoles)}
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(pipeline(env)) for _ in range(homes)]
        began = time.monotonic()
        for one in made:
            one.start()
        for one in made:
            eventually(partial(_all_connected, one, consoles), "all consoles are connected", 120, every_s=0.3)
        started_s = time.monotonic() - began
        before, missed = _usage(made), _missing(made)
        time.sleep(seconds)
        after, missing = _usage(made), _missing(made) - missed
    cpu = {name: 100 * (after[name][1] - before[name][1]) / seconds for name in after}
    ours = [name for name in after if name != "simulator"]
    figures: dict[str, object] = {
        "homes": homes,
        "consoles": consoles,
        "all connected after s": round(started_s, 1),
        "memory MB (PSS)": round(sum(after[name][0] for name in ours)),
        "CPU % of a core": round(sum(cpu[name] for name in ours), 1),
        "of the simulators": round(cpu.get("simulator", 0.0), 1),
        "missing frames": missing,
        "by worker": {name: {"MB": round(after[name][0]), "CPU %": round(cpu[name], 1)} for name in sorted(ours)},
    }
    print(json.dumps(figures, indent=1), flush=True)
    return figures


def _all_connected(made: Pipeline, consoles: int) -> bool:
    return sum(peer.connection == "connected" for peer in made.state().all(PeerState)) == consoles


def _missing(made: list[Pipeline]) -> int:
    states = [one.state().one(MixerState) for one in made]
    return sum(talker.missing for state in states if state for talker in state.talkers)


def _usage(made: list[Pipeline]) -> dict[str, tuple[float, float]]:
    """Return MB (PSS) and CPU seconds by worker, of all homes together."""
    found: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    for one in made:
        for process in _processes(one):
            with contextlib.suppress(psutil.NoSuchProcess):
                words, times = process.cmdline(), process.cpu_times()
                name = words[words.index("-m") + 1].rpartition(".")[2] if "-m" in words else "supervisord"
                memory, cpu = found[name]
                pss = process.memory_full_info().pss / MB
                found[name] = (memory + pss, cpu + times.user + times.system)
    return dict(found)


def _processes(made: Pipeline) -> list[psutil.Process]:
    supervisord = psutil.Process(psutil.Process(made.pid("broker")).ppid())
    return [supervisord, *supervisord.children(recursive=True)]


if __name__ == "__main__":
    main()
