"""The game's source in OBS, which is lowered while the party speaks, if the user named one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from common.messages import ObsSetup
from common.obs.connection import ObsConnection, ObsError
from common.obs.judge.lowering import COMPRESSOR, FILTER, GAIN, KIND, filter_settings, way
from common.obs.memory import MadeFilter, ObsMemoryFile


async def audio_sources(obs: ObsConnection, own: Collection[str]) -> dict[str, str]:
    """Return name → kind of the user's own sources that have sound. `own`: names of ours."""
    found = {}
    for entry in (await obs.call("GetInputList"))["inputs"]:
        name = str(entry["inputName"])
        # OBS refuses this for a source without sound
        if name not in own and await has_sound(obs, name):
            found[name] = str(entry["unversionedInputKind"])
    return found


async def has_sound(obs: ObsConnection, name: str) -> bool:
    try:
        await obs.call("GetInputAudioTracks", inputName=name)
    except ObsError as error:
        if error.code != "obs.refused":
            raise
        return False
    return True


async def check_game(obs: ObsConnection, name: str, own: Collection[str]) -> None:
    """Raise `ObsError` unless that is a source of the user's with sound."""
    there = await audio_sources(obs, own)
    if name in there:
        return
    listed = f"Sources with sound are: {', '.join(sorted(there))}." if there else "OBS has no source with sound yet."
    named = f"OBS has no source {name!r} with sound." if name else "No source was named that is to be lowered."
    raise ObsError(named, f"Name one with `partyline obs setup --duck NAME`. {listed}", code="obs.no-game")


async def duck_game(
    obs: ObsConnection, memory: ObsMemoryFile, setup: ObsSetup | None, voices: str, *, on_mac: bool
) -> None:
    """Put our filter on the game's source, or take it off if `setup` wants none. Raises `ObsError`.

    `voices` is the source with everybody's voices, if there is one.
    """
    wanted = MadeFilter(setup.duck_source, FILTER) if setup is not None and setup.duck else None
    kind, settings = "", {}
    if setup is not None and wanted is not None:
        entries = (await obs.call("GetInputList"))["inputs"]
        source = next((str(one["unversionedInputKind"]) for one in entries if one["inputName"] == wanted.source), "")
        how = way(setup.route, source, on_mac=on_mac) if voices else "volume"
        kind, settings = KIND[how], filter_settings(how, voices)
    for made in memory.now.filters:
        there = await obs.find("GetSourceFilter", sourceName=made.source, filterName=made.name)
        is_right = there is not None and made == wanted and there["filterKind"] == kind
        if there is not None and is_right and there["filterSettings"].get("sidechain_source", "") == voices:
            return
        await obs.find("RemoveSourceFilter", sourceName=made.source, filterName=made.name)
    memory.change(filters=(wanted,) if wanted else ())
    if wanted is not None:
        await obs.find("RemoveSourceFilter", sourceName=wanted.source, filterName=wanted.name)  # of a lost memory
        await obs.call(
            "CreateSourceFilter",
            sourceName=wanted.source,
            filterName=wanted.name,
            filterKind=kind,
            filterSettings=settings,
        )


async def keep_sidechain(obs: ObsConnection, memory: ObsMemoryFile, voices: str) -> None:
    """Let the compressor listen to the source with the voices, which the user may have renamed. Raises `ObsError`.

    A filter that the user removed is not made again.
    """
    for made in memory.now.filters:
        there = await obs.find("GetSourceFilter", sourceName=made.source, filterName=made.name)
        if there is None or there["filterKind"] != COMPRESSOR or not voices:
            continue
        if there["filterSettings"].get("sidechain_source") != voices:
            await obs.call(
                "SetSourceFilterSettings",
                sourceName=made.source,
                filterName=made.name,
                filterSettings={"sidechain_source": voices},
                overlay=True,
            )


async def ducked_by(obs: ObsConnection, memory: ObsMemoryFile) -> Literal["", "sidechain", "volume"]:
    """Return how the game is lowered. Raises `ObsError`."""
    for made in memory.now.filters:
        there = await obs.find("GetSourceFilter", sourceName=made.source, filterName=made.name)
        if there is not None:
            return "volume" if there["filterKind"] == GAIN else "sidechain"
    return ""


async def set_gain(obs: ObsConnection, memory: ObsMemoryFile, gain_db: float) -> None:
    """Set the game's gain, where it is lowered by a gain filter. Raises `ObsError`."""
    for made in memory.now.filters:
        await obs.find(
            "SetSourceFilterSettings",
            sourceName=made.source,
            filterName=made.name,
            filterSettings={"db": gain_db},
            overlay=True,
        )
