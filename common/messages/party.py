"""The party, who is in it, who invited us and whom we follow."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

import msgspec

from common.messages.base import Message


class PeerKey(NamedTuple):
    """A peer key, taken apart: the one place that knows how it is made up.

    On the bus, and wherever it names somebody, it is text (`str`): msgspec encodes no subclass of `str`.
    """

    account_id: str
    platform: str

    @classmethod
    def of(cls, text: str) -> PeerKey:
        """Return the parts of a peer key; of a bare account id the platform is empty."""
        account_id, _, platform = text.partition(".")
        return cls(account_id, platform)

    def __str__(self) -> str:
        return f"{self.account_id}.{self.platform}"

    @property
    def is_account(self) -> bool:
        """Whether it names an account of PlayStation; the bridge has none."""
        return self.account_id.isascii() and self.account_id.isdecimal()


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the party's member table."""

    account_id: str
    """Decimal string; one type at the edge, whatever Sony sent."""
    platform: str
    """``PS4``, ``PS5``, ``PSPC`` or ``MOBILE_APP`` [seen]; others are kept as they came."""
    online_id: str = ""
    is_host: bool = False
    is_me: bool = False
    muted: bool | None = None
    """From customData4 index 5 [one: Tustin]; None while unknown."""
    joined_at: float = 0.0
    """Unix seconds; 0 while unknown."""
    join_order: int = 0
    """Counts the members as they joined, from 1 [app]; 0 while unknown."""
    app_version: str = ""
    """customData4 place 4 [seen]; empty while unknown."""
    place_1: Literal["", "empty", "number"] = ""
    """What stands at customData4 place 1, whose meaning is [open]; "" while unknown."""

    @property
    def peer(self) -> str:
        return peer_key(self.account_id, self.platform)


def peer_key(account_id: str, platform: str) -> str:
    """Return the key that names a party member everywhere."""
    return str(PeerKey(account_id, platform))


BRIDGE = Member(account_id="bridge", platform="BRIDGE", online_id="the bridge")
"""The party's bridge as a talker: it is no member, and its voices are one mix."""
BRIDGE_PEER = BRIDGE.peer


class PartyState(Message, frozen=True, kw_only=True):
    """session → signaling, media, audio, recorder, dashboard, cli, at each change of the party or its members."""

    TOPIC: ClassVar[str] = "party.state"
    RETAINED: ClassVar[bool] = True
    phase: Literal["none", "joining", "joined", "leaving"]
    session_id: str = ""
    name: str = ""
    context_id: str = ""
    """The pushContexts id of our membership (a UUID that we made)."""
    cpss_id: str = ""
    """Of the share link that led here; empty where none did. It goes with each look at the party [seen]."""
    me: str = ""
    """Our own peer key."""
    joined_at: float = 0.0
    """Unix seconds at which *we* joined; survives a restart of session."""
    joined_s: float = 0.0
    """The same in seconds of `common.basic.clock.boot_s`: how long ago that is, whatever became of the wall clock."""
    members: tuple[Member, ...] = ()
    open: bool | None = None
    """Whether friends of its members may join, or only who is invited; None while unknown."""
    members_known: bool = True
    """False: joined, but the party could not be read yet, so `members` may lack those who were there before."""
    unconfirmed: int = 0
    """Parties that were left without PlayStation's word for it: the leave is repeated until it comes."""
    reason: str = ""
    """Why there is no party (any more), in plain words."""
    end: Literal["", "ended", "removed", "dropped", "gone", "left", "elsewhere", "refused"] = ""
    """The same in a word: it ended; somebody took us out; this device was dropped; any of them; we left here, or
    elsewhere with the same account; the join was refused."""

    @property
    def my_key(self) -> PeerKey:
        """`me`, taken apart."""
        return PeerKey.of(self.me)


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """One party that we are invited into."""

    session_id: str
    from_account_id: str = ""
    from_online_id: str = ""
    """Who invited, where it is known."""
    at: float = 0.0
    """Unix seconds at which we heard of it."""


class Invitations(Message, frozen=True, kw_only=True):
    """session → dashboard, cli, when an invitation comes (by push or by REST) or is used up."""

    TOPIC: ClassVar[str] = "party.invitations"
    RETAINED: ClassVar[bool] = True
    invitations: tuple[Invitation, ...] = ()
    """Newest last."""


class Following(Message, frozen=True, kw_only=True):
    """session → dashboard, cli, when a person is followed into parties (or no longer), and after each look for them."""

    TOPIC: ClassVar[str] = "party.following"
    RETAINED: ClassVar[bool] = True
    online_id: str = ""
    """Whom we follow; empty: nobody."""
    account_id: str = ""
    state: Literal["off", "looking", "with"] = "off"
    detail: str = ""
    """What the last look found, in plain words."""
    next_look_at: float = 0.0
    """Unix seconds; 0 while no look is planned."""
