"""`partyline obs setup` and `remove`, which carry out the steps of `plan`."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from cli.obs.connection import NOT_FOUND, Obs5, ObsError, RefusedError
from cli.obs.plan import BROWSER, DEVICE_KINDS, Source, Step, Way, choose_device, ours, plan
from common.files import state
from common.files.paths import write_atomically

NO_MONITORING = "OBS_MONITORING_TYPE_NONE"
BLACKHOLE = "BlackHole"


class _Made(msgspec.Struct, frozen=True):
    device_sources: list[str] = []


class Made:
    """Names of the device sources that we made in OBS. Nothing in such a source marks it as ours."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def names(self) -> set[str]:
        kept = state.load(self._file, _Made, "what was made in OBS")
        return set(kept.device_sources) if kept else set()

    def save(self, names: Collection[str]) -> None:
        write_atomically(self._file, msgspec.json.encode(_Made(device_sources=sorted(names))))


@dataclass(frozen=True)
class Wish:
    """The user's request."""

    way: Way
    pages: tuple[Source, ...]
    """Browser sources, or none if OBS has no such kind."""
    device: str = ""
    """Part of the device's name, for the way `device`."""
    scene: str = ""
    """Name of the scene, or "" for the scene on air."""


async def present(obs: Obs5) -> list[Source]:
    """Return the sources that may be ours, with their settings."""
    found = []
    for entry in (await obs.call("GetInputList"))["inputs"]:
        name, kind = str(entry["inputName"]), str(entry["unversionedInputKind"])
        if kind == BROWSER or kind in DEVICE_KINDS:
            settings = (await obs.call("GetInputSettings", inputName=name))["inputSettings"]
            found.append(Source(name, kind, settings))
    return found


async def kinds(obs: Obs5) -> set[str]:
    """Return the kinds of source that this OBS knows."""
    return set((await obs.call("GetInputKindList", unversioned=True))["inputKinds"])


def device_kind(known: Collection[str]) -> str:
    """Return the kind of source that captures a device's sound. Raises `ObsError`."""
    kind = next((kind for kind in DEVICE_KINDS if kind in known), None)
    if kind is None:
        raise ObsError("This OBS has no source for a sound device.", "Use an official build of OBS.")
    return kind


async def carry_out(obs: Obs5, wish: Wish, made: Made) -> list[Step]:
    """Change OBS to match `wish`. Return the steps. Raises `ObsError`."""
    there, own = await present(obs), made.names()
    scene = await _scene(obs, wish.scene)
    wanted = list(wish.pages)
    if wish.way == "device":
        wanted.append(Source("partyline device", device_kind(await kinds(obs)), {}))
    steps = plan(wish.way, wanted, there, own)
    for step in steps:
        name = step.source.name
        if step.do == "remove":
            await obs.call("RemoveInput", inputName=name)
            own.discard(name)
            continue
        if step.do == "create":
            await _create(obs, scene, step.source)
        elif step.do == "update":
            await obs.call("SetInputSettings", inputName=name, inputSettings=dict(step.source.settings), overlay=True)
        if step.source.kind in DEVICE_KINDS:
            await _set_device(obs, name, wish.device, fresh=step.do == "create")
            own.add(name)
            made.save(own)
        await obs.call("SetInputAudioMonitorType", inputName=name, monitorType=NO_MONITORING)
        if wish.scene and step.do != "create":
            await _put_into(obs, scene, name)
    made.save(own)
    return steps


async def remove(obs: Obs5, made: Made) -> list[str]:
    """Remove our sources from OBS. Return their names."""
    names = [source.name for source in ours(await present(obs), made.names())]
    for name in names:
        await obs.call("RemoveInput", inputName=name)
    made.save(())
    return names


async def _scene(obs: Obs5, wanted: str) -> str:
    if not wanted:
        answer = await obs.call("GetCurrentProgramScene")
        return str(answer.get("currentProgramSceneName") or answer.get("sceneName"))
    names = [str(scene["sceneName"]) for scene in (await obs.call("GetSceneList"))["scenes"]]
    found = next((name for name in names if name.casefold() == wanted.casefold()), None)
    if found is None:
        raise ObsError(f"OBS has no scene {wanted!r}.", f"There are: {', '.join(reversed(names))}.")
    return found


async def _create(obs: Obs5, scene: str, source: Source) -> None:
    await obs.call(
        "CreateInput",
        sceneName=scene,
        inputName=source.name,
        inputKind=source.kind,
        inputSettings=dict(source.settings),
        sceneItemEnabled=True,
    )


async def _put_into(obs: Obs5, scene: str, name: str) -> None:
    try:
        await obs.call("GetSceneItemId", sceneName=scene, sourceName=name)
    except RefusedError as refusal:
        if refusal.status != NOT_FOUND:
            raise
        await obs.call("CreateSceneItem", sceneName=scene, sourceName=name)


async def _set_device(obs: Obs5, name: str, wanted: str, *, fresh: bool) -> None:
    answer = await obs.call("GetInputPropertiesListPropertyItems", inputName=name, propertyName="device_id")
    items = list(_items(answer))
    device = choose_device(items, wanted) if wanted else None
    if device is None:
        if fresh:
            await obs.call("RemoveInput", inputName=name)
        raise ObsError(*_no_device(wanted, [label for label, _ in items]))
    await obs.call("SetInputSettings", inputName=name, inputSettings={"device_id": device[1]}, overlay=True)


def _items(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for item in answer["propertyItems"]:
        if item.get("itemEnabled", True):
            yield str(item["itemName"]), str(item["itemValue"])


def _no_device(wanted: str, names: list[str]) -> tuple[str, str]:
    listed = f"OBS can capture: {', '.join(names)}." if names else "OBS sees no device that it can capture."
    if wanted.casefold() == BLACKHOLE.casefold():
        return "OBS sees no BlackHole device.", f"`brew install blackhole-2ch`, restart OBS, and try again. {listed}"
    if not wanted:
        return "Say which device OBS is to capture.", f"`partyline obs setup --device NAME`. {listed}"
    return f"OBS sees no device with {wanted!r} in its name.", listed
