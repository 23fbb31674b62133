"""A split pipeline on two machines: the party on one, the sound at the desk. What comes back after each fault.

    python -m benchmarks.machines.split [--consoles 3] [--only TEXT] [--save]
    python -m benchmarks.machines.split --talkers 15 [--save]      CPU and bandwidth

Two network namespaces with a cable between them are two machines with a home each. Every worker of either side, the
gate, the link and each supervisord is killed with SIGKILL, and the cable is pulled for 1 s and for 15 s. Measured is
how long voices are missing at the desk, and when everything stands again on both sides: heartbeats of all workers
there, the party joined once, all members connected, nothing told as missing. A supervisord that was killed is started
again as soon as its workers have ended. Needs root and `ip`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.machines.parts.two_homes import THINGS, TwoHomes, VoiceWatch, two_homes
from benchmarks.machines.space import LINK, another_machine, pulled
from common.messages import PeerState, WorkerHealth
from common.run.process import running_workers
from tests.e2e.pipeline import Control, Pipeline, State
from tests.support.waiting import eventually

RESULTS = Path(__file__).parents[1] / "results"
SETTLED_S = 240.0
"""Nothing takes that long. What does is a finding."""
QUIET_S = 2.0
"""How long it must stand again before the next fault."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consoles", type=int, default=3)
    parser.add_argument("--talkers", type=int, default=0, help="measure CPU and bandwidth with that many talkers")
    parser.add_argument("--save", action="store_true", help="write the figures to benchmarks/results")
    parser.add_argument("--only", default="", metavar="TEXT", help="faults with this in their name")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that pipelines and namespace end too
    found: dict[str, Any]
    if arguments.talkers:
        with another_machine(), two_homes(arguments.talkers) as two:
            found = {"load": load(two)}
    else:
        found = {"faults": {}}
        with another_machine(), two_homes(arguments.consoles) as two:
            for part in faults(two, arguments.only):
                found = {**found, **part, "faults": {**found["faults"], **part.get("faults", {})}}
                if arguments.save:
                    save(part)  # a long run that is ended keeps what it has
    print(as_table(found))
    if arguments.save:
        save(found)


def save(found: dict[str, Any]) -> None:
    """Add figures to those of the day."""
    file = RESULTS / f"machines-split-{datetime.now(UTC).date()}.json"
    before: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    figures = {**before, **found, "faults": {**before.get("faults", {}), **found.get("faults", {})}}
    file.write_text(json.dumps(figures, indent=1) + "\n")
    file.with_suffix(".md").write_text(as_table(figures))


def begin(two: TwoHomes) -> dict[str, Any]:
    """Start two whole pipelines and make them one, by the command."""
    two.spare.start()
    two.desk.start()
    eventually(
        lambda: connected(two.spare) == two.consoles, "the spare machine is in its party", SETTLED_S, every_s=0.3
    )
    began = time.monotonic()
    done = two.desk.partyline("split", "spare")
    assert done.returncode == 0, done.stderr
    ear = VoiceWatch(two.desk)
    try:
        stands(two)
        eventually(lambda: ear.frames > 100, "voices are heard", SETTLED_S)
        return {"command s": round(ear.first_at - began, 1), "all stands s": round(time.monotonic() - began, 1)}
    finally:
        ear.close()


def faults(two: TwoHomes, only: str) -> Iterator[dict[str, Any]]:
    """Yield figures, a fault at a time."""
    yield {"consoles": two.consoles, "split": begin(two)}
    watch = VoiceWatch(two.desk)
    for name, (fault, killed) in cases(two).items():
        if only in name:
            time.sleep(QUIET_S)
            row = through(two, watch, fault, killed)
            print(name, json.dumps(row), flush=True)
            yield {"faults": {name: row}}
    watch.close()
    yield {"off": end(two)}


def cases(two: TwoHomes) -> dict[str, tuple[Callable[[], object], str]]:
    """Return name → fault, and the worker that it kills."""
    found: dict[str, tuple[Callable[[], object], str]] = {}
    for side, names in THINGS.items():
        made = two.spare if side == "spare" else two.desk
        for name in names:
            found[f"kill -9 of {name}, {side}"] = partial(made.kill_9, name), name
    found["cable out for 1 s"] = partial(out, 1.0), ""
    found["cable out for 15 s"] = partial(out, 15.0), ""
    found["kill -9 of supervisord, desk"] = partial(supervisord_again, two.desk), ""
    found["kill -9 of supervisord, spare"] = partial(supervisord_again, two.spare), ""
    found["partyline down and up, desk"] = partial(down_and_up, two.desk), ""
    return found


def through(two: TwoHomes, ear: VoiceWatch, fault: Callable[[], object], killed: str = "") -> dict[str, Any]:
    """Return what a fault cost, from its beginning. `killed` is the worker whose new run both sides must know."""
    boots = {boot for state in two.states() for boot in boots_of(state, killed)}
    began = time.monotonic()
    held = fault()
    stood, lacked = stands(two, began, killed, boots)
    eventually(lambda: ear.silent_for() < 0.1, "voices are back", SETTLED_S, every_s=0.05)
    time.sleep(1.0)
    gaps = ear.gaps_since(began)
    found = {
        "voices missing s": round(sum(gaps), 2),
        "voices back after s": round(ear.back_at(began) - began, 2),
        "everything stands after s": round(stood - began, 2),
        "was lacking": lacked,
        "in the party": members(two),
        "load of this machine": round(os.getloadavg()[0], 1),
    }
    if isinstance(held, float):
        found["of it down s"] = round(held, 2)
    return found


def boots_of(state: State, worker: str) -> set[str]:
    """Return the runs of a worker that a machine knows, of either machine."""
    return {one.boot for one in state.all(WorkerHealth) if one.worker.rpartition("/")[2] == worker}


