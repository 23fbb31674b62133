"""A party and its members, as far as REST answers and push events describe them."""

from __future__ import annotations

import msgspec

INVITE_ONLY = "INVITE_ONLY"
"""visibilityType and joinableUserType of the app's own parties [seen]."""
FRIENDS = "FRIENDS"
FRIENDS_ONLY = "FRIENDS_ONLY"
"""joinableUserType and visibilityType of open parties, two spellings [app]. Members' friends may join [read]."""
MAX_MEMBERS = 16
KICKED_OUT = "KICKED_OUT"
MEMBER_LEFT = "MEMBER_LEFT"
"""`leftEventCause` of an entry that was deleted [app]."""


class PartyMember(msgspec.Struct, frozen=True, kw_only=True):
    """A member, as in REST answers and push events."""

    account_id: str
    platform: str = ""
    online_id: str = ""
    custom_data3: str = ""
    custom_data4: str = ""
    """Both are base64 as they came, or "" when absent."""
    joined_at: float = 0.0
    """Unix seconds, or 0 when absent."""
    join_order: int = 0
    """Place in the order of joining, from 1 [app], or 0 when absent."""
    left_cause: str = ""
    """`KICKED_OUT` or `MEMBER_LEFT` in a deleted entry [app], or "" when absent."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A party, as in REST answers. `owner` is an account id, `owner_name` an online id, each "" if not sent."""

    session_id: str
    name: str = ""
    owner: str = ""
    owner_platform: str = ""
    owner_name: str = ""
    members: tuple[PartyMember, ...] = ()
    max_members: int = 16
    joinable: bool = True
    open: bool | None = None
    """Whether members' friends may join (False: invited players only), or None if absent."""

    def has(self, account_id: str, platform: str) -> bool:
        """Return whether that device of that account is listed as a member."""
        return any(m.account_id == account_id and m.platform == platform for m in self.members)


class PartyInfo(msgspec.Struct, frozen=True, kw_only=True):
    """The party behind a share link."""

    session_id: str
    joinable: bool
    name: str = ""
    members: int = 0
    """Number of members."""
    max_members: int = 0
    """0 if absent."""
