"""Benchmark of the calls to "Sony" per hour, counted by the simulator over the real workers in real time.

    python -m benchmarks.party.calls quiet storm follow wait [--minutes 60] [--every 270] [--first 0] [--json FILE]

`quiet`: sixteen members, joined once, without further events. `storm`: the same party with a new fault every 270 s
(`--every`), each of 13 faults once, among them a kick with a rejoin. `follow`: a player who stays away is followed.
`wait`: `partyline join --wait` waits for an invitation that never comes. The consoles are silent and no sound is
played, as neither costs a call.

An account reportedly has about 300 calls in 15 minutes [seen: notes/auth.md], 1200 an hour. The promise is a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from common.messages import PartyState
from common.requests import FollowPlayer, JoinParty, SignIn
from tests.common.psn.rig import Rig, real, rig
from tests.support.processes import short_folder

LIMIT_IN_AN_HOUR = 4 * 300
PROMISED = LIMIT_IN_AN_HOUR // 10
CONSOLES = 15
AWAY = {"accountId": "2345678901234567890", "onlineId": "Bo-Streams"}
_IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|js_[\w-]+|\d{15,}")

STORM: tuple[tuple[str, ...], ...] = (
    ("push-dropped",),
    ("storms", "push-dropped"),
    ("tokens-expired", "close-4101"),
    ("rate-limited", "close-65535"),
    ("pong-lost",),
    ("push-away",),
    ("refresh-500s", "push-dropped"),
    ("kick",),
    ("rate-limited-bare", "push-dropped"),
    ("cut", "push-dropped"),
    ("push-refused-3.0",),
    ("outage", "push-dropped"),
    ("events-shuffled", "events-doubled", "tokens-expired", "push-dropped"),
)
"""Faults of each step, repeated from the first after the last. Earlier faults are cleared first."""


def kind_of(call: dict[str, Any]) -> str:
    """Return which call of the simulator's list it was, and its status."""
    return f"{call['method']} {_IDS.sub('*', call['path'])} {call['status']}"


class Hour:
    """One measured run, with its rig and its duration."""

    def __init__(self, made: Rig, minutes: float, every_s: float, first: int) -> None:
        self.rig = made
        self.until = time.monotonic() + 60 * minutes
        self.every_s = every_s
        self.first = first

    async def sign_in(self) -> None:
        await self.rig.bus.request(SignIn(pasted=self.rig.info()["npsso"]), 60)

    async def join(self) -> None:
        await self.rig.bus.request(JoinParty(target=self.rig.info()["party_link"]), 60)
        await self.rig.joined()

    async def rest(self, seconds: float) -> bool:
        """Wait for `seconds` or until the end. Return whether time is left."""
        await asyncio.sleep(max(0.0, min(seconds, self.until - time.monotonic())))
        return time.monotonic() < self.until

    async def set_off(self, *names: str) -> None:
        for name in names:
            if name == "kick":
                await self.kick()
            else:
                await self.rig.control("scenario", {"name": name})

    async def kick(self) -> None:
        state = self.rig.now(PartyState)
        if state is None or state.phase != "joined":
            return
        await self.rig.control("kick", {"accountId": state.me.partition(".")[0]})
        await self.rig.until(lambda: (now := self.rig.now(PartyState)) and now.phase == "none", "the kick is noticed")
        await self.join()

    async def count(self) -> dict[str, Any]:
        """Return what the simulator has counted until now. An open push channel is a call that has not ended."""
        calls = [call for call in await self.rig.control("calls") if not call["path"].startswith("/control")]
        state = await self.rig.control("state")
        kinds = Counter(map(kind_of, calls))
        if state["push"]:
            kinds["GET /np/pushNotification open"] = len(state["push"])
        party = self.rig.now(PartyState)
        return {
            "calls": sum(kinds.values()),
            "kinds": dict(kinds.most_common()),
            "phase": party.phase if party else "",
            "members": len(party.members) if party else 0,
            "connected": sum(
                any(link["state"] == "connected" for link in console["connections"].values())
                for console in state["consoles"]
            ),
            "violations": len(await self.rig.control("violations")),
        }


async def quiet(hour: Hour) -> None:
    await hour.sign_in()
    await hour.join()
    await hour.rest(float("inf"))


