"""The schedule of customData3, which names the other members. No I/O, no clock."""

from __future__ import annotations

import math
from collections.abc import Sequence

FIRST_S = 0.4
"""A newcomer publishes customData3 this long after joining [seen]."""
GATHER_S = 0.5
"""A member publishes it this long after somebody joined [seen: 0.6 s]. Changes meanwhile share the call."""
WIDEST_S = 4.0
"""The longest distance of two calls in a burst of changes. `benchmarks.party.filling` shows the calls that this and the
next three cost, and how soon everybody is named: within 5 s of the last join."""
CALM_S = 5.0
"""The time in which a burst is forgotten by one step."""
QUICK_CALLS = 12
REFILL_S = 12.0
"""This many calls at once, then one in `REFILL_S`. Constant joins and leaves cost 5 calls a minute."""
RETRY_S = 2.0
"""The delay of the first retry. It doubles with each failure up to `RETRY_MAX_S`."""
RETRY_MAX_S = 60.0


class PublishSchedule:
    """The schedule of customData3 and the accounts in it. One for each membership. Times are the caller's seconds.

    Changes within `GATHER_S` share one call. In a burst the calls get further apart, and in the long run there is at
    most one in `REFILL_S`, however often people join and leave.
    """

    def __init__(self, now: float) -> None:
        self._wanted: tuple[str, ...] = ()
        self._shown: tuple[str, ...] | None = None
        """The accounts that the server shows, None if unknown."""
        self._started_at = now
        self._changed_at = now + FIRST_S - GATHER_S
        """So that the first call is due `FIRST_S` after joining."""
        self._last_call = float("-inf")
        self._pressure = 0.0
        self._pressure_at = now
        self._spent = 0.0
        self._spent_at = now
        self._failures = 0

    @property
    def wanted(self) -> tuple[str, ...]:
        return self._wanted

    def set_accounts(self, accounts: Sequence[str], now: float) -> None:
        """Set the accounts to publish."""
        if set(accounts) == set(self._wanted):
            return
        if self.due_at() is None and now > self._started_at + FIRST_S:
            self._changed_at = now
        self._wanted = tuple(accounts)

    def record_shown(self, accounts: Sequence[str] | None, now: float) -> None:
        """Record the accounts that the server shows, None if there are none or they cannot be read."""
        before, self._shown = self._differs(), tuple(accounts) if accounts is not None else None
        if self._differs() and not before:
            self._changed_at = now

    def due_at(self) -> float | None:
        """Return when to publish, None if there is nothing to publish. A member who is alone publishes none [seen]."""
        if not self._wanted or not self._differs():
            return None
        spacing = min(WIDEST_S, GATHER_S * math.exp2(self._pressure_now(self._last_call) - 1))
        due = max(self._changed_at + GATHER_S, self._last_call + spacing)
        if self._failures:
            due = max(due, self._last_call + min(RETRY_MAX_S, RETRY_S * math.exp2(min(self._failures, 20) - 1)))
        over = self._spent + 1 - QUICK_CALLS
        return max(due, self._spent_at + over * REFILL_S) if over > 0 else due

    def record_call(self, now: float) -> tuple[str, ...]:
        """Return the accounts for the call that is made now."""
        self._pressure, self._pressure_at = self._pressure_now(now) + 1, now
        self._spent = max(0.0, self._spent - (now - self._spent_at) / REFILL_S) + 1
        self._spent_at = self._last_call = now
        return self._wanted

    def record_accepted(self, accounts: Sequence[str], now: float) -> None:
        """Record that the server accepted the call."""
        self._failures, self._shown = 0, tuple(accounts)
        if self._differs():
            self._changed_at = now

    def record_failed(self) -> None:
        """Record that the call failed. It is retried, later each time."""
        self._failures += 1

    def _differs(self) -> bool:
        return self._shown is None or set(self._shown) != set(self._wanted)

    def _pressure_now(self, now: float) -> float:
        return max(0.0, self._pressure - max(0.0, now - self._pressure_at) / CALM_S)
