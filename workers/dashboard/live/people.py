"""The members of the party as the pages show them: their avatars, and what the overlay's viewers may see. Pure."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from functools import lru_cache

import msgspec
from msgspec import structs

from common.messages import BRIDGE, BRIDGE_PEER, Levels, Member, Message, MixerState, PartyState, PeerState, Speaking
from workers.dashboard.avatars.images import Avatar
from workers.dashboard.state import PageState

PEOPLE: tuple[type[Message], ...] = (PartyState, PeerState, Speaking, MixerState)
"""The messages that `people` reads."""
LEVELS: tuple[type[Message], ...] = (Levels, Speaking, MixerState, PartyState)
"""The messages that `levels` reads."""
BRIDGE_ON_STREAM = "Party"
"""The bridge's name for viewers of a stream, who know of no bridge."""
LEVEL_STEPS = 8
"""Loudest level of a person. Chosen finer than the mouth pictures of a person (`local_avatars.MOST_MOUTHS`), and coarse
enough that a steady voice often keeps its step, so that nothing is sent."""
LEVEL_FLOOR_DB = -45.0
"""Peaks up to here are level 0. This is where media hears speech begin (`ON_DB` in its `voice_activity`)."""
LEVEL_STEP_DB = 5.0
"""The loudest level begins at -10 dBFS then: speech that is levelled to -23 LUFS has its peaks some 13 dB higher."""


class OverlayPerson(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One member, with what viewers of the stream may see."""

    id: str
    """The same for an account on a device, and otherwise opaque."""
    account: str
    """The same for an account on each device and in each party, and otherwise opaque. An overlay's options name it."""
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
    """Return the party's members in the order of joining, as far as that is known, the bridge last."""
    members = _shown(state)
    return [_person(state, member, avatar_of(member)) for member in members]


def levels(state: PageState) -> dict[str, int]:
    """Return `OverlayPerson.id` → level, 0 … `LEVEL_STEPS`, of everybody who speaks and is heard in the mix."""
    latest = state.one(Levels)
    if latest is None:
        return {}
    return {
        _id(member.peer): step(latest.talkers[member.peer])
        for member in _shown(state)
        if member.peer in latest.talkers and state.is_speaking(member.peer) and state.is_heard(member.peer)
    }


def step(peak_db: float) -> int:
    """Return the level of a peak in dBFS."""
    return max(0, min(LEVEL_STEPS, math.ceil((peak_db - LEVEL_FLOOR_DB) / LEVEL_STEP_DB)))


def _shown(state: PageState) -> list[Member]:
    if not state.joined:
        return []
    members = sorted(state.members(), key=lambda member: member.join_order or math.inf)
    if state.of(PeerState, BRIDGE_PEER) is not None:
        members.append(structs.replace(BRIDGE, online_id=BRIDGE_ON_STREAM))
    return members


def _person(state: PageState, member: Member, avatar: Avatar) -> OverlayPerson:
    mixer = state.one(MixerState)
    own = mixer is not None and bool(member.account_id) and member.account_id == mixer.own_account
    heard = own or state.is_heard(member.peer)
    return OverlayPerson(
        id=_id(member.peer),
        account=_account(member.account_id),
        name=member.online_id or "…",
        avatar=avatar,
        speaking=state.is_speaking(member.peer) and heard,
        muted=bool(member.muted) or not heard,
        me=member.is_me,
        own=own,
    )


@lru_cache(maxsize=256)
def _id(peer: str) -> str:
    return hashlib.blake2b(peer.encode(), digest_size=6).hexdigest()


@lru_cache(maxsize=256)
def _account(account_id: str) -> str:
    return hashlib.blake2b(account_id.encode(), digest_size=4, person=b"overlay").hexdigest()