async def storm(hour: Hour) -> None:
    await hour.sign_in()
    await hour.join()
    step = hour.first
    while await hour.rest(hour.every_s):
        await hour.set_off("calm", *STORM[step % len(STORM)])
        step += 1


async def follow(hour: Hour) -> None:
    await hour.sign_in()
    await hour.rig.control("accounts", AWAY)
    await hour.rig.bus.request(FollowPlayer(online_id=AWAY["onlineId"]), 60)
    await hour.rest(float("inf"))


async def wait(hour: Hour) -> None:
    await hour.sign_in()
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PARTYLINE_", "SUPERVISOR_"))}
    waiting = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cli", "join", "--wait"),
        env={**clean, "PARTYLINE_HOME": str(hour.rig.home), "PARTYLINE_CONF": "/nowhere.conf"},
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        await hour.rest(float("inf"))
        if waiting.returncode is not None:
            raise SystemExit("`partyline join --wait` did not wait to the end")
    finally:
        if waiting.returncode is None:
            waiting.terminate()
        await waiting.wait()


STRETCHES: dict[str, Callable[[Hour], Awaitable[None]]] = {
    "quiet": quiet,
    "storm": storm,
    "follow": follow,
    "wait": wait,
}


async def measure(
    name: str, minutes: float, every_s: float, first: int, tell: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Return a row with the calls in total and by kind, and the total at the end of each minute."""
    with short_folder() as home:
        async with rig(home) as made:
            made.paths.make()
            env = {"PARTYLINE_SIMULATOR__CONSOLES": str(CONSOLES)}
            made.up("broker")
            made.up("simulator", env=env, more=("--pause-in-silence",))
            await made.until(made.paths.simulator_file.exists, "the simulator is up")
            await made.control("hush", {"on": True})
            hour = Hour(made, minutes, every_s, first)
            made.up("auth", "signaling", "session", env=real(made))
            if name in ("quiet", "storm"):
                made.up("media", env=real(made))
            job = asyncio.ensure_future(STRETCHES[name](hour))
            row: dict[str, Any] = {"stretch": name, "minutes": 0.0, "by_minute": []}
            began = time.monotonic()
            while not job.done():
                await asyncio.wait([job], timeout=60.0)
                row |= await hour.count()
                row["minutes"] = round((time.monotonic() - began) / 60, 2)
                row["by_minute"].append(row["calls"])
                tell(row)
            await job
            return row


def in_an_hour(row: dict[str, Any]) -> float:
    """Return a shorter run's calls, extrapolated to an hour. The first minute, which has the join, counts once."""
    later = row["minutes"] - 1
    first, calls = int(row["by_minute"][0]), int(row["calls"])
    return first + (calls - first) * (59 / later if later > 0 else 1)


def _show(row: dict[str, Any]) -> str:
    whole = abs(row["minutes"] - 60) < 1
    lines = [
        f"{row['stretch']}: {row['calls']} calls in {row['minutes']:.1f} minutes"
        + ("" if whole else f" (about {in_an_hour(row):.0f} in an hour)")
        + f"; promised: under {PROMISED} an hour. {row['members']} members, {row['connected']} connections,"
        f" {row['violations']} violations.",
        *(f"{number:>6}  {kind}" for kind, number in row["kinds"].items()),
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stretches", nargs="+", choices=STRETCHES, metavar="STRETCH", help=", ".join(STRETCHES))
    parser.add_argument("--minutes", type=float, default=60.0, help="wall time of each (60)")
    parser.add_argument("--every", type=float, default=270.0, help="seconds between two faults of the storm (270)")
    parser.add_argument("--first", type=int, default=0, help="which step of the storm comes first (0)")
    parser.add_argument("--json", type=Path, help="write the rows there too, anew at each minute")
    arguments = parser.parse_args()
    rows: dict[str, dict[str, Any]] = {}

    def tell(row: dict[str, Any]) -> None:
        rows[row["stretch"]] = row
        if arguments.json:
            arguments.json.write_text(json.dumps(list(rows.values()), indent=1) + "\n")

    for name in arguments.stretches:
        row = asyncio.run(measure(name, arguments.minutes, arguments.every, arguments.first, tell))
        print(_show(row), flush=True)
    return 1 if any(in_an_hour(row) >= PROMISED for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
