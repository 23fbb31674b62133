"""Test of being heard with every unknown: every pair of alternatives, over real processes.

    python -m benchmarks.party.ladder [--consoles 3] [--limit 60] [--save]

Each row has its own simulator, which accepts only that combination. The row ends when every console is heard, or after
the limit. Times are in seconds from the join to the last voice. A row's calls are all HTTP requests of its run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from allpairspy import AllPairs

from common.files.paths import Paths
from common.messages import PeerState
from common.psn.unknowns import UNKNOWNS
from simulator.facts.declared import FACTS
from tests.common.psn.rig import Rig, rig

RESULTS = Path(__file__).parent.parent / "results"
FACTORS = [unknown.name for unknown in UNKNOWNS if unknown.trier in ("member", "party", "call", "time")]
BESIDE = ["frame.unfit", "consoles.named-in-custom-data3"]
"""Facts that the client does not try, but that change the simulator's behaviour."""


@dataclass
class Row:
    ways: dict[str, str]
    heard: int
    of: int
    worst_s: float
    median_s: float
    calls: int
    messages: int
    violations: list[str]


def rows() -> list[dict[str, str]]:
    """Return combinations in which every pair of ways of any two facts occurs."""
    names = [*FACTORS, *BESIDE]
    return [dict(zip(names, ways, strict=True)) for ways in AllPairs([FACTS[name].ways for name in names])]


async def heard_in(made: Rig, consoles: int, limit_s: float) -> list[float]:
    """Return when each console was heard, in seconds from the join, without those not heard within the limit."""
    await made.joined()
    began = time.monotonic()
    found: dict[str, float] = {}
    while len(found) < consoles and time.monotonic() - began < limit_s:
        for message in list(made.latest.values()):
            if isinstance(message, PeerState) and message.connection == "connected" and message.packets > 0:
                found.setdefault(message.key(), time.monotonic() - began)
        await asyncio.sleep(0.05)
    return sorted(found.values())


async def measure(ways: dict[str, str], consoles: int, limit_s: float) -> Row:
    with tempfile.TemporaryDirectory(prefix="pl-") as folder:
        Paths(Path(folder)).make()
        async with rig(Path(folder)) as made:
            asked = [argument for name, way in ways.items() for argument in ("--way", f"{name}={way}")]
            made.up("broker")
            made.up("simulator", env={"PARTYLINE_SIMULATOR__CONSOLES": str(consoles)}, more=tuple(asked))
            await made.until(made.paths.simulator_file.exists, "the simulator serves")
            made.up("auth", "signaling", "media", "session")
            times = await heard_in(made, consoles, limit_s)
            calls = await made.calls()
            violations = [one["reason"] for one in await made.control("violations")]
    return Row(
        ways=ways,
        heard=len(times),
        of=consoles,
        worst_s=round(times[-1], 1) if len(times) == consoles else limit_s,
        median_s=round(statistics.median(times), 1) if times else limit_s,
        calls=len(calls),
        messages=sum("customMessage" in call for call in calls),
        violations=violations,
    )


def shown(row: Row) -> str:
    usual = {name: FACTS[name].ways[0] for name in row.ways}
    odd = ", ".join(f"{name}={way}" for name, way in row.ways.items() if usual[name] != way) or "(all usual)"
    wrong = f"  violations: {row.violations[:2]}" if row.violations else ""
    return f"| {row.heard} of {row.of} | {row.worst_s} | {row.calls} | {row.messages} | {odd} |{wrong}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--consoles", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0, metavar="S", help="a row ends then (60 s)")
    parser.add_argument("--rows", type=int, default=0, help="only so many of them")
    parser.add_argument("--save", action="store_true", help="also write the figures to benchmarks/results")
    arguments = parser.parse_args()
    every = rows()
    every = every[: arguments.rows] if arguments.rows else every
    print(
        f"{len(every)} combinations\n\n| heard | worst s | calls | messages | what is unusual |\n|---|---|---|---|---|"
    )
    done = []
    for ways in every:
        done.append(asyncio.run(measure(ways, arguments.consoles, arguments.limit)))
        print(shown(done[-1]), flush=True)
    full = [row for row in done if row.heard == row.of]
    worst = max(row.worst_s for row in done)
    print(
        f"\n{len(full)} of {len(done)} heard in full; worst {worst} s; at most {max(row.calls for row in done)} calls"
    )
    if arguments.save:
        name = f"ladder-{datetime.now(UTC):%Y-%m-%d}.json"
        (RESULTS / name).write_text(json.dumps([asdict(row) for row in done], indent=1) + "\n")


if __name__ == "__main__":
    main()
