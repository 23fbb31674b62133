"""Benchmark of the calls while a party fills up, and of the calls of a join with its leave.

    python -m benchmarks.party.filling [--paces 0 0.5 2 5 15] [--json FILE]

Real workers without media run against their own simulator. Fifteen consoles join at a fixed interval. The figures are
the updates of the own entry (customData3) by session, the time from the last join until all are named, and every other
call meanwhile. The calls of a join and a leave are listed one by one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from common.psn.party.customdata import decode3
from common.requests import CreateParty, JoinParty, LeaveParty
from tests.support.processes import short_folder
from tests.workers.session.realm import Realm, realm

CONSOLES = 15
MOST = 15
"""One call per join, if none were batched."""


async def calls(there: Realm) -> list[str]:
    """Return the calls to m.np so far, as ``METHOD end of path``."""
    found = [call for call in await there.rig.calls() if " /mobile/" in call]
    return [f"{call.split()[0]} …/{call.rsplit('/', 2)[-2]}/{call.rsplit('/', 1)[-1]}" for call in found]


async def named(there: Realm, session_id: str) -> set[str]:
    """Return the account ids that our own entry on the server names."""
    party = await there.party(session_id) or {"members": []}
    ours: dict[str, Any] = next((member for member in party["members"] if member["accountId"] == there.me), {})
    return set(decode3(ours["customData3"]).others) if ours.get("customData3") else set()


async def all_named(there: Realm, session_id: str) -> None:
    async with asyncio.timeout(120):
        while True:
            party = await there.party(session_id) or {"members": []}
            others = {member["accountId"] for member in party["members"]} - {there.me}
            if others and await named(there, session_id) == others:
                return
            await asyncio.sleep(0.05)


async def fill(pace_s: float) -> dict[str, Any]:
    with short_folder() as home:
        async with realm(home) as there:
            made = await there.ask(CreateParty(open=True))
            for number in range(CONSOLES):
                person = {"accountId": f"4{number:018}", "onlineId": f"Filler-{number}"}
                await there.control("accounts", person)
            before = Counter(await calls(there))
            began = time.monotonic()
            for number in range(CONSOLES):
                await asyncio.sleep(max(0.0, began + number * pace_s - time.monotonic()))
                enter = {"sessionId": made.session_id, "accountId": f"4{number:018}", "platform": "PS5"}
                await there.control("enter", enter)
            last = time.monotonic()
            await all_named(there, made.session_id)
            after_s = time.monotonic() - last
            made_now = Counter(await calls(there)) - before
            told = sum(count for call, count in made_now.items() if call.startswith("PATCH"))
            broken = [entry["reason"] for entry in await there.control("violations") if there.me in entry["reason"]]
            return {
                "pace_s": pace_s,
                "told": told,
                "other": sum(made_now.values()) - told,
                "all_named_after_s": round(after_s, 2),
                "broken": broken,
            }


async def visit(by_link: bool) -> list[str]:
    """Return the calls of a join and the leave after it."""
    with short_folder() as home:
        async with realm(home) as there:
            before = len(await calls(there))
            await there.ask(JoinParty(target=there.info["party_link" if by_link else "session_id"]))
            await all_named(there, there.info["session_id"])
            await there.ask(LeaveParty())
            return (await calls(there))[before:]


async def measure(paces: list[float]) -> dict[str, Any]:
    rows = []
    for pace_s in paces:
        rows.append(await fill(pace_s))
        print(_line(rows[-1]), flush=True)
    visits = {name: await visit(name == "by link") for name in ("by id", "by link")}
    for name, found in visits.items():
        print(f"join {name} and leave: {len(found)} calls to m.np: {', '.join(found)}", flush=True)
    return {"filling": rows, "visits": visits}


def _line(row: dict[str, Any]) -> str:
    return (
        f"fifteen come, one each {row['pace_s']:g} s: {row['told']} times customData3, {row['other']} other calls; "
        f"all named {row['all_named_after_s']:.2f} s after the last came; {len(row['broken'])} rules broken"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--paces", type=float, nargs="+", default=[0.0, 0.5, 2.0, 5.0, 15.0], help="seconds between two"
    )
    parser.add_argument("--json", type=Path, help="also write the figures there")
    arguments = parser.parse_args()
    found = asyncio.run(measure(arguments.paces))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1) + "\n")
    return 1 if any(row["broken"] or row["told"] > MOST for row in found["filling"]) else 0


if __name__ == "__main__":
    sys.exit(main())
