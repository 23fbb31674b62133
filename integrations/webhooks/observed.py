"""What webhooks tell about, read from the API's topics. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

TOPICS = ("party.state", "peer.speaking", "recording", "clip", "problem", "party.following")
_IN_A_PARTY = ("joined", "leaving")


@dataclass(frozen=True)
class ObservedMember:
    """Somebody else in the party, or the bridge."""

    account_id: str
    platform: str
    name: str
    """Online id, or the account id where it is not known."""


@dataclass(frozen=True)
class ObservedParty:
    session_id: str
    name: str
    reason: str = ""
    """Why there is none."""


@dataclass(frozen=True)
class ObservedRecording:
    running: bool
    folder: str
    """Name of the folder, without the path to it: that would tell the user's name."""
    seconds: float
    size_bytes: int
    marks: int
    detail: str


@dataclass(frozen=True)
class ObservedProblem:
    worker: str
    code: str
    message: str
    remedy: str
    severity: str


@dataclass(frozen=True)
class ObservedFollowing:
    state: str
    name: str


@dataclass(frozen=True)
class PartyObservation:
    """All of it at one moment. What the API has no topic of yet is None."""

    party: ObservedParty | None = None
    """With an empty `session_id` outside a party."""
    members: Mapping[str, ObservedMember] | None = None
    """Others in the party by peer key, None while the party could not be read yet."""
    speaking: Mapping[str, ObservedMember] | None = None
    recording: ObservedRecording | None = None
    clip: str | None = None
    """Name of the last clip's folder, empty for none."""
    problems: Mapping[str, ObservedProblem] | None = None
    following: ObservedFollowing | None = None


def observe(topics: Mapping[str, Any]) -> PartyObservation:
    """Return what the topics say."""
    party = topics.get("party.state/")
    inside = party is not None and party["phase"] in _IN_A_PARTY
    recording, clip, following = (topics.get(name) for name in ("recording/", "clip/", "party.following/"))
    return PartyObservation(
        party=None if party is None else _party(party, inside=inside),
        members=_members(party) if party is not None and inside and party.get("members_known", True) else None,
        speaking={
            topic.partition("/")[2]: _member(said)
            for topic, said in topics.items()
            if topic.startswith("peer.speaking/") and said["speaking"]
        },
        recording=None if recording is None else _recording(recording),
        clip=None if clip is None else _folder(clip),
        problems={topic: _problem(found) for topic, found in topics.items() if topic.startswith("problem/")},
        following=None if following is None else ObservedFollowing(following["state"], following.get("online_id", "")),
    )


def _party(party: Mapping[str, Any], *, inside: bool) -> ObservedParty:
    if inside:
        return ObservedParty(party.get("session_id", ""), party.get("name", ""))
    return ObservedParty("", "", party.get("reason", ""))


def _members(party: Mapping[str, Any]) -> dict[str, ObservedMember]:
    others = (_member(one) for one in party.get("members", ()) if not one.get("is_me"))
    return {f"{one.account_id}.{one.platform}": one for one in others}


def _member(found: Mapping[str, Any]) -> ObservedMember:
    account = found["account_id"]
    return ObservedMember(account, found["platform"], found.get("online_id") or account)


def _recording(found: Mapping[str, Any]) -> ObservedRecording:
    return ObservedRecording(
        running=found["state"] == "recording",
        folder=_folder(found),
        seconds=round(found.get("seconds", 0.0), 1),
        size_bytes=found.get("size_bytes", 0),
        marks=found.get("marks", 0),
        detail=found.get("detail", ""),
    )


def _folder(found: Mapping[str, Any]) -> str:
    return PurePosixPath(found.get("folder", "")).name


def _problem(found: Mapping[str, Any]) -> ObservedProblem:
    return ObservedProblem(**{key: found.get(key, "") for key in ObservedProblem.__dataclass_fields__})
