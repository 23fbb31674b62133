"""The state of OBS and of our sources there, as `ObsState`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from common.errors import PartylineError
from common.messages import ObsRemark, ObsSource, ObsState
from common.obs.change import items
from common.obs.change.devices import listed_devices
from common.obs.change.game import audio_sources, ducked_by
from common.obs.connection import SILENCE_DB, ObsConnection
from common.obs.judge import double_sound
from common.obs.judge.double_sound import CapturingSource
from common.obs.judge.remarks import HEARD_DB, Facts, of_source
from common.obs.memory import ObsMemory
from common.obs.plan import BROWSER, OVERLAY_PAGE, Source, look_of, ours, with_choices
from common.obs.setup import NO_MONITORING, Studio, collection, kinds, present
from common.obs.wanted import of_members

LISTEN_S = 1.5
"""How long a command listens to OBS's meters. Chosen to be longer than most breaths between two words."""
_TRACKS = range(1, 7)


def unreachable(memory: ObsMemory, error: PartylineError) -> ObsState:
    """Return the state of an OBS that cannot be reached."""
    return ObsState(setup=memory.setup, problem_code=error.code, problem=error.message, remedy=error.remedy)


async def read_state(studio: Studio, levels: Mapping[str, float]) -> ObsState:
    """Return the state of OBS. `levels`: source → peak in dBFS. Raises `ObsError`."""
    obs, memory = studio.obs, studio.memory.now
    version = await obs.call("GetVersion")
    there = await present(obs)
    found = ours(there, memory.device_sources)
    scenes = await items.scenes(obs)
    own = {source.name for source in found}
    sounding = await audio_sources(obs, own)
    sources = [await _source(studio, source, scenes, levels) for source in _with_accounts(studio, found)]
    on_air = await obs.call("GetCurrentProgramScene")
    captures = [await _capture(obs, name, kind) for name, kind in sounding.items() if double_sound.is_capture(kind)]
    lowered = await ducked_by(obs, studio.memory)
    return ObsState(
        setup=memory.setup,
        connected=True,
        version=str(version["obsVersion"]),
        websocket_version=str(version["obsWebSocketVersion"]),
        has_browser=BROWSER in await kinds(obs),
        scenes=tuple(scenes),
        scene=str(on_air.get("currentProgramSceneName") or on_air.get("sceneName")),
        audio_sources=tuple(sorted(sounding)),
        sources=tuple(sources),
        ducked_by=lowered,
        remarks=(*await _of_setup(obs, memory, lowered), *_twice(studio, sources, captures)),
    )


def with_levels(state: ObsState, levels: Mapping[str, float]) -> ObsState:
    """Return the state with other levels."""
    sources = [msgspec.structs.replace(one, peak_db=rounded(levels, one.name)) for one in state.sources]
    return msgspec.structs.replace(state, sources=tuple(sources))


def rounded(levels: Mapping[str, float], name: str) -> float:
    return round(levels.get(name, SILENCE_DB), 1)


def _with_accounts(studio: Studio, found: Sequence[Source]) -> list[Source]:
    members = {source.name: source for source in of_members(found, studio.view.members)}
    return [members.get(source.name, source) for source in found]


