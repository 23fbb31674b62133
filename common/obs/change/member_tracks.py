"""OBS's audio tracks of our sources, set by `tracks`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from common.messages import ObsRemark, ObsSetup
from common.obs.connection import ObsConnection
from common.obs.judge.audio_tracks import assign, on_tracks, own_tracks, vod_track
from common.obs.judge.party_view import PartyView
from common.obs.memory import ObsMemoryFile
from common.obs.plan import Source
from common.obs.wanted import of_members

_ADVANCED = ("VodTrackEnabled", "VodTrackIndex")


async def set_tracks(
    obs: ObsConnection, memory: ObsMemoryFile, setup: ObsSetup, view: PartyView, there: Sequence[Source]
) -> list[ObsRemark]:
    """Put our sources on tracks of their own, if wanted. Return what the user should know. Raises `ObsError`."""
    if not setup.tracks:
        return []
    vod = await read_vod_track(obs)
    free = own_tracks(vod)
    singles = {source.account_id: source.name for source in of_members(there, view.members)}
    if setup.route == "each":
        here = [member.account_id for member in view.members if member.account_id in singles]
        tracks = assign(here, memory.now.tracks, free)
        memory.change(tracks=tracks)
        names = {singles[account]: track for account, track in tracks.items() if account in singles}
    else:
        is_mix = (source for source in there if source.route(memory.now.device_sources) in ("mix", "device"))
        names = {source.name: free[0] for source in is_mix}
    for name, track in names.items():
        await obs.find("SetInputAudioTracks", inputName=name, inputAudioTracks=on_tracks(track, vod))
    return _notes(names, vod)


async def read_vod_track(obs: ObsConnection) -> int:
    """Return Twitch's VOD track of OBS's profile, or 0. Raises `ObsError`."""
    simple = {"VodTrackEnabled": await _parameter(obs, "SimpleOutput", "VodTrackEnabled")}
    advanced = {name: await _parameter(obs, "AdvOut", name) for name in _ADVANCED}
    return vod_track(await _parameter(obs, "Output", "Mode"), simple, advanced)


async def _parameter(obs: ObsConnection, category: str, name: str) -> str:
    answer = await obs.find("GetProfileParameter", parameterCategory=category, parameterName=name)
    return str((answer or {}).get("parameterValue") or "")


def _notes(names: dict[str, int], vod: int) -> list[ObsRemark]:
    if not names:
        return []
    who = ", ".join(f"{name} on {track}" for name, track in sorted(names.items(), key=lambda item: item[1]))
    notes = [
        ObsRemark(
            code="tracks",
            message=f"Audio tracks: all voices on 1, and {who}.",
            remedy="Other sources are on all tracks unless you untick them in Advanced Audio Properties. Choose the "
            "tracks to record in Settings → Output → Recording.",
        )
    ]
    shared = [track for track, count in Counter(names.values()).items() if count > 1]
    if shared:
        notes.append(
            ObsRemark(
                code="tracks-shared",
                message=f"There are more members than tracks. Those who came last share track {shared[0]}.",
                remedy="partyline's own recording has a file for each (`partyline record start`).",
            )
        )
    if vod:
        notes.append(
            ObsRemark(
                code="vod-track",
                message=f"Track {vod} is Twitch's VOD track, so all voices are on it too, and nobody has it alone.",
                remedy="What is not on it is missing in Twitch's recording. Untick there only what must not be in it, "
                "such as music.",
            )
        )
    return notes
