"""The followed person, the polling interval, and the search of parties. No calls, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from common.files.state import Placed, StateFile
from common.messages import Member
from common.psn.party.sessions import Party

SLOWEST = 5.0
"""While they are away, the interval grows up to this multiple of the setting."""
_GROWTH = 1.5
_MOST_SHUNNED = 20


class Followed(Placed, frozen=True, kw_only=True):
    account_id: str = ""
    """Empty if nobody is followed."""
    online_id: str = ""
    shunned: tuple[str, ...] = ()
    """Parties that removed this account, which are not joined again."""


class FollowedFile(StateFile[Followed]):
    """The state file of the `Wish`, which survives a restart."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(path, Followed, place, "whom you follow")

    def shun(self, session_id: str) -> None:
        shunned = tuple(dict.fromkeys([*self.now.shunned, session_id]))[-_MOST_SHUNNED:]
        self.keep(msgspec.structs.replace(self.now, shunned=shunned))


class LookSchedule:
    """Schedules looks, in the caller's seconds, at least `every_s` apart and less often while in vain."""

    def __init__(self, every_s: float) -> None:
        self._every_s = every_s
        self._interval = every_s
        self._last: float | None = None
        self._not_before = 0.0

    def due_at(self) -> float:
        if self._last is None:
            return self._not_before
        return max(self._last + self._interval, self._not_before)

    def looked(self, now: float) -> None:
        if self._last is not None:
            self._interval = min(self._interval * _GROWTH, self._every_s * SLOWEST)
        self._last = now

    def hold(self, until: float) -> None:
        """Do not look before `until`, as the server asked."""
        self._not_before = max(self._not_before, until)

    def hint(self) -> None:
        """Make the next look due as soon as `every_s` allows, because of an event."""
        self._interval = self._every_s


def with_them(members: Sequence[Member], wish: Followed) -> bool:
    """Return whether the followed person is among `members`. The local account's other devices count."""
    return any(member.account_id == wish.account_id and not member.is_me for member in members)


def find(parties: Sequence[Party], wish: Followed, me: tuple[str, str]) -> Party | None:
    """Return the party to join. `me` is the local (account id, platform)."""
    for party in parties:
        there = any(
            member.account_id == wish.account_id and (member.account_id, member.platform) != me
            for member in party.members
        )
        if there and party.session_id not in wish.shunned:
            return party
    return None
