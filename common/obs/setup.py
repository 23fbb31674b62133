"""What is changed in OBS for a set-up, and while its members come and go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from common.messages import ObsRemark, ObsSetup
from common.obs.change import items, kept
from common.obs.change.devices import DeviceRequest, device_kind, set_device
from common.obs.change.game import check_game, duck_game, keep_sidechain
from common.obs.change.member_tracks import set_tracks
from common.obs.change.sync_offsets import keep_in_step
from common.obs.connection import ObsConnection, ObsError, ObsRefusedError
from common.obs.judge.party_view import PartyView
from common.obs.judge.remarks import MICROPHONE
from common.obs.media_source import MEDIA
from common.obs.memory import ObsMemory, ObsMemoryFile
from common.obs.plan import BROWSER, DEVICE_KINDS, NO_BROWSER, Change, Source, ours, plan
from common.obs.wanted import Url, member_steps, of_members, sources
from common.requests import ObsChange

NO_MONITORING = "OBS_MONITORING_TYPE_NONE"
ALREADY_EXISTS = 601
"""obs-websocket's code for a name that is taken (RequestStatus::ResourceAlreadyExists)."""
_DONE = {"create": "created", "update": "updated", "keep": "unchanged", "remove": "removed"}


@dataclass(frozen=True)
class Studio:
    """OBS, and what partyline knows beside it."""

    obs: ObsConnection
    memory: ObsMemoryFile
    url: Url
    view: PartyView = field(default_factory=PartyView)
    usual: tuple[str, ...] = ()
    """The devices to look for if none was named (see `DeviceRequest`)."""
    on_mac: bool = False
    """Whether OBS runs on a Mac."""


async def present(obs: ObsConnection) -> list[Source]:
    """Return the sources that may be ours, with their settings."""
    found = []
    for entry in (await obs.call("GetInputList"))["inputs"]:
        name, kind = str(entry["inputName"]), str(entry["unversionedInputKind"])
        if kind in (BROWSER, MEDIA, *DEVICE_KINDS):
            answer = await obs.find("GetInputSettings", inputName=name)
            if answer is not None:
                found.append(Source(name, kind, answer["inputSettings"]))
    return found


async def kinds(obs: ObsConnection) -> set[str]:
    """Return the kinds of source that this OBS knows."""
    return set((await obs.call("GetInputKindList", unversioned=True))["inputKinds"])


async def collection(obs: ObsConnection) -> str:
    """Return the name of OBS's scene collection in use."""
    return str((await obs.call("GetSceneCollectionList"))["currentSceneCollectionName"])


# --- a set-up -----------------------------------------------------------------------------------------


async def set_up(studio: Studio, setup: ObsSetup) -> tuple[list[ObsChange], list[ObsRemark]]:
    """Change OBS to match `setup`. Return what was done, and what the user should know. Raises `ObsError`."""
    obs, memory = studio.obs, studio.memory
    there = await present(obs)
    scene = await items.chosen(obs, setup.scene)
    if setup.duck:
        await check_game(obs, setup.duck_source, {source.name for source in ours(there, memory.now.device_sources)})
    wanted = _wanted(studio, setup, await kinds(obs))
    changes = plan(setup.route, wanted, there, memory.now.device_sources)
    request = DeviceRequest(setup.device, studio.usual, studio.view.device)
    for change in changes:
        await _carry_out(studio, change, scene, request)
        if change.do in ("update", "keep"):
            await obs.call("SetInputAudioMonitorType", inputName=change.source.name, monitorType=NO_MONITORING)
            if setup.scene:
                await items.put_into(obs, scene, change.source.name)
    done = [ObsChange(name=change.source.name, done=_DONE[change.do]) for change in changes]
    if setup.route == "each" and studio.view.is_known:
        done += await _remove_absent(studio)
    keys = tuple(change.source.key for change in changes if change.do != "remove")
    memory.change(setup=setup, collection=await collection(obs), scene=scene, made=keys, dropped=())
    notes = await set_tracks(obs, memory, setup, studio.view, await present(obs))
    await duck_game(obs, memory, setup, await voices_name(obs, memory.now), on_mac=studio.on_mac)
    return done, [*notes, *_notes(studio, setup)]


