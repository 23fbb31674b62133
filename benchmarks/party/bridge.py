"""Benchmark of bridges: time until a bridge carries the voices that P2P does not, its calls, and its end.

    python -m benchmarks.party.bridge [--samples 1] [--save NAME]

The real workers run with default settings, in a party of two consoles that P2P reaches, one that nobody reaches and one
whose user forbids P2P. Every way of who joins a bridge and of its offers' direction is measured. Later those two rejoin
and are reached, which ends the bridge. `twice` is how much of a voice with its own connection was found in the bridge's
sound.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common.messages import BRIDGE_PEER
from simulator.consoles import voices
from simulator.facts.bridge import CARRIES, DIRECTION
from tests.common.psn.rig import Rig
from tests.support.processes import short_folder
from tests.workers.media.console import Heard
from tests.workers.media.voice import likeness
from tests.workers.signaling.transports.bridge.bridged import NEEDY, PEERS, Ear, bridges, party, reachable

RESULTS = Path(__file__).parent.parent / "results"
LIMIT_S = 120.0
SPOKEN_S = 6.0
"""Consoles finish their sentence within this time."""


class Run:
    """One party from the join on."""

    def __init__(self, made: Rig, ear: Ear) -> None:
        self._rig = made
        self._ear = ear

    async def play(self) -> dict[str, Any]:
        near, far = PEERS[:2], PEERS[2:4]
        began = time.monotonic()
        heard_s = await self._until(began, lambda: "bridge" in self._ear.ways(far))
        await asyncio.sleep(2.0)  # consoles on their way onto it have joined by then
        on_it = [one for bridge in await bridges(self._rig) for one in bridge["consoles"] if one in far]
        found = {"heard_s": heard_s, "brought": len(on_it), "calls": await self._calls(0)}
        found["twice"] = await self._twice(near)
        before = len(await self._rig.calls())
        for peer in far:
            await reachable(self._rig, peer)
        again = time.monotonic()
        found["reached_s"] = await self._until(again, lambda: self._ear.ways(near + far) == ["own"] * 4)
        up = time.monotonic()
        gone: list[Any] = [0]
        while gone and time.monotonic() - up < LIMIT_S:
            gone = await bridges(self._rig)
            await asyncio.sleep(0.2)
        found["given_up_s"] = round(time.monotonic() - up, 1)
        found["calls_to_end"] = await self._calls(before)
        found["violations"] = len(await self._rig.control("violations"))
        return found

    async def _until(self, began: float, condition: Any) -> float | None:
        """Return the seconds until `condition` holds, None for never."""
        with suppress(AssertionError):
            await self._rig.until(condition, "it is so", LIMIT_S)
            return round(time.monotonic() - began, 1)
        return None

    async def _calls(self, since: int) -> dict[str, int]:
        """Return the number of calls about bridges, by method."""
        calls = (await self._rig.calls())[since:]
        return dict(Counter(call.partition(" ")[0] for call in calls if "ridge" in call))

    async def _twice(self, near: list[str]) -> float:
        """Return the greatest likeness of a directly connected voice to the bridge's sound at the same time."""
        consoles = {one["peer"]: one for one in (await self._rig.control("state"))["consoles"]}
        worst = 0.0
        for peer in near * 2:
            voice = consoles[peer]["voices"][0]
            heard = Heard(self._rig.paths.run)
            try:
                await self._rig.control("say", {"peer": peer, "voice": voice})
                await asyncio.sleep(SPOKEN_S)
                worst = max(worst, likeness(voices.load(voice), heard.samples(BRIDGE_PEER)))
            finally:
                heard.close()
        return round(worst, 2)


async def measure(samples: int) -> list[dict[str, Any]]:
    """Return a row per way of each fact, with the other fact at its default way."""
    chosen = [(carries, DIRECTION.ways[0]) for carries in CARRIES.ways]
    chosen += [(CARRIES.ways[0], direction) for direction in DIRECTION.ways[1:]]
    rows = []
    for carries, direction in chosen * samples:
        with short_folder() as home:
            async with party(home, direction, there=False, policies=NEEDY, carries=carries) as (made, ear):
                rows.append({"carries": carries, "direction": direction, **await Run(made, ear).play()})
                print(_line(rows[-1]), flush=True)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    head = (
        "| who comes onto it | direction | heard after | of two | twice | calls | all reached after |"
        " bridge gone after | calls to the end | violations |"
    )
    return "\n".join([head, "|---|---|--:|--:|--:|---|--:|--:|---|--:|", *(_line(row) for row in rows)])


def _line(row: dict[str, Any]) -> str:
    def seconds(name: str) -> str:
        return "never" if row[name] is None else f"{row[name]} s"

    def calls(name: str) -> str:
        return ", ".join(f"{count} {method}" for method, count in row[name].items()) or "none"

    cells = (
        row["carries"], row["direction"], seconds("heard_s"), row["brought"], row["twice"], calls("calls"),
        seconds("reached_s"), seconds("given_up_s"), calls("calls_to_end"), row["violations"],
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1, help="parties for each way")
    parser.add_argument("--save", metavar="NAME", help=f"write NAME.md and NAME.json to {RESULTS.name}/")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments.samples))
    print(f"\n{table(rows)}")
    if arguments.save:
        title = f"# A bridge for whom P2P does not reach, {datetime.now(UTC):%Y-%m-%d}\n\n"
        (RESULTS / f"{arguments.save}.md").write_text(f"{title}{table(rows)}\n")
        (RESULTS / f"{arguments.save}.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
