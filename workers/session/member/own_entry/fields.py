"""The content of the local member entry, and the schedule of its customData3. No I/O, no clock.

customData4 stays what the app sends at join [seen], with index 5 (muted) at ``"0"``. That we only listen could be sent
as ``"1"``, but its effect on other members is [open], so only what was seen is sent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from common.messages import Member
from common.psn.party.customdata import (
    MUTED_PLACE,
    NUMBER_PLACE,
    VERSION_PLACE,
    BadCustomData,
    CustomData3,
    CustomData4,
    decode3,
    decode4,
    encode3,
    encode4,
)

FIRST_S = 0.4
"""A newcomer publishes customData3 this long after joining [seen]."""
GATHER_S = 0.5
"""A member publishes it this long after somebody joined [seen: 0.6 s]. Changes meanwhile share the call."""
WIDEST_S = 4.0
"""The longest distance of two calls in a burst of changes."""
CALM_S = 5.0
"""The time in which a burst is forgotten by one step."""
QUICK_CALLS = 12
REFILL_S = 12.0
"""This many calls at once, then one in `REFILL_S`. Constant joins and leaves cost 5 calls a minute."""
RETRY_S = 2.0
RETRY_MAX_S = 60.0


def custom_data3(session_id: str, others: Sequence[str]) -> str:
    return encode3(CustomData3(session_id=session_id, others=tuple(others)))


def others(members: Sequence[Member]) -> tuple[str, ...]:
    """Return the other members' account ids in the order of `members`. Ours is included for our other devices only."""
    return tuple(dict.fromkeys(member.account_id for member in members if not member.is_me))


def same3(shown: str, session_id: str, wanted: Sequence[str]) -> bool:
    """Return whether a customData3 names that party and exactly these accounts, in any order."""
    try:
        read = decode3(shown)
    except BadCustomData:
        return False
    return read.session_id.lower() == session_id.lower() and set(read.others) == set(wanted)


def custom_data4(shown: str, ours: CustomData4, *, place_1: bool = False) -> str:
    """Return `shown` with version and mute state of `ours`, and all other fields unchanged.

    `place_1` replaces that place too. A number in `ours` replaces it in any case.
    """
    try:
        fields = list(decode4(shown).fields)
    except BadCustomData:
        return encode4(ours)
    if len(fields) < len(ours.fields):
        return encode4(ours)
    right = list(fields)
    number = (NUMBER_PLACE,) if place_1 or ours.place_1 == "number" else ()
    for place in (*number, VERSION_PLACE, MUTED_PLACE):
        right[place] = ours.fields[place]
    return shown if right == fields else encode4(CustomData4(fields=tuple(right)))


class PublishSchedule:
    """The schedule of customData3 and the accounts in it. One for each membership. Times are the caller's seconds.

    Changes within `GATHER_S` share one call. In a burst the calls get further apart, and in the long run there is at
    most one in `REFILL_S`, however often people join and leave.
    """

    def __init__(self, now: float) -> None:
        self._wanted: tuple[str, ...] = ()
        self._told: tuple[str, ...] | None = None
        """The accounts that the server shows, None if unknown."""
        self._begun = now
        self._changed_at = now + FIRST_S - GATHER_S
        """So that the first call is due `FIRST_S` after joining."""
        self._last = float("-inf")
        self._pressure = 0.0
        self._pressure_at = now
        self._spent = 0.0
        self._spent_at = now
        self._failures = 0

    @property
    def wanted(self) -> tuple[str, ...]:
        return self._wanted

    def want(self, accounts: Sequence[str], now: float) -> None:
        """Set the accounts to publish."""
        if set(accounts) == set(self._wanted):
            return
        if self.due_at() is None and now > self._begun + FIRST_S:
            self._changed_at = now
        self._wanted = tuple(accounts)

    def shown(self, accounts: Sequence[str] | None, now: float) -> None:
        """Record the accounts that the server shows, None if there are none or they cannot be read."""
        before, self._told = self._differs(), tuple(accounts) if accounts is not None else None
        if self._differs() and not before:
            self._changed_at = now

    def due_at(self) -> float | None:
        """Return when to publish, None if there is nothing to publish. Nobody publishes it when alone [seen]."""
        if not self._wanted or not self._differs():
            return None
        spacing = min(WIDEST_S, GATHER_S * math.exp2(self._pressure_now(self._last) - 1))
        due = max(self._changed_at + GATHER_S, self._last + spacing)
        if self._failures:
            due = max(due, self._last + min(RETRY_MAX_S, RETRY_S * math.exp2(min(self._failures, 20) - 1)))
        over = self._spent + 1 - QUICK_CALLS
        return max(due, self._spent_at + over * REFILL_S) if over > 0 else due

    def telling(self, now: float) -> tuple[str, ...]:
        """Return the accounts for the call that is made now."""
        self._pressure, self._pressure_at = self._pressure_now(now) + 1, now
        self._spent = max(0.0, self._spent - (now - self._spent_at) / REFILL_S) + 1
        self._spent_at = self._last = now
        return self._wanted

    def told(self, accounts: Sequence[str], now: float) -> None:
        """Record that the server accepted the call."""
        self._failures, self._told = 0, tuple(accounts)
        if self._differs():
            self._changed_at = now

    def failed(self) -> None:
        """Record that the call failed. It is retried, later each time."""
        self._failures += 1

    def _differs(self) -> bool:
        return self._told is None or set(self._told) != set(self._wanted)

    def _pressure_now(self, now: float) -> float:
        return max(0.0, self._pressure - max(0.0, now - self._pressure_at) / CALM_S)
