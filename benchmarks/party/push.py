"""Benchmark of the calls to the push server and serveraddr per hour while the channel fails repeatedly.

    python -m benchmarks.party.push [--seeds 20]                              in simulated time: all seven patterns
    python -m benchmarks.party.push --real lives-6s killed --minutes 5        real processes against the simulator

In simulated time the production code itself runs (`workers.signaling.push_channel.reconnect_policy.ReconnectPolicy`,
`common.psn.http.pace.Openings`), in the order in which `workers.signaling.push_channel.connection_loop` uses it.
With real processes the simulator counts the calls. It keeps the membership while the channel is away, so that media's
open connections can be counted each second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.party.push_model import Model, Outcome, busiest_minute
from common.requests import JoinParty, SignIn
from tests.common.psn.rig import Rig, real, rig
from tests.support.processes import short_folder
from workers.signaling.push_channel.reconnect_policy import FailureKind

HOUR_S = 3600.0
PROMISED = 120
KILLED_EACH_S = 2.0
STARTS_IN_S = 1.0
"""Time of supervisord and the imports until the new process can try."""
_SERVERADDR, _SOCKET = "/pushcl/np/serveraddr", "/np/pushNotification"


def _same(outcome: Outcome) -> Callable[[Model], None]:
    def step(model: Model) -> None:
        model.attempt(outcome)

    return step


def _killed(model: Model) -> None:
    model.attempt(Outcome(lives_s=HOUR_S), model.now + KILLED_EACH_S)
    model.now += STARTS_IN_S


PATTERNS: dict[str, Callable[[Model], None]] = {
    "refused": _same(Outcome(FailureKind.REFUSED, accepted=False)),
    "reset": _same(Outcome(FailureKind.LOST, accepted=False)),
    "lives-6s": _same(Outcome(FailureKind.LOST, lives_s=6.0)),
    "lives-30s": _same(Outcome(FailureKind.LOST, lives_s=30.0)),
    "silent": _same(Outcome(FailureKind.LOST, lives_s=12.0)),
    "killed": _killed,
    "server-away": _same(Outcome(FailureKind.UNREACHABLE, named=False)),
}
"""The seven patterns. `silent` is a server that answers neither 1003 (10 s) nor the ping after it (2 s)."""


def hour(name: str, seed: int) -> Model:
    """Return the model after an hour of that pattern, which follows a channel that was open for an hour."""
    model = Model(chance=random.Random(seed))
    model.attempt(Outcome(lives_s=HOUR_S))
    model.asked.clear()
    model.opened.clear()
    end = model.now + HOUR_S
    while model.now < end:
        PATTERNS[name](model)
    model.asked = [at for at in model.asked if at < end]
    model.opened = [at for at in model.opened if at < end]
    return model


def made_up(seeds: int) -> list[dict[str, Any]]:
    """Return a row per pattern: calls an hour (median, worst) and in the busiest minute."""
    rows = []
    for name in PATTERNS:
        hours = [hour(name, seed) for seed in range(seeds)]
        both = [len(one.opened) + len(one.asked) for one in hours]
        rows.append(
            {
                "pattern": name,
                "connections": statistics.median(len(one.opened) for one in hours),
                "serveraddr": statistics.median(len(one.asked) for one in hours),
                "both": statistics.median(both),
                "worst": max(both),
                "busiest minute": max(busiest_minute(one.opened) for one in hours),
            }
        )
    return rows


# --- real processes ----------------------------------------------------------------------------------


async def measured(name: str, minutes: float) -> dict[str, Any]:
    """Return the calls of a pattern in `minutes`, and the lowest number of media's connections meanwhile."""
    with short_folder() as home:
        async with rig(home) as made:
            made.paths.make()
            made.up("broker")
            made.up("simulator", more=("--way", "push.presence=keeps"))
            await made.until(made.paths.simulator_file.exists, "the simulator is up")
            made.up("auth", "signaling", "session", "media", env=real(made))
            await made.bus.request(SignIn(pasted=made.info()["npsso"]), 60)
            await made.bus.request(JoinParty(target=made.info()["party_link"]), 60)
            party = await made.joined()
            peers = len(party.members) - 1
            await _standing(made, peers)
            await asyncio.sleep(1.0)
            before = await _calls(made)
            if name != "killed":
                scenario = "push-" + ("server-away" if name == "server-away" else name)
                await made.control("drop-push", {})
                await made.control("scenario", {"name": scenario})
            began, fewest = time.monotonic(), peers
            while time.monotonic() - began < 60 * minutes:
                if name == "killed":
                    made.again("signaling", env=real(made))
                await asyncio.sleep(KILLED_EACH_S if name == "killed" else 1.0)
                fewest = min(fewest, await _connected(made))
            after = await _calls(made)
            times = [at for at, path in after[len(before) :] if path == _SOCKET]
            return {
                "pattern": name,
                "minutes": minutes,
                "connections": len(times),
                "serveraddr": len(after) - len(before) - len(times),
                "busiest minute": busiest_minute(times),
                "media connections": f"{fewest} of {peers}",
                "phase": party.phase,
                "violations": len(await made.control("violations")),
            }


async def _calls(made: Rig) -> list[tuple[float, str]]:
    """Return when each call of the push channel began. An open connection is not included yet."""
    calls = await made.control("calls")
    found = [(c["at"] - c["took_ms"] / 1000, c["path"]) for c in calls if c["path"] in (_SERVERADDR, _SOCKET)]
    return sorted(found)


async def _connected(made: Rig) -> int:
    state = await made.control("state")
    return sum(
        any(link["state"] == "connected" for link in console["connections"].values()) for console in state["consoles"]
    )


async def _standing(made: Rig, peers: int) -> None:
    deadline = time.monotonic() + 60
    while await _connected(made) < peers:
        if time.monotonic() > deadline:
            raise SystemExit(f"media did not connect to everybody:\n{made.logs()}")
        await asyncio.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="hours of made-up time for each pattern (20)")
    parser.add_argument("--real", nargs="+", choices=PATTERNS, metavar="PATTERN", help=", ".join(PATTERNS))
    parser.add_argument("--minutes", type=float, default=5.0, help="wall time of each real one (5)")
    parser.add_argument("--json", type=Path, help="write the rows there too")
    arguments = parser.parse_args()
    if arguments.real:
        rows = [asyncio.run(measured(name, arguments.minutes)) for name in arguments.real]
    else:
        rows = made_up(arguments.seeds)
    print("".join(f"{key:>19}" for key in rows[0]))
    for row in rows:
        print("".join(f"{value!s:>19}" for value in row.values()))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 1 if any(row.get("worst", 0) >= PROMISED for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
