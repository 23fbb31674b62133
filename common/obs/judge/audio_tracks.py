"""Who is on which of OBS's six audio tracks. No I/O.

Everybody is on track 1, which is streamed. Of the tracks 2 to 6 each member has one of their own as far as they reach,
in the order in which they came. Who comes later shares the last one. An account keeps its track, unless somebody who is
here needs it while they are not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

ALL = (1, 2, 3, 4, 5, 6)
STREAMED = 1
SIMPLE_VOD = 2
"""OBS's simple output mode has Twitch's VOD track here. The advanced one lets the user choose it."""


def own_tracks(vod: int = 0) -> tuple[int, ...]:
    """Return the tracks for single members. `vod` is Twitch's VOD track (0: none), on which everybody has to be."""
    return tuple(track for track in ALL if track not in (STREAMED, vod))


def assign(present: Sequence[str], known: Mapping[str, int], tracks: Sequence[int]) -> dict[str, int]:
    """Return account → track of those `present`, in the order of arrival, and of `known` ones who keep theirs."""
    kept = {account: track for account, track in known.items() if track in tracks}
    held = {kept[account] for account in present if account in kept}
    for account in present:
        if account in kept:
            continue
        by_others = set(kept.values()) - held
        free = [track for track in tracks if track not in held]
        track = next((one for one in free if one not in by_others), free[0] if free else tracks[-1])
        if track not in held:
            kept = {other: theirs for other, theirs in kept.items() if theirs != track}
        kept[account] = track
        held.add(track)
    return kept


def on_tracks(own: int, vod: int = 0) -> dict[str, bool]:
    """Return what OBS's SetInputAudioTracks takes, for a member with the track `own`."""
    return {str(track): track in (STREAMED, own, vod) for track in ALL}


def vod_track(mode: str, simple: Mapping[str, str], advanced: Mapping[str, str]) -> int:
    """Return Twitch's VOD track of the profile in use, or 0. `simple` and `advanced` are its sections' parameters.

    Whether the stream goes to Twitch is not asked: the option outlasts a change of the service, and costs one track.
    """
    if mode.casefold() == "advanced":
        number = advanced.get("VodTrackIndex", "")
        chosen = int(number) if number.isdecimal() else SIMPLE_VOD
        return chosen if _is_on(advanced) and chosen in ALL else 0
    return SIMPLE_VOD if _is_on(simple) else 0


def _is_on(section: Mapping[str, str]) -> bool:
    return section.get("VodTrackEnabled", "").casefold() == "true"
