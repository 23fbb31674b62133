"""Benchmark of glare: time from a pair's first offer to connection and voice, by glare rule and start.

    python -m benchmarks.party.glare [--samples 20] [--before CHECKOUT] [--save NAME]

The real workers are in a party of the simulator. Consoles join in pairs, and all of them speak. `--before` measures the
workers of another checkout (`git worktree add CHECKOUT COMMIT`) against this simulator, for comparison. A console that
offers `as ours arrives` makes its own offer before it reads ours, so that both sides get an offer while their own is
pending.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from common.messages import PartyState, PeerSignal, PeerState, Speaking
from common.requests import JoinParty, LeaveParty
from simulator.demo import CAST
from simulator.facts.consoles import GLARE
from tests.common.psn.rig import Rig, rig
from tests.support.processes import COLD, short_folder

RESULTS = Path(__file__).parent.parent / "results"
BATCH = 2
LIMIT_S = 60.0
PEERS = [f"770000000000000000{number}.PS5" for number in range(1, BATCH + 1)]
ENV = {
    "PARTYLINE_PSN__CALLS_PER_S": "200",
    "PARTYLINE_PSN__CALL_BURST": "200",
    "PARTYLINE_AUDIO__SINK": "null",
}


@dataclass(frozen=True)
class Beginning:
    words: str
    older: bool
    """Whether we are in the party before the consoles join."""
    policy: str
    """Policy of the consoles."""


BEGINNINGS = (
    Beginning("we are older and offer", older=True, policy="usual"),
    Beginning("they are older and offer", older=False, policy="usual"),
    Beginning("we are older, they offer as ours arrives", older=True, policy="glare"),
    Beginning("they are older, they offer as ours arrives", older=False, policy="glare"),
)


class Ear:
    """Times of the first offer, the connection and the voice by peer, since `begin`, in monotonic seconds."""

    def __init__(self, made: Rig) -> None:
        self._rig = made
        self.begin()

    def begin(self) -> None:
        self.offered: dict[str, float] = {}
        self.connected: dict[str, float] = {}
        self.heard: dict[str, float] = {}
        self.offers: dict[str, int] = defaultdict(int)

    async def listen(self) -> None:
        async for received in self._rig.bus.subscribe(PeerSignal, PeerState, Speaking):
            message, now = received.message, time.monotonic()
            if isinstance(message, PeerSignal) and message.kind == "offer":
                peer = message.key().partition("/")[2]
                self.offered.setdefault(peer, now)
                self.offers[peer] += 1
            elif isinstance(message, PeerState) and message.connection == "connected":
                self.connected.setdefault(message.key(), now)
            elif isinstance(message, Speaking) and message.speaking:
                self.heard.setdefault(message.key(), now)

    def all_heard(self) -> bool:
        return all(peer in self.heard and peer in self.connected for peer in PEERS)

    def samples(self) -> list[dict[str, float]]:
        """Return seconds from the first offer for each console. A missing event counts as the limit."""
        found = []
        for peer in PEERS:
            began = self.offered.get(peer, 0.0)
            ends = {"connected_s": self.connected.get(peer), "heard_s": self.heard.get(peer)}
            found.append({name: LIMIT_S if end is None else round(end - began, 3) for name, end in ends.items()})
            found[-1]["offers"] = self.offers[peer]
        return found


class Bench:
    def __init__(self, made: Rig, ear: Ear) -> None:
        self._rig = made
        self._ear = ear

    async def prepare(self) -> None:
        await self._rig.control("chorus", {"on": True})
        await self._rig.control("policy", {"peer": f"{CAST[0][0]}.{CAST[0][2]}", "policy": "silent"})
        for peer in PEERS:
            await self._rig.control("join", {"peer": peer})
            await self._rig.control("leave", {"peer": peer})

    async def batch(self, rule: str, beginning: Beginning) -> list[dict[str, float]]:
        """Measure two consoles once."""
        await self._rig.control("ways", {"name": GLARE.name, "way": rule})
        for peer in PEERS:
            await self._rig.control("policy", {"peer": peer, "policy": beginning.policy})
        if beginning.older:
            await self._in()
            self._ear.begin()
            await self._consoles("join")
        else:
            await self._out()
            await self._consoles("join")
            self._ear.begin()
            await self._in()
        with suppress(AssertionError):  # an unheard console counts as the limit
            await self._rig.until(self._ear.all_heard, "both are heard", LIMIT_S)
        found = self._ear.samples()
        await self._consoles("leave")
        await self._rig.until(lambda: not self._states(), "the consoles are gone")
        return found

    async def _consoles(self, what: str) -> None:
        for peer in PEERS:
            await self._rig.control(what, {"peer": peer})

    def _states(self) -> list[str]:
        return [one.key() for one in self._rig.latest.values() if isinstance(one, PeerState) and one.key() in PEERS]

    async def _in(self) -> None:
        if self._phase != "joined":
            await self._rig.bus.request(JoinParty(target=self._rig.info()["party_link"]), LIMIT_S)
            await self._rig.joined()

    async def _out(self) -> None:
        if self._phase != "none":
            await self._rig.bus.request(LeaveParty(), LIMIT_S)
            await self._rig.until(lambda: self._phase == "none", "we are out")

    @property
    def _phase(self) -> str:
        state = self._rig.now(PartyState)
        return state.phase if state is not None else "none"


async def measure(samples: int, before: Path | None) -> list[dict[str, Any]]:
    """Return a row per glare rule and start."""
    env = ENV if before is None else {**ENV, **COLD, "PYTHONSAFEPATH": "1", "PYTHONPATH": str(before)}
    rows = []
    with short_folder() as home:
        async with rig(home) as made:
            made.up("broker", "simulator", env={"PARTYLINE_SIMULATOR__CONSOLES": "1"})
            await made.until(made.paths.simulator_file.exists, "the simulator serves")
            made.up("auth", "signaling", "session", "media", env=env)
            await made.joined()
            ear = Ear(made)
            listening = asyncio.create_task(ear.listen())
            bench = Bench(made, ear)
            await bench.prepare()
            for beginning in BEGINNINGS:
                for rule in GLARE.ways:
                    found: list[dict[str, float]] = []
                    while len(found) < samples:
                        found += await bench.batch(rule, beginning)
                    rows.append({"rule": rule, "beginning": beginning.words, "samples": found[:samples]})
                    print(_line(rows[-1]), flush=True)
            listening.cancel()
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    head = "| who begins | glare rule | connected (median) | worst | heard (median) | worst | offers (most) |"
    return "\n".join([head, "|---|---|--:|--:|--:|--:|--:|", *(_line(row) for row in rows)])


def _line(row: dict[str, Any]) -> str:
    def seconds(name: str) -> tuple[str, str]:
        values = [sample[name] for sample in row["samples"]]
        return f"{statistics.median(values):.2f} s", f"{max(values):.2f} s"

    cells = (*seconds("connected_s"), *seconds("heard_s"), str(int(max(sample["offers"] for sample in row["samples"]))))
    return f"| {row['beginning']} | {row['rule']} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=20, help="pairs for each rule and beginning")
    parser.add_argument("--before", type=Path, help="a checkout whose workers are measured instead of these")
    parser.add_argument("--save", metavar="NAME", help=f"write NAME.md and NAME.json to {RESULTS.name}/")
    arguments = parser.parse_args()
    rows = asyncio.run(measure(arguments.samples, arguments.before))
    print(f"\n{table(rows)}")
    if arguments.save:
        title = f"# Glare, {arguments.samples} pairs a row, {datetime.now(UTC):%Y-%m-%d}\n\n"
        (RESULTS / f"{arguments.save}.md").write_text(f"{title}{table(rows)}\n")
        (RESULTS / f"{arguments.save}.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
