"""The stand-in for OBS with what rules need besides: scenes that are switched, groups, Studio Mode, texts.

Requests are answered and events told as obs-websocket 5 documents them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import websockets
from websockets.asyncio.server import serve

from tests.cli.obs.fake_obs import NOT_FOUND, FakeObs, RefusedError

STUDIO_MODE_NOT_ACTIVE = 506


class SceneObs(FakeObs):
    def __init__(self) -> None:
        super().__init__()
        self.kinds.append("text_ft2_source_v2")
        self.scenes = {name: [] for name in ("Game", "Guests", "Break", "Faces")}
        self.scene = "Game"
        self.preview: str | None = None
        """None: no Studio Mode."""
        self.sets: list[tuple[str, dict[str, Any]]] = []
        """What was set, in order."""
        self._telling: set[asyncio.Task[None]] = set()
        for name in ("Bo", "Cy"):
            self.add(name, "color_source", scene="Game")
        self.add("Speaker", "text_ft2_source_v2", {"text": "before"}, scene="Game")
        self.add("Face", "color_source", scene="Faces")
        self._create_source_filter({"sourceName": "Bo", "filterName": "Frame", "filterKind": "color_filter_v2"})
        self.hide("Bo", "Cy")

    def hide(self, *names: str, scene: str = "Game") -> None:
        for one in self.scenes[scene]:
            if one["sourceName"] in names:
                one["sceneItemEnabled"] = False

    async def choose(self, scene: str) -> None:
        """Switch the program scene by hand."""
        self.scene = scene
        await self.send("CurrentProgramSceneChanged", sceneName=scene)

    @property
    def text(self) -> str:
        return str(self.inputs["Speaker"]["settings"].get("text", ""))

    def _tell(self, event: str, **data: Any) -> None:
        task = asyncio.create_task(self.send(event, **data))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["requestType"].startswith("Set"):
            self.sets.append((asked["requestType"], asked.get("requestData") or {}))
        return super()._answer(asked)

    # --- what it answers besides -------------------------------------------------------------------

    def _scene(self, data: dict[str, Any]) -> str:
        if data["sceneName"] not in self.scenes:
            raise RefusedError(NOT_FOUND)
        return str(data["sceneName"])

    def _get_scene_item_id(self, data: dict[str, Any]) -> dict[str, Any]:
        self._scene(data)
        return super()._get_scene_item_id(data)

    def _get_scene_item_enabled(self, data: dict[str, Any]) -> dict[str, Any]:
        for item in self.scenes[self._scene(data)]:
            if item["sceneItemId"] == data["sceneItemId"]:
                return {"sceneItemEnabled": item["sceneItemEnabled"]}
        raise RefusedError(NOT_FOUND)

    def _set_current_program_scene(self, data: dict[str, Any]) -> None:
        self.scene = self._scene(data)
        self._tell("CurrentProgramSceneChanged", sceneName=self.scene)

    def _get_current_preview_scene(self, _: dict[str, Any]) -> dict[str, Any]:
        if self.preview is None:
            raise RefusedError(STUDIO_MODE_NOT_ACTIVE)
        return {"currentPreviewSceneName": self.preview}

    def _set_current_preview_scene(self, data: dict[str, Any]) -> None:
        self._get_current_preview_scene({})
        self.preview = self._scene(data)
        self._tell("CurrentPreviewSceneChanged", sceneName=self.preview)


@asynccontextmanager
async def served(obs: SceneObs) -> AsyncIterator[SceneObs]:
    """Let it be connected to. It may be served again later, as an OBS that was started again."""
    async with serve(
        obs.serve_one, "127.0.0.1", obs.port, subprotocols=[websockets.Subprotocol("obswebsocket.msgpack")]
    ):
        yield obs
