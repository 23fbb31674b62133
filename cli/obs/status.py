"""`partyline obs status`: how our sources stand in OBS, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.obs.connection import Obs5, RefusedError
from cli.obs.plan import Source, ours
from cli.obs.setup import NO_MONITORING, kinds, present

LISTEN_S = 1.5
HEARD_DB = -60.0


@dataclass(frozen=True)
class Standing:
    """One of our sources in OBS."""

    source: Source
    scenes: tuple[str, ...]
    muted: bool
    volume_db: float
    monitored: bool
    peak_db: float | None
    """Highest level that OBS saw while we listened; None: no sound reached OBS from it."""
    outdated: bool = False
    """It shows a page under an address or key that is not the present one."""

    @property
    def remarks(self) -> list[str]:
        """What the user may not have meant."""
        found = []
        if self.outdated:
            found.append("shows an old address: run `partyline obs setup` again")
        if not self.scenes:
            found.append("is in no scene")
        if self.muted:
            found.append("is muted in OBS")
        if self.monitored:
            found.append("is monitored: you may hear everybody twice")
        return found


@dataclass(frozen=True)
class Overview:
    """What `partyline obs status` tells."""

    obs_version: str
    websocket_version: str
    browser: bool
    """This OBS has browser sources."""
    standings: tuple[Standing, ...]
    desktop_audio: tuple[str, ...]
    """Sources of OBS's that take everything the machine plays, and are not muted."""


async def look(obs: Obs5, made: Collection[str], url: Callable[[str, str], str]) -> Overview:
    """Look around in OBS; `url`: the present URL of a page, for a member. Raises `ObsError`."""
    version = await obs.call("GetVersion")
    sources = ours(await present(obs), made)
    scenes = await _scenes(obs)
    levels = await obs.levels(LISTEN_S)
    return Overview(
        obs_version=str(version["obsVersion"]),
        websocket_version=str(version["obsWebSocketVersion"]),
        browser="browser_source" in await kinds(obs),
        standings=tuple([await _standing(obs, source, scenes, levels, url) for source in sources]),
        desktop_audio=tuple(await _desktop_audio(obs)),
    )


async def _standing(
    obs: Obs5,
    source: Source,
    scenes: Mapping[str, Sequence[str]],
    levels: Mapping[str, float],
    url: Callable[[str, str], str],
) -> Standing:
    name = source.name
    volume = await obs.call("GetInputVolume", inputName=name)
    monitor = await obs.call("GetInputAudioMonitorType", inputName=name)
    page = source.page
    return Standing(
        source=source,
        scenes=tuple(scene for scene, items in scenes.items() if name in items),
        muted=bool((await obs.call("GetInputMute", inputName=name))["inputMuted"]),
        volume_db=float(volume["inputVolumeDb"]),
        monitored=monitor["monitorType"] != NO_MONITORING,
        peak_db=levels.get(name),
        outdated=page is not None and url(*page) != source.settings.get("url"),
    )


async def _scenes(obs: Obs5) -> dict[str, list[str]]:
    names = [str(scene["sceneName"]) for scene in (await obs.call("GetSceneList"))["scenes"]]
    return {name: [item["sourceName"] for item in await _items(obs, name)] for name in names}


async def _items(obs: Obs5, scene: str) -> list[dict[str, Any]]:
    return list((await obs.call("GetSceneItemList", sceneName=scene))["sceneItems"])


async def _desktop_audio(obs: Obs5) -> list[str]:
    special = await obs.call("GetSpecialInputs")
    found = []
    for name in (special.get("desktop1"), special.get("desktop2")):
        if name:
            try:
                muted = (await obs.call("GetInputMute", inputName=name))["inputMuted"]
            except RefusedError:  # it went meanwhile
                continue
            if not muted:
                found.append(str(name))
    return found
