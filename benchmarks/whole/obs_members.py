"""Benchmark of per-person sources in a real OBS: members come and go, and no dead source is left.

    python -m benchmarks.whole.obs_members [--seconds 120] [--members 15] [--json FILE]

A real OBS under Xvfb, the real broker and obs worker, and a session of our own that changes the party at random. After
each change it is measured how long OBS takes to show exactly those who are here. A Media Source stands in for the
Browser Source, which Debian's OBS lacks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
from pathlib import Path
from typing import Any

from common.config.tables import ObsSettings
from common.messages import Member, ObsState, PartyState, WorkerHealth
from common.obs.connection import ObsConnection, connect
from common.requests import SetUpObs
from tests.cli.obs.obs_proxy import browser_sources
from tests.cli.obs.studio import PASSWORD, studio
from tests.common.psn.rig import Rig, rig
from tests.support.made import ME, party
from tests.support.processes import free_port, short_folder
from tests.support.soundserver import SoundServer

CHANGE_S = (0.5, 4.0)
SEED = 14
LIMIT_S = 20.0
CAMERA, VOLUME_DB = "Camera", -7.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--members", type=int, default=15)
    parser.add_argument("--json", type=Path, help="also write the result there")
    arguments = parser.parse_args()
    with SoundServer() as server, studio(server.env) as obs, short_folder() as home:
        result = asyncio.run(_run(home, obs.port, arguments.seconds, arguments.members))
    for key, value in result.items():
        print(f"{key:<28}{value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")


async def _run(home: Path, obs_port: int, seconds: float, count: int) -> dict[str, Any]:
    port, people = free_port(), [_member(number) for number in range(count)]
    env = {
        "PARTYLINE_OBS__HOST": "127.0.0.1",
        "PARTYLINE_OBS__PORT": str(port),
        "PARTYLINE_OBS__PASSWORD": PASSWORD,
        "PARTYLINE_DASHBOARD__PORT": str(free_port()),
    }
    async with browser_sources(obs_port, port), rig(home) as made:
        made.up("broker")
        made.up("obs", env=env)
        settings = ObsSettings(port=port, password=PASSWORD)
        async with connect(settings) as obs:
            await obs.call(
                "CreateInput", sceneName="Scene", inputName=CAMERA, inputKind="color_source_v3", inputSettings={}
            )
            made.bus.publish(_party(people))
            await made.bus.request(SetUpObs(route="each", overlay=True), 30.0)
            bo = await _of(obs, people[0])
            await obs.call("SetInputVolume", inputName=bo, inputVolumeDb=VOLUME_DB)
            took, made_by_obs = await _come_and_go(made, obs, people, seconds)
            made.bus.publish(_party(people))
            await _until_true(obs, people)
            volume = (await obs.call("GetInputVolume", inputName=await _of(obs, people[0])))["inputVolumeDb"]
            made.bus.publish(_party([]))
            await _until_true(obs, [])
            made.bus.publish(_party(people[:3]))
            changed = await made.bus.request(SetUpObs(route="each", overlay=True), 30.0)
            left = await _sources(obs)
            names = [entry["inputName"] for entry in (await obs.call("GetInputList"))["inputs"]]
            state, health = made.now(ObsState), made.now(WorkerHealth, "obs")
        return {
            "changes of the party": len(took),
            "sources seen at most": made_by_obs,
            "shown within, median s": round(sorted(took)[len(took) // 2], 2),
            "shown within, worst s": round(max(took), 2),
            "volume of who came back": round(volume, 1),
            "removed by the next set-up": sum(one.done == "removed" for one in changed.changes),
            "sources of members then": len(left),
            "source of the user's": "untouched" if CAMERA in names else "GONE",
            "worker, % of a core": round(100 * health.cpu_seconds / health.up_s, 1) if health else 0.0,
            "connected": state is not None and state.connected,
        }


async def _come_and_go(made: Rig, obs: ObsConnection, people: list[Member], seconds: float) -> tuple[list[float], int]:
    """Change the party until the time is over. Return the seconds until OBS showed it, and the most sources."""
    chance, here, took, most = random.Random(SEED), list(people), [], 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(chance.randint(1, 3)):
            one = chance.choice(people)
            here = [other for other in here if other is not one] if one in here else [*here, one]
        made.bus.publish(_party(here))
        took.append(await _until_true(obs, here))
        most = max(most, len(await _sources(obs)))
        await asyncio.sleep(chance.uniform(*CHANGE_S))
    return took, most


async def _until_true(obs: ObsConnection, here: list[Member]) -> float:
    """Wait until OBS shows the sources of exactly these members. Return the seconds that it took."""
    begun, wanted = time.monotonic(), {member.account_id for member in here}
    while True:
        sources = await _sources(obs)
        shown = {account for account, (_, is_shown) in sources.items() if is_shown}
        if shown == wanted:
            return time.monotonic() - begun
        if time.monotonic() - begun > LIMIT_S:
            raise TimeoutError(f"OBS shows {sorted(shown)}, and {sorted(wanted)} are here")
        await asyncio.sleep(0.1)


async def _sources(obs: ObsConnection) -> dict[str, tuple[str, bool]]:
    """Return account → name of its source, and whether it is shown."""
    found = {}
    for item in (await obs.call("GetSceneItemList", sceneName="Scene"))["sceneItems"]:
        name = item["sourceName"]
        url = str(
            ((await obs.find("GetInputSettings", inputName=name)) or {"inputSettings": {}})["inputSettings"].get("url")
        )
        if "talker=" in url:
            found[url.split("talker=")[1]] = (name, bool(item["sceneItemEnabled"]))
    return found


async def _of(obs: ObsConnection, member: Member) -> str:
    return (await _sources(obs))[member.account_id][0]


def _party(people: list[Member]) -> PartyState:
    return party(ME, *people)


def _member(number: int) -> Member:
    return Member(account_id=str(1000 + number), platform="PS5", online_id=f"Friend-{number:02}", join_order=number + 2)


if __name__ == "__main__":
    main()