def _wanted(studio: Studio, setup: ObsSetup, known: Collection[str]) -> list[Source]:
    """Return the sources that are wanted of the `known` kinds. Raises `ObsError` if OBS lacks one that is needed."""
    match setup.route:
        case "stream":
            if MEDIA not in known:
                raise ObsError("This build of OBS has no Media Source.", "Use the official build of OBS.")
            found = sources(setup, studio.url, studio.view.members)
            return [source for source in found if source.kind in known]
        case "device":
            device = Source("partyline device", device_kind(known), {})
            pages = sources(setup, studio.url, studio.view.members) if BROWSER in known else []
            return [*pages, device]
        case "mix" | "each":
            if BROWSER not in known:
                raise ObsError(
                    NO_BROWSER,
                    "Use a media source (`partyline obs setup --stream`), a sound device (`--device NAME`), or the "
                    "official build of OBS.",
                    code="obs.no-browser",
                )
            return sources(setup, studio.url, studio.view.members)


def _notes(studio: Studio, setup: ObsSetup) -> list[ObsRemark]:
    notes = []
    if setup.route == "device" and studio.on_mac:
        words = "macOS may ask whether OBS may use the microphone."
        notes.append(ObsRemark(code="microphone", message=words, remedy=MICROPHONE))
    if setup.route == "each" and not studio.view.members:
        notes.append(ObsRemark(code="nobody-here", message="Nobody else is in the party. Each newcomer gets a source."))
    return notes


async def _carry_out(studio: Studio, change: Change, scene: str, request: DeviceRequest) -> None:
    obs, memory, source = studio.obs, studio.memory, change.source
    name = source.name
    match change.do:
        case "remove":
            await _remove(studio, source)
            return
        case "create":
            await items.create(obs, scene, source)
            if source.account_id in memory.now.kept:
                await kept.restore(obs, name, memory.now.kept[source.account_id])
        case "update":
            await obs.call("SetInputSettings", inputName=name, inputSettings=dict(source.settings), overlay=True)
        case "keep":
            pass
    if source.kind in DEVICE_KINDS:
        await set_device(obs, name, request, fresh=change.do == "create")
        memory.change(device_sources=sorted({*memory.now.device_sources, name}))
    if change.do == "create":
        await obs.call("SetInputAudioMonitorType", inputName=name, monitorType=NO_MONITORING)


async def _remove(studio: Studio, source: Source) -> None:
    """Remove a source of ours, and remember what the user had set on a member's."""
    memory = studio.memory.now
    hidden = {name: found for name, found in memory.hidden.items() if name != source.name}
    account = source.account_id or (source.page[1] if source.page else "")
    if account:
        studio.memory.change(kept={**memory.kept, account: await kept.read(studio.obs, source.name)})
    await studio.obs.find("RemoveInput", inputName=source.name)
    studio.memory.change(
        device_sources=[name for name in memory.device_sources if name != source.name],
        hidden=hidden,
        absent_since={who: since for who, since in memory.absent_since.items() if who != account},
        made=tuple(key for key in memory.made if key != source.key),
    )


async def _remove_absent(studio: Studio) -> list[ObsChange]:
    """Remove the sources of members who are not in the party."""
    singles = of_members(await present(studio.obs), studio.view.members)
    gone = [source for source in singles if source.account_id not in studio.view.accounts]
    for source in gone:
        await _remove(studio, source)
    return [ObsChange(name=source.name, done="removed") for source in gone]


async def remove(obs: ObsConnection, memory: ObsMemoryFile) -> list[ObsChange]:
    """Remove our sources and filters from OBS, and forget the set-up. Return what was removed. Raises `ObsError`."""
    await duck_game(obs, memory, None, "", on_mac=False)
    names = [source.name for source in ours(await present(obs), memory.now.device_sources)]
    for name in names:
        await obs.find("RemoveInput", inputName=name)
    tracks, own = memory.now.tracks, memory.now.kept
    memory.put(ObsMemory(tracks=tracks, kept=own))
    return [ObsChange(name=name, done="removed") for name in names]


# --- while members come and go ------------------------------------------------------------------------


