"""The overlay in OBS, by itself: put there as it was set up, changed where it is, and taken out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from common.obs.change import items
from common.obs.connection import ObsConnection, ObsError
from common.obs.memory import ObsMemoryFile
from common.obs.plan import BROWSER, NO_BROWSER, OVERLAY_PAGE, Source, look_of, with_choices
from common.obs.setup import NO_MONITORING, Studio, kinds, present
from common.obs.wanted import OVERLAY, OVERLAY_SIZE
from common.requests import ObsChange, PutOverlayIntoObs

KEY = "overlay"
"""Its `Source.key`."""


async def put_overlay(studio: Studio, wanted: PutOverlayIntoObs) -> list[ObsChange]:
    """Put the overlay into OBS, or change the one that is there. Return what was done. Raises `ObsError`."""
    obs = studio.obs
    if BROWSER not in await kinds(obs):
        raise ObsError(
            NO_BROWSER,
            "Use the official build of OBS. Until then, open its address in a browser and capture its window.",
            code="obs.no-browser",
        )
    scene = await items.chosen(obs, wanted.scene)
    there = await _overlays(obs)
    address = studio.url(OVERLAY_PAGE, "")
    size = {name: value for name, value in (("width", wanted.width), ("height", wanted.height)) if value}
    if there:
        done = await _change(obs, there[0], _looking(address, wanted.look, there[0].address), size)
        if wanted.scene:
            await items.put_into(obs, scene, there[0].name)
        name = there[0].name
    else:
        name, done = await _free_name(obs), "created"
        settings = {**OVERLAY_SIZE, **size, "url": _looking(address, wanted.look, "")}
        await items.create(obs, scene, Source(name, BROWSER, settings))
        await obs.call("SetInputAudioMonitorType", inputName=name, monitorType=NO_MONITORING)
    _remember(studio.memory, is_there=True)
    return [ObsChange(name=name, done=done)]


async def take_overlay(obs: ObsConnection, memory: ObsMemoryFile) -> list[ObsChange]:
    """Take each overlay of ours out of OBS. Return what was removed. Raises `ObsError`."""
    names = [source.name for source in await _overlays(obs)]
    for name in names:
        await obs.find("RemoveInput", inputName=name)
    _remember(memory, is_there=False)
    return [ObsChange(name=name, done="removed") for name in names]


async def _overlays(obs: ObsConnection) -> list[Source]:
    return [source for source in await present(obs) if source.page is not None and source.page[0] == OVERLAY_PAGE]


def _looking(address: str, look: str | None, there: str) -> str:
    """Return our address with that look, or with the one of the address `there`."""
    if look is None:
        return with_choices(address, there)
    choices = look_of(urlsplit(look).query if "?" in look else look.removeprefix("&"))
    return f"{address}&{choices}" if choices else address


async def _change(obs: ObsConnection, there: Source, address: str, size: dict[str, int]) -> str:
    settings: dict[str, Any] = {"url": address, **size}
    if all(there.settings.get(name) == value for name, value in settings.items()):
        return "unchanged"
    await obs.call("SetInputSettings", inputName=there.name, inputSettings=settings, overlay=True)
    return "updated"


async def _free_name(obs: ObsConnection) -> str:
    taken = {str(entry["inputName"]) for entry in (await obs.call("GetInputList"))["inputs"]}
    number, free = 1, OVERLAY
    while free in taken:
        number += 1
        free = f"{OVERLAY} {number}"
    return free


def _remember(memory: ObsMemoryFile, *, is_there: bool) -> None:
    """Let a set-up keep the overlay true, or leave it out, from now on."""
    now = memory.now
    if now.setup is None:
        return
    made = tuple(key for key in now.made if key != KEY)
    memory.change(
        setup=msgspec.structs.replace(now.setup, overlay=is_there),
        made=(*made, KEY) if is_there else made,
        dropped=tuple(key for key in now.dropped if key != KEY),
    )
