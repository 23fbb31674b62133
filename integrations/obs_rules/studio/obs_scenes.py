"""Reads and sets scenes, items, filters and texts in OBS."""

from __future__ import annotations

from typing import Any, Protocol

from integrations.obs_rules.rules.model import Target


class ObsCalls(Protocol):
    """The connection. `common.obs.connection.ObsConnection` is one."""

    async def call(self, request: str, **data: Any) -> dict[str, Any]: ...


class ObsScenes:
    """One connection's. Every method raises `ObsRefusedError` for what OBS does not have, and `ObsError`."""

    def __init__(self, obs: ObsCalls) -> None:
        self._obs = obs
        self._items: dict[Target, int] = {}

    def forget_items(self) -> None:
        """Look items up again: some came or went."""
        self._items.clear()

    async def collection(self) -> str:
        return str((await self._obs.call("GetSceneCollectionList"))["currentSceneCollectionName"])

    async def get(self, target: Target) -> bool | str:
        call = self._obs.call
        match target.kind:
            case "item":
                item = await self._item(target)
                answer = await call("GetSceneItemEnabled", sceneName=target.scene, sceneItemId=item)
                return bool(answer["sceneItemEnabled"])
            case "filter":
                answer = await call("GetSourceFilter", sourceName=target.source, filterName=target.filter)
                return bool(answer["filterEnabled"])
            case "text":
                answer = await call("GetInputSettings", inputName=target.source)
                return str(answer["inputSettings"].get("text", ""))
            case "program":
                return str((await call("GetCurrentProgramScene"))["currentProgramSceneName"])
            case "preview":
                return str((await call("GetCurrentPreviewScene"))["currentPreviewSceneName"])

    async def set(self, target: Target, value: bool | str) -> None:  # a value of either type
        call = self._obs.call
        match target.kind:
            case "item":
                item = await self._item(target)
                await call("SetSceneItemEnabled", sceneName=target.scene, sceneItemId=item, sceneItemEnabled=value)
            case "filter":
                await call(
                    "SetSourceFilterEnabled",
                    sourceName=target.source, filterName=target.filter, filterEnabled=value,
                )  # fmt: skip
            case "text":
                await call("SetInputSettings", inputName=target.source, inputSettings={"text": value}, overlay=True)
            case "program":
                await call("SetCurrentProgramScene", sceneName=value)
            case "preview":
                await call("SetCurrentPreviewScene", sceneName=value)

    async def _item(self, target: Target) -> int:
        """Return the item's number in its scene or group. It stays the same as long as the item is there."""
        if target not in self._items:
            answer = await self._obs.call("GetSceneItemId", sceneName=target.scene, sourceName=target.source)
            self._items[target] = int(answer["sceneItemId"])
        return self._items[target]