async def follow(studio: Studio, now: float) -> list[ObsChange]:
    """Keep the sources true to the party. `now`: Unix seconds. Return what was changed. Raises `ObsError`.

    What the user removed in OBS is not made again, and another scene collection is left alone.
    """
    obs, memory = studio.obs, studio.memory
    setup = memory.now.setup
    if setup is None or await collection(obs) != memory.now.collection:
        return []
    there = await present(obs)
    if studio.view.delay_ms is not None:
        voices = [source.name for source in there if source.route(memory.now.device_sources)]
        await keep_in_step(obs, memory, voices, studio.view.delay_ms)
    members = of_members(there, studio.view.members)
    _drop_removed(memory, there, members)
    wanted = [one for one in sources(setup, studio.url, studio.view.members) if one.key not in memory.now.dropped]
    known = await kinds(obs)
    wanted = [one for one in wanted if one.kind in known]
    done = []
    for change in plan(setup.route, wanted, there, memory.now.device_sources):
        if change.do == "create" and change.source.key not in memory.now.made:
            for scene in await _scenes_for(obs, memory.now, members):
                await _add_or_create(studio, change, scene)
            memory.change(made=(*memory.now.made, change.source.key))
            done.append(ObsChange(name=change.source.name, done="created"))
        elif change.do == "update":
            await _carry_out(studio, change, "", DeviceRequest())
            done.append(ObsChange(name=change.source.name, done="updated"))
    if setup.route == "each" and studio.view.is_known:
        done += await _attend(studio, members, now)
    if done:
        await set_tracks(obs, memory, setup, studio.view, await present(obs))
    await keep_sidechain(obs, memory, await voices_name(obs, memory.now) if memory.now.filters else "")
    return done


async def _attend(studio: Studio, members: Sequence[Source], now: float) -> list[ObsChange]:
    """Show the sources of those who are here, hide those of others, and remove those that were left long ago."""
    found = member_steps(members, studio.view.accounts, studio.memory.now.absent_since, now)
    studio.memory.change(absent_since=found.absent_since)
    done = []
    back = [source.name for source in found.show if await items.show(studio.obs, studio.memory, source.name)]
    done += [ObsChange(name=name, done="shown") for name in back]
    for source in found.hide:
        if source.name not in studio.memory.now.hidden:
            await items.hide(studio.obs, studio.memory, source.name)
            done.append(ObsChange(name=source.name, done="hidden"))
    for source in found.remove:
        await _remove(studio, source)
        done.append(ObsChange(name=source.name, done="removed"))
    return done


def _drop_removed(memory: ObsMemoryFile, there: Sequence[Source], members: Sequence[Source]) -> None:
    """Note what we made and the user removed in OBS since."""
    found = {source.key for source in ours(there, memory.now.device_sources)} | {one.account_id for one in members}
    gone = tuple(key for key in memory.now.made if key not in found)
    if gone:
        memory.change(made=tuple(key for key in memory.now.made if key in found), dropped=(*memory.now.dropped, *gone))


async def _add_or_create(studio: Studio, change: Change, scene: str) -> None:
    try:
        await _carry_out(studio, change, scene, DeviceRequest())
    except ObsRefusedError as refusal:
        if refusal.status != ALREADY_EXISTS:
            raise
        await items.put_into(studio.obs, scene, change.source.name)


async def _scenes_for(obs: ObsConnection, memory: ObsMemory, members: Sequence[Source]) -> list[str]:
    """Return the scenes for a newcomer's source: those that all other members' sources are in, else the set-up's."""
    scenes = await items.scenes(obs)
    inside: list[Collection[str]] = [
        [scene for scene, entries in scenes.items() if source.name in entries] for source in members
    ]
    common = [scene for scene in scenes if inside and all(scene in found for found in inside)]
    if common:
        return common
    return [memory.scene] if memory.scene in scenes else [await items.chosen(obs, "")]


async def voices_name(obs: ObsConnection, memory: ObsMemory) -> str:
    """Return the name of the one source that carries everybody's voices, or "" without one."""
    found = ours(await present(obs), memory.device_sources)
    return next(
        (source.name for source in found if source.route(memory.device_sources) in ("mix", "device", "stream")), ""
    )
