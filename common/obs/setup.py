"""`partyline obs setup` and `remove`, which carry out the changes of `plan`."""

from __future__ import annotations

import errno
import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from common.basic.values import ObsRoute
from common.files import state
from common.files.paths import write_atomically
from common.files.state import SET_ASIDE
from common.obs.connection import NOT_FOUND, ObsConnection, ObsError, ObsRefusedError
from common.obs.plan import BROWSER, DEVICE_KINDS, Change, Source, matching_devices, ours, plan

NO_MONITORING = "OBS_MONITORING_TYPE_NONE"
BLACKHOLE = "BlackHole"
_MAC_PLATFORMS = ("macos", "osx")
"""What obs-websocket calls a Mac (Qt's `QSysInfo::productType`, whose name for it changed)."""


class _MadeFile(msgspec.Struct, frozen=True):
    device_sources: list[str] = []


class MadeSources:
    """Names of the device sources that we made in OBS. Nothing in such a source marks it as ours."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def names(self) -> set[str]:
        kept = state.load(self._file, _MadeFile, "what was made in OBS")
        return set(kept.device_sources) if kept else set()

    def save(self, names: Collection[str]) -> None:
        if SET_ASIDE.is_newer(self._file):
            raise OSError(errno.EPERM, "a newer version of partyline wrote it", str(self._file))
        write_atomically(self._file, state.encode(_MadeFile(device_sources=sorted(names))))


@dataclass(frozen=True)
class SetupRequest:
    """The user's request."""

    route: ObsRoute
    pages: tuple[Source, ...]
    """Browser sources, or none if OBS has no such kind."""
    device: str = ""
    """Part of the device's name, for the route `device`. Empty if none was named."""
    usual: tuple[str, ...] = ()
    """The devices to look for if none was named, in this order."""
    playing: str = ""
    """The device that audio plays on now. It decides between several of the wanted name. Empty if unknown."""
    scene: str = ""
    """Name of the scene, or "" for the scene on air."""


async def present(obs: ObsConnection) -> list[Source]:
    """Return the sources that may be ours, with their settings."""
    found = []
    for entry in (await obs.call("GetInputList"))["inputs"]:
        name, kind = str(entry["inputName"]), str(entry["unversionedInputKind"])
        if kind == BROWSER or kind in DEVICE_KINDS:
            settings = (await obs.call("GetInputSettings", inputName=name))["inputSettings"]
            found.append(Source(name, kind, settings))
    return found


async def kinds(obs: ObsConnection) -> set[str]:
    """Return the kinds of source that this OBS knows."""
    return set((await obs.call("GetInputKindList", unversioned=True))["inputKinds"])


def device_kind(known: Collection[str]) -> str:
    """Return the kind of source that captures a device's sound. Raises `ObsError`."""
    kind = next((kind for kind in DEVICE_KINDS if kind in known), None)
    if kind is None:
        raise ObsError("This build of OBS has no source for a sound device.", "Use the official build of OBS.")
    return kind


async def carry_out(obs: ObsConnection, request: SetupRequest, made: MadeSources) -> list[Change]:
    """Change OBS to match `request`. Return the changes. Raises `ObsError`."""
    there, own = await present(obs), made.names()
    scene = await _scene(obs, request.scene)
    wanted = list(request.pages)
    if request.route == "device":
        wanted.append(Source("partyline device", device_kind(await kinds(obs)), {}))
    changes = plan(request.route, wanted, there, own)
    for change in changes:
        name = change.source.name
        if change.do == "remove":
            await obs.call("RemoveInput", inputName=name)
            own.discard(name)
            continue
        if change.do == "create":
            await _create(obs, scene, change.source)
        elif change.do == "update":
            await obs.call("SetInputSettings", inputName=name, inputSettings=dict(change.source.settings), overlay=True)
        if change.source.kind in DEVICE_KINDS:
            await _set_device(obs, name, request, fresh=change.do == "create")
            own.add(name)
            made.save(own)
        await obs.call("SetInputAudioMonitorType", inputName=name, monitorType=NO_MONITORING)
        if request.scene and change.do != "create":
            await _put_into(obs, scene, name)
    made.save(own)
    return changes


