"""The followed player, kept in a state file, and the search for them among parties. No calls, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from common.files.state import Placed, StateFile
from common.messages import Member
from common.psn.party.sessions import Party

_MOST_SHUNNED = 20
"""Older ones are forgotten, so that the file stays small."""


class Followed(Placed, frozen=True, kw_only=True):
    account_id: str = ""
    """Empty if nobody is followed."""
    online_id: str = ""
    shunned: tuple[str, ...] = ()
    """Parties that removed this account, which are not joined again."""


class FollowedFile(StateFile[Followed]):
    """The state file of `Followed`, which survives a restart."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(path, Followed, place, "the followed player")

    def shun(self, session_id: str) -> None:
        shunned = tuple(dict.fromkeys([*self.now.shunned, session_id]))[-_MOST_SHUNNED:]
        self.keep(msgspec.structs.replace(self.now, shunned=shunned))


def is_among(members: Sequence[Member], followed: Followed) -> bool:
    """Return whether the followed player is among `members`. The local account's other devices count."""
    return any(member.account_id == followed.account_id and not member.is_me for member in members)


def find(parties: Sequence[Party], followed: Followed, me: tuple[str, str]) -> Party | None:
    """Return the party to join. `me` is the local (account id, platform)."""
    for party in parties:
        there = any(
            member.account_id == followed.account_id and (member.account_id, member.platform) != me
            for member in party.members
        )
        if there and party.session_id not in followed.shunned:
            return party
    return None