async def _source(
    studio: Studio, source: Source, scenes: Mapping[str, Sequence[str]], levels: Mapping[str, float]
) -> ObsSource:
    obs, view, name = studio.obs, studio.view, source.name
    carries = _carries(studio, source)
    member = next((one for one in view.members if one.account_id == source.account_id), None)
    label = (member.online_id or member.account_id) if member else name.removeprefix("partyline ")
    page, url = source.page, source.address
    monitor = await obs.find("GetInputAudioMonitorType", inputName=name) or {}
    facts = Facts(
        is_voices=carries != "overlay",
        is_page=page is not None,
        is_stream=carries == "stream",
        member=label if carries == "each" else "",
        is_present=carries != "each" or not view.is_known or member is not None,
        scenes=tuple(scene for scene, entries in scenes.items() if name in entries),
        is_active=bool((await obs.find("GetSourceActive", sourceName=name) or {}).get("videoActive", True)),
        muted=bool((await obs.find("GetInputMute", inputName=name) or {}).get("inputMuted")),
        volume_db=round(float((await obs.find("GetInputVolume", inputName=name) or {}).get("inputVolumeDb", 0.0)), 1),
        monitored=monitor.get("monitorType", NO_MONITORING) != NO_MONITORING,
        peak_db=rounded(levels, name),
        is_outdated=page is not None and with_choices(studio.url(page[0], page[1]), url) != url,
        is_rerouted=carries == "stream" or bool(source.settings.get("reroute_audio")),
        is_loaded=view.is_loaded(member) if carries in ("mix", "each", "stream") else None,
        heard=view.heard(source.account_id) if view.is_known else None,
        on_mac=studio.on_mac,
    )
    return ObsSource(
        name=name,
        carries=carries,
        account_id=source.account_id,
        member=facts.member,
        present=facts.is_present,
        scenes=facts.scenes,
        muted=facts.muted,
        volume_db=facts.volume_db,
        peak_db=facts.peak_db,
        tracks=await _tracks(obs, name),
        look=look_of(urlsplit(url).query) if carries == "overlay" else "",
        remarks=of_source(facts),
    )


def _carries(studio: Studio, source: Source) -> Literal["mix", "each", "device", "stream", "overlay"]:
    if source.page is not None and source.page[0] == OVERLAY_PAGE:
        return "overlay"
    return source.route(studio.memory.now.device_sources) or "mix"


async def _tracks(obs: ObsConnection, name: str) -> tuple[int, ...]:
    answer = await obs.find("GetInputAudioTracks", inputName=name)
    tracks = (answer or {}).get("inputAudioTracks", {})
    return tuple(track for track in _TRACKS if tracks.get(str(track)))


async def _capture(obs: ObsConnection, name: str, kind: str) -> CapturingSource:
    settings = (await obs.find("GetInputSettings", inputName=name) or {}).get("inputSettings", {})
    names = {device: label for label, device in await _devices(obs, name)} if "device_id" in settings else {}
    return CapturingSource(
        name=name,
        kind=kind,
        settings=settings,
        device=names.get(str(settings.get("device_id", "")), ""),
        muted=bool((await obs.find("GetInputMute", inputName=name) or {}).get("inputMuted")),
        is_active=bool((await obs.find("GetSourceActive", sourceName=name) or {}).get("videoActive", True)),
    )


async def _devices(obs: ObsConnection, name: str) -> list[tuple[str, str]]:
    try:
        return await listed_devices(obs, name)
    except PartylineError as error:
        if error.code != "obs.refused":
            raise
        return []  # a kind that lists no devices


def _twice(studio: Studio, sources: Sequence[ObsSource], captures: Sequence[CapturingSource]) -> tuple[ObsRemark, ...]:
    sounding = [
        one
        for one in sources
        if one.carries != "overlay" and one.present and not one.muted and one.volume_db > HEARD_DB
    ]
    return double_sound.remarks(
        captures, studio.view.device, is_default=studio.view.plays_on_default, ours_sound=bool(sounding)
    )


async def _of_setup(obs: ObsConnection, memory: ObsMemory, lowered: str) -> tuple[ObsRemark, ...]:
    """Return what has become of the set-up: another scene collection, or what the user removed."""
    if memory.setup is None:
        return ()
    now = await collection(obs)
    if now != memory.collection:
        return (
            ObsRemark(
                code="other-collection",
                message=f"OBS shows the scene collection {now!r}. partyline was set up in {memory.collection!r}.",
                remedy="Switch back, or set it up here too with `partyline obs setup`.",
            ),
        )
    found = []
    if memory.setup.duck and not lowered:
        found.append(
            ObsRemark(
                code="not-lowered",
                message=f"{memory.setup.duck_source} is not lowered while the party speaks, since our filter is gone.",
                remedy="Set it up again with `partyline obs setup --duck NAME`.",
            )
        )
    if memory.dropped:
        found.append(
            ObsRemark(
                code="dropped",
                message=f"{len(memory.dropped)} of our sources were removed in OBS, and are not made again.",
                remedy="To have them back, set it up again with `partyline obs setup`.",
            )
        )
    return tuple(found)
