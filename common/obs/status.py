"""`partyline obs status`, the state of our sources in OBS and its problems."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from common.obs.connection import ObsConnection, ObsRefusedError
from common.obs.plan import DEVICE_KINDS, Source, ours
from common.obs.setup import NO_MONITORING, is_on_mac, kinds, present

LISTEN_S = 1.5
HEARD_DB = -60.0
MICROPHONE = (
    "OBS hears a device only with System Settings → Privacy & Security → Microphone (and an application or the desktop "
    "only with Screen & System Audio Recording). Without it there is silence and no error. Restart OBS after a change."
)
"""Refused permissions of OBS on a Mac. Not run on a Mac yet."""


@dataclass(frozen=True)
class SourceState:
    """One of our sources in OBS."""

    source: Source
    scenes: tuple[str, ...]
    muted: bool
    volume_db: float
    monitored: bool
    peak_db: float | None
    """Highest level that OBS measured while we listened, or None without sound."""
    outdated: bool = False
    """Whether its page has an old address or key."""
    on_mac: bool = False
    """Whether OBS runs on a Mac, where it needs permissions to hear."""

    @property
    def is_silent(self) -> bool:
        return self.peak_db is None or self.peak_db < HEARD_DB

    @property
    def remarks(self) -> list[str]:
        """Settings that the user may not have intended."""
        found = []
        if self.outdated:
            found.append("shows an old address (run `partyline obs setup` again)")
        if not self.scenes:
            found.append("is in no scene")
        if self.muted:
            found.append("is muted in OBS")
        if self.monitored:
            found.append("is monitored, so you may hear everybody twice")
        if self.on_mac and self.source.kind in DEVICE_KINDS and not self.muted and self.is_silent:
            found.append(f"carries no sound. If somebody speaks now: {MICROPHONE}")
        return found


@dataclass(frozen=True)
class Overview:
    """The report of `partyline obs status`."""

    obs_version: str
    websocket_version: str
    browser: bool
    """Whether this OBS has browser sources."""
    sources: tuple[SourceState, ...]
    desktop_audio: tuple[str, ...]
    """Unmuted sources in OBS that capture everything the machine plays."""


async def read_state(obs: ObsConnection, made: Collection[str], url: Callable[[str, str], str]) -> Overview:
    """Return the state of OBS. `url` returns the present URL of a page, for a member. Raises `ObsError`."""
    version = await obs.call("GetVersion")
    found = ours(await present(obs), made)
    scenes = await _scenes(obs)
    levels = await obs.levels(LISTEN_S)
    on_mac = is_on_mac(version)
    return Overview(
        obs_version=str(version["obsVersion"]),
        websocket_version=str(version["obsWebSocketVersion"]),
        browser="browser_source" in await kinds(obs),
        sources=tuple(
            [replace(await _source_state(obs, source, scenes, levels, url), on_mac=on_mac) for source in found]
        ),
        desktop_audio=tuple(await _desktop_audio(obs)),
    )


async def _source_state(
    obs: ObsConnection,
    source: Source,
    scenes: Mapping[str, Sequence[str]],
    levels: Mapping[str, float],
    url: Callable[[str, str], str],
) -> SourceState:
    name = source.name
    volume = await obs.call("GetInputVolume", inputName=name)
    monitor = await obs.call("GetInputAudioMonitorType", inputName=name)
    page = source.page
    return SourceState(
        source=source,
        scenes=tuple(scene for scene, items in scenes.items() if name in items),
        muted=bool((await obs.call("GetInputMute", inputName=name))["inputMuted"]),
        volume_db=float(volume["inputVolumeDb"]),
        monitored=monitor["monitorType"] != NO_MONITORING,
        peak_db=levels.get(name),
        outdated=page is not None and url(*page) != source.settings.get("url"),
    )


async def _scenes(obs: ObsConnection) -> dict[str, list[str]]:
    names = [str(scene["sceneName"]) for scene in (await obs.call("GetSceneList"))["scenes"]]
    return {name: [item["sourceName"] for item in await _items(obs, name)] for name in names}


async def _items(obs: ObsConnection, scene: str) -> list[dict[str, Any]]:
    return list((await obs.call("GetSceneItemList", sceneName=scene))["sceneItems"])


async def _desktop_audio(obs: ObsConnection) -> list[str]:
    special = await obs.call("GetSpecialInputs")
    found = []
    for name in (special.get("desktop1"), special.get("desktop2")):
        if name:
            try:
                muted = (await obs.call("GetInputMute", inputName=name))["inputMuted"]
            except ObsRefusedError:  # it was removed meanwhile
                continue
            if not muted:
                found.append(str(name))
    return found