def stands(two: TwoHomes, began: float = 0.0, killed: str = "", boots: Collection[str] = ()) -> tuple[float, list[str]]:
    """Wait until everything stands for 2 s. Return since when, and what was lacking meanwhile."""
    lacked: list[str] = []
    since = 0.0
    began = began or time.monotonic()
    while time.monotonic() - began < SETTLED_S:
        lacks = two.lacks()
        if not lacks and killed and any(boots_of(state, killed) <= set(boots) for state in two.states()):
            lacks = f"the new run of {killed} is not known"
        if lacks:
            since = 0.0
            if lacks not in lacked:
                lacked.append(lacks)
        elif not since:
            since = time.monotonic()
        elif time.monotonic() - since > 2.0:
            return since, lacked
        time.sleep(0.05)
    raise AssertionError(f"after {SETTLED_S:g} s: {two.lacks()}")


def members(two: TwoHomes) -> int:
    """Return how often we are in the party, as the network has it. Anything but 1 is a fault."""
    parties = Control.of(two.spare.paths.simulator_file).get("state")["parties"]
    return sum(len(party["members"]) for party in parties) - two.consoles


def connected(made: Pipeline) -> int:
    return sum(one.connection == "connected" for one in made.state().all(PeerState))


def out(seconds: float) -> float:
    with pulled():
        time.sleep(seconds)
    return seconds


def supervisord_again(made: Pipeline) -> float:
    """Kill supervisord, and start it again as soon as its workers have ended, as a service manager would."""
    began = time.monotonic()
    os.kill(int((made.paths.run / "supervisord.pid").read_text()), signal.SIGKILL)
    eventually(lambda: not running_workers(made.paths.run), "its workers have ended", SETTLED_S, every_s=0.1)
    made.start()
    return time.monotonic() - began


def down_and_up(made: Pipeline) -> float:
    began = time.monotonic()
    made.terminate(30)
    made.start()
    return time.monotonic() - began


def end(two: TwoHomes) -> dict[str, Any]:
    """Make the two machines whole again, by the command."""
    began = time.monotonic()
    done = two.desk.partyline("split", "--off")
    assert done.returncode == 0, done.stderr
    eventually(lambda: own(two.spare) and own(two.desk), "each runs everything", SETTLED_S, every_s=0.2)
    state = two.spare.state()
    left = [one.worker for made in (two.spare, two.desk) for one in made.state().all(WorkerHealth) if "/" in one.worker]
    return {
        "each is whole after s": round(time.monotonic() - began, 1),
        "the spare one is still heard": sum(one.connection == "connected" for one in state.all(PeerState)),
        "left of the other": left,
    }


def own(made: Pipeline) -> bool:
    return {*THINGS["spare"][2:], *THINGS["desk"][2:]} <= set(running_workers(made.paths.run))


def load(two: TwoHomes) -> dict[str, Any]:
    """Return CPU and bandwidth with many talkers."""
    begin(two)
    ear = VoiceWatch(two.desk)
    time.sleep(5)
    ear.forget()
    before, bytes_before, began = cpu(two), sent(), time.monotonic()
    time.sleep(20)
    seconds = time.monotonic() - began
    after = cpu(two)
    figures = {
        "talkers": two.consoles,
        "Mbit/s to the desk": round((sent() - bytes_before) * 8 / seconds / 1e6, 2),
        "CPU % of a core": {name: round(100 * (after[name] - before[name]) / seconds, 1) for name in after},
        "tick to the desk, ms (median, 99 %, worst)": [
            round(float(v), 1) for v in np.percentile(ear.late_ms, (50, 99, 100))
        ],
    }
    ear.close()
    print(json.dumps(figures), flush=True)
    return figures


def cpu(two: TwoHomes) -> dict[str, float]:
    found = {}
    for side, names in THINGS.items():
        made = two.spare if side == "spare" else two.desk
        for name in names:
            times = psutil.Process(made.pid(name)).cpu_times()
            found[f"{name}, {side}"] = times.user + times.system
    return found


def sent() -> int:
    return int(Path(f"/sys/class/net/{LINK}/statistics/tx_bytes").read_text())


def as_table(figures: dict[str, Any]) -> str:
    lines = ["# A split pipeline", "", "`python -m benchmarks.machines.split`, all on one machine of two cores."]
    if figures.get("faults"):
        lines += _faults(figures)
    if load := figures.get("load"):
        lines += [
            "",
            f"With {load['talkers']} talkers: {load['Mbit/s to the desk']} Mbit/s to the desk. CPU, % of a core:",
        ]
        lines += ["", "| program | CPU |", "|---|---|"]
        lines += [f"| {name} | {share} |" for name, share in load["CPU % of a core"].items()]
    return "\n".join(lines) + "\n"


def _faults(figures: dict[str, Any]) -> list[str]:
    lines = [
        "",
        f"{figures['consoles']} talkers. Seconds from the fault's beginning. “Down” is what the test itself kept away.",
        "",
        "| fault | down | voices missing | voices back | everything stands | times in the party | load |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in figures["faults"].items():
        lines.append(
            f"| {name} | {row.get('of it down s', '')} | {row['voices missing s']} | {row['voices back after s']} "
            f"| {row['everything stands after s']} | {row['in the party']} | {row['load of this machine']} |"
        )
    split, off = figures["split"], figures.get("off")
    lines += [
        "",
        f"`partyline split spare`: voices after {split['command s']} s, all stands after {split['all stands s']} s.",
    ]
    if off:
        heard = f"the spare machine still hears {off['the spare one is still heard']}"
        lines += [f"`partyline split --off`: each is whole after {off['each is whole after s']} s, and {heard}."]
    return lines


if __name__ == "__main__":
    main()
