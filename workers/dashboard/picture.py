"""The state as the pages get it: the last message of each topic, and what the overlay needs of it. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar, cast

import msgspec

from common.messages import (
    BRIDGE_PEER,
    AuthState,
    Devices,
    Following,
    Invitations,
    Levels,
    Member,
    Message,
    MixerState,
    MixerTalker,
    PartyState,
    PeerState,
    Problem,
    PushState,
    Recording,
    Speaking,
    WorkerHealth,
)
from common.wire import Received
from workers.dashboard.images import Face

M = TypeVar("M", bound=Message)

WATCHED: tuple[type[Message], ...] = (
    AuthState,
    PushState,
    PartyState,
    Invitations,
    Following,
    PeerState,
    Speaking,
    Levels,
    MixerState,
    Devices,
    Recording,
    WorkerHealth,
    Problem,
)
PEOPLE: tuple[type[Message], ...] = (PartyState, PeerState, Speaking, MixerState)
"""What `people` is made of."""


class Person(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One member, as anybody who watches the stream may know them."""

    id: str
    """Stays the same for an account on a device; tells nothing else."""
    name: str
    face: Face
    speaking: bool = False
    """And heard in the mix."""
    muted: bool = False
    """Their microphone is off, or they are muted in the mix."""
    me: bool = False


class Picture:
    """The last message of each topic."""

    def __init__(self) -> None:
        self.messages: dict[str, Message] = {}

    def note(self, received: Received) -> None:
        if received.message is None:
            self.messages.pop(received.topic, None)
        else:
            self.messages[received.topic] = received.message

    def replace(self, present: list[Received]) -> list[str]:
        """Forget retained topics that the broker does not hold any more; return them."""
        held = {received.topic for received in present}
        gone = [topic for topic, message in self.messages.items() if message.RETAINED and topic not in held]
        for topic in gone:
            del self.messages[topic]
        return gone

    def one(self, cls: type[M]) -> M | None:
        return cast("M | None", self.messages.get(f"{cls.TOPIC}/"))

    def of(self, cls: type[M], key: str) -> M | None:
        return cast("M | None", self.messages.get(f"{cls.TOPIC}/{key}"))

    def all(self, cls: type[M]) -> list[M]:
        return [message for message in self.messages.values() if isinstance(message, cls)]

    # --- talkers -----------------------------------------------------------------------------------

    def talker(self, peer: str) -> MixerTalker | None:
        mixer = self.one(MixerState)
        return next((talker for talker in mixer.talkers if talker.peer == peer), None) if mixer else None

    def heard_gain(self, peer: str) -> float:
        """Return the factor at which the mix has `peer`: 0 when muted, or when others are solo."""
        mixer = self.one(MixerState)
        if mixer is None:
            return 1.0
        mine = self.talker(peer)
        alone = {talker.peer for talker in mixer.talkers if getattr(talker, "solo", False)}
        if (mine and mine.muted) or (alone and peer not in alone):
            return 0.0
        return float(10 ** ((mine.gain_db + getattr(mine, "level_db", 0.0)) / 20)) if mine else 1.0

    def peers_called(self, text: str) -> list[str]:
        """Return the peer keys that `text` (online id, account id or peer key) means, in the order of the party."""
        party = self.one(PartyState)
        names = {member.peer: member.online_id for member in party.members if not member.is_me} if party else {}
        for peer in self.all(PeerState):
            names.setdefault(peer.key(), peer.online_id)
        wanted = text.casefold()
        return [
            key for key, name in names.items() if wanted in (name.casefold(), key.casefold(), key.partition(".")[0])
        ]


def faces(picture: Picture, face_of: Callable[[Member], Face]) -> dict[str, Face]:
    """Return peer key → face of everybody that the dashboard shows."""
    party = picture.one(PartyState)
    shown = {
        peer.key(): Member(account_id=peer.account_id, platform=peer.platform, online_id=peer.online_id)
        for peer in picture.all(PeerState)
    }
    shown |= {member.peer: member for member in (party.members if party else ())}
    return {peer: face_of(member) for peer, member in shown.items()}


def people(picture: Picture, face_of: Callable[[Member], Face]) -> list[Person]:
    """Return who is in the party, hosts and guests in the order of its table, the bridge last."""
    party = picture.one(PartyState)
    if party is None or party.phase != "joined":
        return []
    members = list(party.members)
    if picture.of(PeerState, BRIDGE_PEER) is not None:
        account, _, platform = BRIDGE_PEER.partition(".")
        members.append(Member(account_id=account, platform=platform, online_id="Party"))
    return [_person(picture, member, face_of(member)) for member in members]


def _person(picture: Picture, member: Member, face: Face) -> Person:
    speaking = picture.of(Speaking, member.peer)
    heard = picture.heard_gain(member.peer) > 0
    return Person(
        id=hashlib.blake2b(member.peer.encode(), digest_size=6).hexdigest(),
        name=member.online_id or "…",
        face=face,
        speaking=bool(speaking and speaking.speaking and heard),
        muted=bool(member.muted) or not heard,
        me=member.is_me,
    )
