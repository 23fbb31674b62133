"""Which sound device a device source captures."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.obs.connection import ObsConnection, ObsError
from common.obs.plan import DEVICE_KINDS, matching_devices

BLACKHOLE = "BlackHole"
_MAC_PLATFORMS = ("macos", "osx")
"""What obs-websocket calls a Mac (Qt's `QSysInfo::productType`, whose name for it changed)."""


@dataclass(frozen=True)
class DeviceRequest:
    """Which device is wanted."""

    device: str = ""
    """Part of its name. Empty if none was named."""
    usual: tuple[str, ...] = ()
    """The devices to look for if none was named, in this order."""
    playing: str = ""
    """The device that audio plays on now. It decides between several of the wanted name. Empty if unknown."""


def usual_devices(playing: str, configured: str, *, is_mac: bool) -> tuple[str, ...]:
    """Return the devices to look for if none was named: what plays now, the setting, and on a Mac BlackHole."""
    return tuple(name for name in (playing, configured, BLACKHOLE if is_mac else "") if name)


def is_on_mac(version: Mapping[str, Any]) -> bool:
    """Return whether an OBS runs on a Mac, by its answer to GetVersion."""
    return str(version.get("platform", "")).casefold() in _MAC_PLATFORMS


def device_kind(known: Collection[str]) -> str:
    """Return the kind of source that captures a device's sound. Raises `ObsError`."""
    kind = next((kind for kind in DEVICE_KINDS if kind in known), None)
    if kind is None:
        raise ObsError("This build of OBS has no source for a sound device.", "Use the official build of OBS.")
    return kind


async def set_device(obs: ObsConnection, name: str, request: DeviceRequest, *, fresh: bool) -> None:
    """Have the source capture the device. A `fresh` one is removed if there is no such device. Raises `ObsError`."""
    try:
        _, device_id = choose_device(await listed_devices(obs, name), request)
    except ObsError:
        if fresh:
            await obs.call("RemoveInput", inputName=name)
        raise
    await obs.call("SetInputSettings", inputName=name, inputSettings={"device_id": device_id}, overlay=True)


async def listed_devices(obs: ObsConnection, name: str) -> list[tuple[str, str]]:
    """Return the (name, id) of the devices that a source could capture. Raises `ObsError`."""
    answer = await obs.call("GetInputPropertiesListPropertyItems", inputName=name, propertyName="device_id")
    return list(_items(answer))


def choose_device(items: Sequence[tuple[str, str]], request: DeviceRequest) -> tuple[str, str]:
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
