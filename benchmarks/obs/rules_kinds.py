"""What rules set in a real OBS, one kind after the other, and what OBS tells while its user works in it.

    python -m benchmarks.obs.rules_kinds

An item, a filter, a text, the program and the preview scene are set and set back. Studio Mode, a scene chosen by hand
and another scene collection come in between. It fails at the first thing that is not as it should be. Groups are not
tried: obs-websocket cannot make one.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

from common.config.tables import ObsSettings
from common.obs.connection import ObsConnection, connect
from integrations.obs_rules.decide.engine import Decision, Wanted
from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, Target
from integrations.obs_rules.studio.found import FoundFile
from integrations.obs_rules.studio.keeper import RETRY_S
from integrations.obs_rules.studio.session import ObsSession
from tests.cli.obs.studio import PASSWORD, studio
from tests.support.processes import short_folder
from tests.support.soundserver import SoundServer
from tests.support.waiting import until

ITEM = Target("item", scene="Scene", source="Bo")
FRAME = Target("filter", source="Bo", filter="Frame")
TEXT = Target("text", source="Speaker")
LIMIT_S = 20.0
CALM_S = 1.0
"""OBS has told of everything that it does by itself."""


class Wishes:
    """Rules that want what this benchmark says."""

    def __init__(self, wanted: dict[Target, Wanted]) -> None:
        self.wanted = wanted
        self.by_hand: list[str] = []

    def targets(self) -> dict[Target, tuple[str, ...]]:
        return {target: ("Guests", "Break") if target in {PROGRAM, PREVIEW} else () for target in self.wanted}

    def decide(self, now: float) -> Decision:  # noqa: ARG002  # that of the protocol
        return Decision({} if self.by_hand else self.wanted, None)

    def scene_is(self, scene: str) -> None:
        """Nothing here asks for it."""

    def pause(self, slot: Target, now: float) -> float:  # noqa: ARG002  # that of the protocol
        self.by_hand.append(slot.kind)
        return 60.0


def main() -> None:
    with SoundServer() as server, studio(server.env) as obs, short_folder() as home:
        asyncio.run(_run(ObsSettings(port=obs.port, password=PASSWORD), home / "obs_rules.json"))


async def _run(settings: ObsSettings, file: Path) -> None:
    async with connect(settings) as obs:
        await _furnish(obs)
        wishes = Wishes({ITEM: True, FRAME: True, TEXT: "Bo", PROGRAM: "Guests", PREVIEW: "Break"})
        changed = asyncio.Event()
        running = asyncio.create_task(ObsSession(settings, wishes, FoundFile(file), changed).run())
        await _is(obs, "everything is set", True, True, "Bo", "Guests")
        await asyncio.sleep(CALM_S)
        assert not wishes.by_hand, "our own scene counts as chosen by hand"

        await obs.call("SetStudioModeEnabled", studioModeEnabled=True)
        await asyncio.sleep(RETRY_S)
        changed.set()
        await _until(partial(_previews, obs, "Break"), "the preview scene is set")
        await obs.call("SetStudioModeEnabled", studioModeEnabled=False)
        await asyncio.sleep(CALM_S)
        assert not wishes.by_hand, "the end of Studio Mode counts as a choice"
        await _is(obs, "Studio Mode changed nothing", True, True, "Bo", "Guests")

        await obs.call("CreateSceneCollection", sceneCollectionName="Other")
        await asyncio.sleep(2 * CALM_S)
        await obs.call("SetCurrentSceneCollection", sceneCollectionName="Test")
        await asyncio.sleep(2 * CALM_S)
        assert not wishes.by_hand, "another scene collection counts as a choice"
        await _is(obs, "all is as before in the first scene collection", True, True, "Bo", "Guests")
        assert set(FoundFile(file).of("Other")) <= {PROGRAM}, "things of the first one were noted for the other one"

        await obs.call("SetCurrentProgramScene", sceneName="Break")
        await until(lambda: wishes.by_hand == ["program"], "a scene chosen by hand is noticed")
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await _is(obs, "everything is set back, but for the scene chosen by hand", False, False, "before", "Break")


async def _furnish(obs: ObsConnection) -> None:
    kinds = (await obs.call("GetInputKindList"))["inputKinds"]
    text = next(kind for kind in kinds if kind.startswith("text_"))
    for scene in ("Guests", "Break"):
        await obs.call("CreateScene", sceneName=scene)
    await obs.call(
        "CreateInput", sceneName="Scene", inputName="Bo", inputKind="color_source_v3", inputSettings={},
        sceneItemEnabled=False,
    )  # fmt: skip
    await obs.call(
        "CreateInput", sceneName="Scene", inputName="Speaker", inputKind=text, inputSettings={"text": "before"}
    )
    await obs.call("CreateSourceFilter", sourceName="Bo", filterName="Frame", filterKind="color_filter_v2")
    await obs.call("SetSourceFilterEnabled", sourceName="Bo", filterName="Frame", filterEnabled=False)


async def _previews(obs: ObsConnection, scene: str) -> bool:
    return bool((await obs.call("GetCurrentPreviewScene"))["currentPreviewSceneName"] == scene)


async def _is(obs: ObsConnection, what: str, *wanted: Any) -> None:
    async def holds() -> bool:
        item = (await obs.call("GetSceneItemId", sceneName="Scene", sourceName="Bo"))["sceneItemId"]
        shown = await obs.call("GetSceneItemEnabled", sceneName="Scene", sceneItemId=item)
        frame = await obs.call("GetSourceFilter", sourceName="Bo", filterName="Frame")
        text = await obs.call("GetInputSettings", inputName="Speaker")
        scene = await obs.call("GetCurrentProgramScene")
        return wanted == (
            shown["sceneItemEnabled"], frame["filterEnabled"], text["inputSettings"].get("text"),
            scene["currentProgramSceneName"],
        )  # fmt: skip

    await _until(holds, what)


async def _until(holds: Callable[[], Awaitable[bool]], what: str) -> None:
    end = time.monotonic() + LIMIT_S
    while not await holds():
        if time.monotonic() > end:
            raise TimeoutError(f"it did not happen that {what}")
        await asyncio.sleep(0.02)
    print(what)


if __name__ == "__main__":
    main()
