"""Benchmark of `obs_rules` with a real OBS: somebody begins to speak, until his source is visible.

    python -m benchmarks.obs.rules [--times 60] [--json FILE]

A real OBS under Xvfb at 60 frames a second, the real broker, dashboard and integration. media is played: it publishes
that a member begins to speak, which is where the time begins. It ends once when OBS tells another client that the item
is enabled, and once when the rendered scene has its colour, as screenshots at OBS's pace show. The rule has no attack.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import json
import statistics
import time
from pathlib import Path
from typing import Any

import av

from common.config.tables import ObsSettings
from common.obs.connection import ObsConnection, connect
from tests.cli.obs.studio import PASSWORD, studio
from tests.support.processes import running
from tests.support.soundserver import SoundServer
from tests.workers.dashboard.stage import Stage, member, staged

BO = member(1)
RED = 0xFF0000FF  # OBS writes colours as ABGR
PAUSE_S = 0.45
LIMIT_S = 10.0
RULES = f"""
[[rule]]
who = "{BO.online_id}"
show = {{ scene = "Scene", source = "Bo" }}
attack_s = 0.0
hold_s = 0.1
minimum_s = 0.0
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--json", type=Path, help="also write the result there")
    arguments = parser.parse_args()
    with SoundServer() as server, studio(server.env) as obs, staged() as stage, running() as start:
        stage.furnish()
        stage.party(8)
        (stage.paths.settings_file.parent / "obs-rules.toml").write_text(RULES)
        env = {
            "PARTYLINE_INTEGRATIONS__RUN": "obs_rules",
            "PARTYLINE_OBS__PORT": str(obs.port),
            "PARTYLINE_OBS__PASSWORD": PASSWORD,
            "PARTYLINE_DASHBOARD__PORT": str(stage.settings.port),
        }
        process = start("integrations", stage.paths.home, env, "--managed")
        result = asyncio.run(_run(stage, ObsSettings(port=obs.port, password=PASSWORD), arguments.times))
        result["stopped with"] = process.stop()
    for key, value in result.items():
        print(f"{key:<32}{value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n")


async def _run(stage: Stage, settings: ObsSettings, times: int) -> dict[str, Any]:
    async with connect(settings, changes=True) as obs, connect(settings) as camera:
        await obs.call(
            "SetVideoSettings", fpsNumerator=60, fpsDenominator=1, baseWidth=320, baseHeight=240,
            outputWidth=320, outputHeight=240,
        )  # fmt: skip
        await obs.call(
            "CreateInput", sceneName="Scene", inputName="Bo", inputKind="color_source_v3",
            inputSettings={"color": RED, "width": 320, "height": 240}, sceneItemEnabled=True,
        )  # fmt: skip
        told = EnableWatch(obs)
        await _until(lambda: _is_enabled(obs), wanted=False)
        enabled, seen = [], []
        for _ in range(times):
            await asyncio.sleep(PAUSE_S)
            told.at = 0.0
            begun = time.monotonic()
            await asyncio.to_thread(stage.speak, BO)
            seen.append(1000 * (await _until(lambda: _is_red(camera), wanted=True) - begun))
            await told.told()
            enabled.append(1000 * (told.at - begun))
            await asyncio.to_thread(lambda: stage.speak(BO, speaking=False))
            await _until(lambda: _is_enabled(obs), wanted=False)
        return {"times": times, **_row("enabled", enabled), **_row("in the picture", seen)}


class EnableWatch:
    """When OBS told that an item was enabled."""

    def __init__(self, obs: ObsConnection) -> None:
        self.at = 0.0
        obs.on("SceneItemEnableStateChanged", self._on)

    async def _on(self, data: dict[str, Any]) -> None:
        if data["sceneItemEnabled"]:
            self.at = time.monotonic()

    async def told(self) -> None:
        end = time.monotonic() + LIMIT_S
        while not self.at:
            if time.monotonic() > end:
                raise TimeoutError("OBS does not tell that the item is enabled")
            await asyncio.sleep(0.001)


def _row(name: str, took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        f"{name}, median ms": round(statistics.median(ordered), 1),
        f"{name}, p95 ms": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
        f"{name}, worst ms": round(ordered[-1], 1),
    }


async def _is_enabled(obs: ObsConnection) -> bool:
    item = (await obs.call("GetSceneItemId", sceneName="Scene", sourceName="Bo"))["sceneItemId"]
    return bool((await obs.call("GetSceneItemEnabled", sceneName="Scene", sceneItemId=item))["sceneItemEnabled"])


async def _is_red(obs: ObsConnection) -> bool:
    answer = await obs.call("GetSourceScreenshot", sourceName="Scene", imageFormat="png", imageWidth=8, imageHeight=8)
    with av.open(io.BytesIO(base64.b64decode(answer["imageData"].partition(",")[2])), "r") as picture:
        red, green, _ = next(picture.decode(video=0)).to_ndarray(format="rgb24")[4, 4]
    return bool(red > 200 and green < 50)


async def _until(holds: Any, *, wanted: bool) -> float:
    """Wait until it is so. Return when (monotonic)."""
    end = time.monotonic() + LIMIT_S
    while await holds() is not wanted:
        if time.monotonic() > end:
            raise TimeoutError("OBS does not follow the rule")
        await asyncio.sleep(0.002)
    return time.monotonic()


if __name__ == "__main__":
    main()
