"""Parties: which there are, being in one, and its administration."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from common.messages import Member, PartyState
from common.requests.base import Done, Request


class PartySummary(msgspec.Struct, frozen=True, kw_only=True):
    """One party that we are in or may join."""

    session_id: str
    name: str = ""
    owner: str = ""
    """Online id of the host, or the account id if that is unknown."""
    members: tuple[Member, ...] = ()
    max_members: int = 16
    joinable: bool = True
    standing: Literal["in", "invited", "open"] = "open"
    """Whether we are in it, invited into it, or may join it anyway."""
    invited_by: str = ""
    """Online id or account id, or empty if unknown."""


class Parties(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `ListParties`."""

    parties: tuple[PartySummary, ...] = ()


class ListParties(Request[Parties], frozen=True, kw_only=True):
    """cli, dashboard → session: list the parties that we are in or may join."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Parties


class JoinParty(Request[PartyState], frozen=True, kw_only=True):
    """cli, dashboard → session: join by session id or share link; leaves the present party first."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = PartyState
    target: str
    """Session id, share link or cpssId, or empty for the only available party."""


class LeaveParty(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard, gate → session: leave the party."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done


class CreateParty(Request[PartyState], frozen=True, kw_only=True):
    """cli, dashboard → session: make a party and be in it; leaves the present one first."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = PartyState
    name: str = ""
    open: bool = False
    """Whether friends of its members may join, or only people with an invitation or the link."""


class RenameParty(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: give our party another name."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    name: str


class SetVisibility(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: who may see and join our party."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    open: bool
    """Whether friends of its members may join, or only people with an invitation or the link."""


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `InvitePeople`, with online ids as PlayStation spells them."""

    online_ids: tuple[str, ...]


class InvitePeople(Request[Invited], frozen=True, kw_only=True):
    """cli, dashboard → session: invite people into our party. All of them or nobody."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Invited
    online_ids: tuple[str, ...]
    """Their names at PlayStation."""


class KickMember(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: take a member out of our party. Refused where PlayStation does not let us."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    peer: str
    """Peer key. The account's other devices are removed too."""


class FollowPlayer(Request[Done], frozen=True, kw_only=True):
    """cli, dashboard → session: be in whatever party that account is in, from now on."""

    WORKER: ClassVar[str] = "session"
    REPLY: ClassVar[type[Any]] = Done
    online_id: str
    """The player, or empty to stop following. The current party goes on."""
