"""The bus's retained state for the pages, with the overlay's view of it. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
from msgspec import structs

from common import retained
from common.messages import BRIDGE, BRIDGE_PEER, Levels, Member, Message, MixerState, PartyState, PeerState, Speaking
from common.retained import Retained
from workers.dashboard.faces.images import Face

WATCHED: tuple[type[Message], ...] = (*retained.WATCHED, Levels)
PEOPLE: tuple[type[Message], ...] = (PartyState, PeerState, Speaking, MixerState)
"""The messages that `people` reads."""
BRIDGE_ON_STREAM = "Party"
"""The bridge's name for viewers of a stream, who know of no bridge."""


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One member, with what viewers of the stream may see."""

    id: str
    """The same for an account on a device, and otherwise opaque."""
    name: str
    face: Face
    speaking: bool = False
    """Speaking, and heard in the mix."""
    muted: bool = False
    """Their microphone is off, or they are muted in the mix."""
    me: bool = False


class Picture(Retained):
    """The retained state, and the latest levels."""

    def heard_gain(self, peer: str) -> float:
        """Return the factor of `peer` in the mix: 0 if muted, or if others are solo."""
        if not self.is_heard(peer):
            return 0.0
        mine = self.talker(peer)
        return float(10 ** ((mine.gain_db + mine.level_db) / 20)) if mine else 1.0

    def peers_called(self, text: str) -> list[str]:
        """Return the peer keys that match `text` (online id, account id or peer key), in the order of the party."""
        wanted = text.casefold()
        return [
            key
            for key, member in self.others().items()
            if wanted in (member.online_id.casefold(), key.casefold(), member.account_id)
        ]


def faces(picture: Picture, face_of: Callable[[Member], Face]) -> dict[str, Face]:
    """Return peer key → face of everybody on the dashboard, including this member."""
    shown = {member.peer: member for member in picture.members()} | picture.others()
    return {peer: face_of(member) for peer, member in shown.items()}


def people(picture: Picture, face_of: Callable[[Member], Face]) -> list[Person]:
    """Return the party's members in the order of its table, the bridge last."""
    if not picture.joined:
        return []
    members = picture.members()
    if picture.of(PeerState, BRIDGE_PEER) is not None:
        members.append(structs.replace(BRIDGE, online_id=BRIDGE_ON_STREAM))
    return [_person(picture, member, face_of(member)) for member in members]


def _person(picture: Picture, member: Member, face: Face) -> Person:
    heard = picture.is_heard(member.peer)
    return Person(
        id=hashlib.blake2b(member.peer.encode(), digest_size=6).hexdigest(),
        name=member.online_id or "…",
        face=face,
        speaking=picture.is_speaking(member.peer) and heard,
        muted=bool(member.muted) or not heard,
        me=member.is_me,
    )
