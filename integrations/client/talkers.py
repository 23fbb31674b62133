"""The party's members as a list, made from the topics of the API. No I/O.

It needs the topics ``party.state``, ``peer.state``, ``peer.speaking`` and ``audio.mixer``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TOPICS = ("party.state", "peer.state", "peer.speaking", "audio.mixer")
SILENT_DB = -120.0


@dataclass(frozen=True)
class PartyTalker:
    """One member of the party, as other programs show him."""

    peer: str
    """``account id.platform``, by which requests name him."""
    account_id: str
    name: str
    """Online id, or the account id where it is not known."""
    place: int
    """1, 2, … A member keeps it as long as he is here (`Places`)."""
    connected: bool
    """His voice arrives."""
    speaking: bool
    gain_db: float
    muted: bool
    solo: bool
    is_own: bool
    """The person who runs partyline."""


class Places:
    """Numbers of members, from 1. Who leaves frees his number, and nobody else's changes: faders keep their person."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}

    def assign(self, peers: list[str]) -> dict[str, int]:
        """Return the number of each of `peers`, which are in the order in which newcomers get theirs."""
        self._of = {peer: place for peer, place in self._of.items() if peer in peers}
        for peer in peers:
            if peer not in self._of:
                taken = set(self._of.values())
                self._of[peer] = next(place for place in range(1, len(peers) + 1) if place not in taken)
        return dict(self._of)


def talkers(topics: Mapping[str, Any], places: Places) -> list[PartyTalker]:
    """Return the members without the listener's own account, by place."""
    members = [one for one in topics.get("party.state/", {}).get("members", ()) if not one.get("is_me")]
    mixer = topics.get("audio.mixer/", {})
    desk = {one["peer"]: one for one in mixer.get("talkers", ())}
    own = mixer.get("own_account", "")
    peers = [f"{one['account_id']}.{one['platform']}" for one in members]
    place = places.assign(peers)
    found = [
        _talker(peer, member, place[peer], topics, desk.get(peer, {}), own)
        for peer, member in zip(peers, members, strict=True)
    ]
    return sorted(found, key=lambda one: one.place)


def _talker(  # noqa: PLR0913, PLR0917  # the pieces of one row
    peer: str, member: Mapping[str, Any], place: int, topics: Mapping[str, Any], desk: Mapping[str, Any], own: str
) -> PartyTalker:
    account = member["account_id"]
    return PartyTalker(
        peer=peer,
        account_id=account,
        name=member.get("online_id") or account,
        place=place,
        connected=topics.get(f"peer.state/{peer}", {}).get("connection") == "connected",
        speaking=bool(topics.get(f"peer.speaking/{peer}", {}).get("speaking")),
        gain_db=float(desk.get("gain_db", 0.0)),
        muted=bool(desk.get("muted")),
        solo=bool(desk.get("solo")),
        is_own=bool(own) and own == account,
    )
