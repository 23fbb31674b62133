"""Our own account on this platform, told apart from other entries of a party. No I/O."""

from __future__ import annotations

from common.messages import peer_key
from common.psn.party.sessions import PartyMember

ME = "me"
"""REST may name us so in our own entry [seen]."""


class OwnDevice:
    """The local account on its platform."""

    def __init__(self, account_id: str, platform: str) -> None:
        self.account_id = account_id
        self.platform = platform

    @property
    def key(self) -> str:
        """Our own peer key."""
        return peer_key(self.account_id, self.platform)

    def identity(self, entry: PartyMember) -> tuple[str, str]:
        """Return the account id and platform of `entry`. A missing platform is ours, if the account is ours."""
        account_id = self.account_id if entry.account_id == ME else entry.account_id
        mine = entry.platform == ME or (not entry.platform and account_id == self.account_id)
        return account_id, self.platform if mine else entry.platform

    def peer_of(self, entry: PartyMember) -> str:
        """Return the peer key of `entry`."""
        return peer_key(*self.identity(entry))

    def owns(self, entry: PartyMember) -> bool:
        """Return whether `entry` is our own."""
        return self.peer_of(entry) == self.key
