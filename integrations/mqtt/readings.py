"""What is published: the state of the party and of each member, read from the API's topics. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.messages import PeerKey
from integrations.client.talkers import PartyTalker, Places, talkers

TOPICS = (
    "party.state", "peer.state", "peer.speaking", "audio.mixer", "audio.levels", "recording", "problem",
    "party.following",
)  # fmt: skip
RECORDING_STEP_S = 10
"""Step of the recording's length. Home Assistant keeps each value, and one a second would fill its history."""
LONGEST_TEXT = 255
"""Longest state that Home Assistant takes."""


@dataclass(frozen=True)
class MemberReading:
    """One account in the party, on all of its consoles."""

    account: str
    name: str
    peers: tuple[str, ...]
    connected: bool
    speaking: bool
    muted: bool
    gain_db: float


def members(topics: Mapping[str, Any]) -> dict[str, MemberReading]:
    """Return the others by account id. The bridge is none of them."""
    if topics.get("party.state/", {}).get("phase") not in ("joined", "leaving"):
        return {}
    consoles: dict[str, list[PartyTalker]] = {}
    for talker in talkers(topics, Places()):
        if PeerKey.of(talker.peer).is_account:
            consoles.setdefault(talker.account_id, []).append(talker)
    return {account: _member(account, of) for account, of in consoles.items()}


def _member(account: str, consoles: list[PartyTalker]) -> MemberReading:
    return MemberReading(
        account=account,
        name=consoles[0].name[:LONGEST_TEXT],
        peers=tuple(one.peer for one in consoles),
        connected=any(one.connected for one in consoles),
        speaking=any(one.speaking for one in consoles),
        muted=all(one.muted for one in consoles),
        gain_db=consoles[0].gain_db,
    )


def speaking_peers(topics: Mapping[str, Any]) -> dict[str, str]:
    """Return the name of each peer that speaks, the bridge too."""
    return {
        topic.partition("/")[2]: said.get("online_id") or said["account_id"]
        for topic, said in topics.items()
        if topic.startswith("peer.speaking/") and said["speaking"]
    }


def party_state(topics: Mapping[str, Any], loudest: str, *, speech: bool) -> dict[str, Any]:
    """Return the message on the topic of the party. Without `speech` it does not tell who speaks."""
    party, mixer = topics.get("party.state/", {}), topics.get("audio.mixer/", {})
    recording, following = topics.get("recording/", {}), topics.get("party.following/", {})
    inside = party.get("phase") in ("joined", "leaving")
    runs = recording.get("state") == "recording"
    problems = [found for topic, found in sorted(topics.items()) if topic.startswith("problem/")]
    voices = speaking_peers(topics) if speech else {}
    return {
        "in_party": inside,
        "party": (party.get("name") or None) if inside else None,
        "members": len(members(topics)),
        **({"speaking": bool(voices), "loudest": voices.get(loudest)} if speech else {}),
        "recording": runs,
        "recording_s": int(recording.get("seconds", 0)) // RECORDING_STEP_S * RECORDING_STEP_S if runs else 0,
        "problem": any(one.get("severity") != "note" for one in problems),
        "problems": [f"{one['message']} {one['remedy']}".strip() for one in problems],
        "following": following.get("online_id") or None,
        "gain_db": mixer.get("gain_db", 0.0),
        "delay_ms": mixer.get("delay_ms", 0.0),
    }


def member_state(found: MemberReading | None, *, speech: bool) -> dict[str, Any]:
    """Return the message on a member's topic, also for somebody who is not here."""
    return {
        "present": found is not None,
        "connected": found is not None and found.connected,
        **({"speaking": found is not None and found.speaking} if speech else {}),
        "muted": found is not None and found.muted,
        "gain_db": found.gain_db if found is not None else 0.0,
    }