def is_on_mac(version: Mapping[str, Any]) -> bool:
    """Return whether an OBS runs on a Mac, by its answer to GetVersion."""
    return str(version.get("platform", "")).casefold() in _MAC_PLATFORMS


async def remove(obs: ObsConnection, made: MadeSources) -> list[str]:
    """Remove our sources from OBS. Return their names."""
    names = [source.name for source in ours(await present(obs), made.names())]
    for name in names:
        await obs.call("RemoveInput", inputName=name)
    made.save(())
    return names


async def _scene(obs: ObsConnection, wanted: str) -> str:
    if not wanted:
        answer = await obs.call("GetCurrentProgramScene")
        return str(answer.get("currentProgramSceneName") or answer.get("sceneName"))
    names = [str(scene["sceneName"]) for scene in (await obs.call("GetSceneList"))["scenes"]]
    found = next((name for name in names if name.casefold() == wanted.casefold()), None)
    if found is None:
        raise ObsError(f"OBS has no scene {wanted!r}.", f"The scenes are: {', '.join(reversed(names))}.")
    return found


async def _create(obs: ObsConnection, scene: str, source: Source) -> None:
    await obs.call(
        "CreateInput",
        sceneName=scene,
        inputName=source.name,
        inputKind=source.kind,
        inputSettings=dict(source.settings),
        sceneItemEnabled=True,
    )


async def _put_into(obs: ObsConnection, scene: str, name: str) -> None:
    try:
        await obs.call("GetSceneItemId", sceneName=scene, sourceName=name)
    except ObsRefusedError as refusal:
        if refusal.status != NOT_FOUND:
            raise
        await obs.call("CreateSceneItem", sceneName=scene, sourceName=name)


async def _set_device(obs: ObsConnection, name: str, request: SetupRequest, *, fresh: bool) -> None:
    answer = await obs.call("GetInputPropertiesListPropertyItems", inputName=name, propertyName="device_id")
    try:
        _, device_id = choose_device(list(_items(answer)), request)
    except ObsError:
        if fresh:
            await obs.call("RemoveInput", inputName=name)
        raise
    await obs.call("SetInputSettings", inputName=name, inputSettings={"device_id": device_id}, overlay=True)


def choose_device(items: Sequence[tuple[str, str]], request: SetupRequest) -> tuple[str, str]:
    """Return the (name, id) of the device to capture. Raises `ObsError` if there is none, or more than one."""
    wanted = ""
    for wanted in (request.device,) if request.device else request.usual:
        found = matching_devices(items, wanted)
        if len(found) > 1 and request.playing:
            found = matching_devices(found, request.playing) or found
        if len(found) > 1:
            raise ObsError(*_several(wanted, [label for label, _ in found]))
        if found:
            return found[0]
    raise ObsError(*_no_device(request.device or wanted, [label for label, _ in items]))


def _several(wanted: str, names: list[str]) -> tuple[str, str]:
    return (
        f"OBS finds several devices with {wanted!r} in their names: {', '.join(names)}.",
        f"Name one of them in full: `partyline obs setup --device {shlex.quote(names[0])}`.",
    )


def _items(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for item in answer["propertyItems"]:
        if item.get("itemEnabled", True):
            yield str(item["itemName"]), str(item["itemValue"])


def _no_device(wanted: str, names: list[str]) -> tuple[str, str]:
    listed = f"OBS can capture: {', '.join(names)}." if names else "OBS finds no device that it can capture."
    if wanted.casefold() == BLACKHOLE.casefold():
        return (
            "OBS finds no BlackHole device.",
            f"Run `brew install blackhole-2ch`, restart OBS, and try again. {listed}",
        )
    if not wanted:
        return "No device was named.", f"Run `partyline obs setup --device NAME`. {listed}"
    return f"OBS finds no device with {wanted!r} in its name.", listed
