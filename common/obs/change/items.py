"""Scenes and their entries: found, made, hidden and shown again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from common.obs.connection import ObsConnection, ObsError
from common.obs.memory import HiddenItem, ObsMemoryFile
from common.obs.plan import Source


async def create(obs: ObsConnection, scene: str, source: Source) -> None:
    await obs.call(
        "CreateInput",
        sceneName=scene,
        inputName=source.name,
        inputKind=source.kind,
        inputSettings=dict(source.settings),
        sceneItemEnabled=True,
    )


async def put_into(obs: ObsConnection, scene: str, name: str) -> None:
    """Add a source to a scene that lacks it."""
    if await obs.find("GetSceneItemId", sceneName=scene, sourceName=name) is None:
        await obs.call("CreateSceneItem", sceneName=scene, sourceName=name)


async def scenes(obs: ObsConnection) -> dict[str, list[str]]:
    """Return scene → names of the sources in it, those in its groups too, in the order that OBS shows."""
    found: dict[str, list[str]] = {}
    for scene in reversed((await obs.call("GetSceneList"))["scenes"]):
        name = str(scene["sceneName"])
        found[name] = [str(item["sourceName"]) async for _, item in _items(obs, name)]
    return found


async def hide(obs: ObsConnection, memory: ObsMemoryFile, name: str) -> None:
    """Hide the source in every scene, and remember where. What the user has hidden already is left to them."""
    entries = []
    for scene in (await obs.call("GetSceneList"))["scenes"]:
        async for place, item in _items(obs, str(scene["sceneName"])):
            if item["sourceName"] == name and item.get("sceneItemEnabled", True):
                entries.append(HiddenItem(place, int(item["sceneItemId"])))
    memory.change(hidden={**memory.now.hidden, name: tuple(entries)})
    for entry in entries:
        await _set_shown(obs, entry, shown=False)


async def show(obs: ObsConnection, memory: ObsMemoryFile, name: str) -> bool:
    """Show the entries that we hid. Return whether there were any."""
    entries = memory.now.hidden.get(name)
    if entries is None:
        return False
    for entry in entries:
        await _set_shown(obs, entry, shown=True)
    memory.change(hidden={other: found for other, found in memory.now.hidden.items() if other != name})
    return True


async def _set_shown(obs: ObsConnection, entry: HiddenItem, *, shown: bool) -> None:
    """Show or hide an entry, unless the user removed it meanwhile."""
    await obs.find("SetSceneItemEnabled", sceneName=entry.scene, sceneItemId=entry.item, sceneItemEnabled=shown)


async def _items(obs: ObsConnection, scene: str) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Yield the entries of a scene and of its groups, each with the scene or group that it is in."""
    for item in (await obs.call("GetSceneItemList", sceneName=scene))["sceneItems"]:
        yield scene, item
        if item.get("isGroup"):
            group = str(item["sourceName"])
            for inner in (await obs.call("GetGroupSceneItemList", sceneName=group))["sceneItems"]:
                yield group, inner


async def chosen(obs: ObsConnection, wanted: str) -> str:
    """Return the name of the scene `wanted` in OBS, or of the one on air. Raises `ObsError`."""
    if not wanted:
        answer = await obs.call("GetCurrentProgramScene")
        return str(answer.get("currentProgramSceneName") or answer.get("sceneName"))
    names = [str(scene["sceneName"]) for scene in (await obs.call("GetSceneList"))["scenes"]]
    found = next((name for name in names if name.casefold() == wanted.casefold()), None)
    if found is None:
        raise ObsError(
            f"OBS has no scene {wanted!r}.", f"The scenes are: {', '.join(reversed(names))}.", code="obs.no-scene"
        )
    return found
