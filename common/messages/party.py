"""Messages about the party, its members, invitations and the followed player."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

import msgspec

from common.messages.base import Message


class PeerKey(NamedTuple):
    """The parts of a peer key. Only this class knows its format.

    Messages and other code carry a peer key as `str`, because msgspec encodes no subclass of `str`.
    """

    account_id: str
    platform: str

    @classmethod
    def of(cls, text: str) -> PeerKey:
        """Return the parts of a peer key. The platform of a bare account id is empty."""
        account_id, _, platform = text.partition(".")
        return cls(account_id, platform)

    def __str__(self) -> str:
        return f"{self.account_id}.{self.platform}"

    @property
    def is_account(self) -> bool:
        """Whether it names a PlayStation account. The bridge has none."""
        return self.account_id.isascii() and self.account_id.isdecimal()


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the party's member table."""

    account_id: str
    """Decimal string, whatever type Sony sent."""
    platform: str
    """``PS4``, ``PS5``, ``PSPC`` or ``MOBILE_APP`` [seen]. Others are kept as received."""
    online_id: str = ""
    is_host: bool = False
    is_me: bool = False
    muted: bool | None = None
    """From customData4 index 5 [one: Tustin], or None while unknown."""
    joined_at: float = 0.0
    """Unix seconds, or 0 while unknown."""
    join_order: int = 0
    """Position in the order of joining, from 1 [app], or 0 while unknown."""
    app_version: str = ""
    """customData4 place 4 [seen], or empty while unknown."""
    place_1: Literal["", "empty", "number"] = ""
    """Content of customData4 place 1, whose meaning is [open], or "" while unknown."""

    @property
    def peer(self) -> str:
        return peer_key(self.account_id, self.platform)


def peer_key(account_id: str, platform: str) -> str:
    """Return the peer key of a party member."""
    return str(PeerKey(account_id, platform))


BRIDGE = Member(account_id="bridge", platform="BRIDGE", online_id="the bridge")
"""The party's bridge as a talker. It is not a member, and its voices are one mix."""
BRIDGE_PEER = BRIDGE.peer


class PartyState(Message, frozen=True, kw_only=True):
    """session → signaling, media, audio, recorder, obs, dashboard, gate, webrtc, cli.

    At each change of the party or its members.
    """

    TOPIC: ClassVar[str] = "party.state"
    RETAINED: ClassVar[bool] = True
    phase: Literal["none", "joining", "joined", "leaving"]
    session_id: str = ""
    name: str = ""
    context_id: str = ""
    """The pushContexts id of our own membership (a locally made UUID)."""
    cpss_id: str = ""
    """cpssId of the share link used to join, or empty for none. Each view of the party carries it [seen]."""
    me: str = ""
    """Our own peer key."""
    joined_at: float = 0.0
    """Unix seconds at which *we* joined. It survives a restart of session."""
    joined_s: float = 0.0
    """The same in seconds of `common.basic.clock.boot_s`, which does not depend on the wall clock."""
    members: tuple[Member, ...] = ()
    open: bool | None = None
    """Whether friends of its members may join, or only invited people. None while unknown."""
    members_known: bool = True
    """False while a joined party could not be read yet. `members` may then lack earlier members."""
    resumed: bool = False
    """An earlier run of session joined it, and the server has not listed us since. It may have dropped us."""
    unconfirmed: int = 0
    """Number of parties whose leave PlayStation has not confirmed. The leave is retried until then."""
    reason: str = ""
    """Why there is no party, in plain words."""
    end: Literal["", "ended", "removed", "dropped", "gone", "left", "elsewhere", "refused"] = ""
    """The same as a code. ``ended``: the party ended. ``removed``: somebody removed us. ``dropped``: this device was
    dropped. ``gone``: one of these, unknown which. ``left``: we left here. ``elsewhere``: the account left elsewhere.
    ``refused``: the join was refused."""

    @property
    def my_key(self) -> PeerKey:
        """The parts of `me`."""
        return PeerKey.of(self.me)


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """One invitation to a party."""

    session_id: str
    from_account_id: str = ""
    from_online_id: str = ""
    """Online id of the inviter, if known."""
    at: float = 0.0
    """Unix seconds at which we received it."""


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
    """Online id of the followed player, or empty for nobody."""
    account_id: str = ""
    state: Literal["off", "looking", "with"] = "off"
    detail: str = ""
    """Result of the last look, in plain words."""
    next_look_at: float = 0.0
    """Unix seconds, or 0 while no look is planned."""
