"""The members of the party as the pages show them: their avatars, and what the overlay's viewers may see. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec
from msgspec import structs

from common.messages import BRIDGE, BRIDGE_PEER, Member, Message, MixerState, PartyState, PeerState, Speaking
from workers.dashboard.avatars.images import Avatar
from workers.dashboard.state import PageState

PEOPLE: tuple[type[Message], ...] = (PartyState, PeerState, Speaking, MixerState)
"""The messages that `people` reads."""
BRIDGE_ON_STREAM = "Party"
"""The bridge's name for viewers of a stream, who know of no bridge."""


class OverlayPerson(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One member, with what viewers of the stream may see."""

    id: str
    """The same for an account on a device, and otherwise opaque."""
    name: str
    avatar: Avatar
    speaking: bool = False
    """Speaking, and heard in the mix."""
    muted: bool = False
    """Their microphone is off, or they are muted in the mix."""
    me: bool = False
    """partyline's own account in the party."""
    own: bool = False
    """The person who runs partyline, on their console. `speaking` and `muted` are those of their microphone then, since
    viewers hear it whatever the mix has."""


def avatars(state: PageState, avatar_of: Callable[[Member], Avatar]) -> dict[str, Avatar]:
    """Return peer key → face of everybody on the dashboard, including this member."""
    shown = {member.peer: member for member in state.members()} | state.others()
    return {peer: avatar_of(member) for peer, member in shown.items()}


def people(state: PageState, avatar_of: Callable[[Member], Avatar]) -> list[OverlayPerson]:
    """Return the party's members in the order of its table, the bridge last."""
    if not state.joined:
        return []
    members = state.members()
    if state.of(PeerState, BRIDGE_PEER) is not None:
        members.append(structs.replace(BRIDGE, online_id=BRIDGE_ON_STREAM))
    return [_person(state, member, avatar_of(member)) for member in members]


def _person(state: PageState, member: Member, avatar: Avatar) -> OverlayPerson:
    mixer = state.one(MixerState)
    own = mixer is not None and bool(member.account_id) and member.account_id == mixer.own_account
    heard = own or state.is_heard(member.peer)
    return OverlayPerson(
        id=hashlib.blake2b(member.peer.encode(), digest_size=6).hexdigest(),
        name=member.online_id or "…",
        avatar=avatar,
        speaking=state.is_speaking(member.peer) and heard,
        muted=bool(member.muted) or not heard,
        me=member.is_me,
        own=own,
    )
