"""Rate limit of an account, about 300 calls in a quarter of an hour [seen], then 429 until the oldest call expires."""

from __future__ import annotations

from collections import deque

WINDOW_S = 900.0
CALLS = 300


class Rates:
    """Allows each account `calls` calls in `WINDOW_S` seconds, 0 for any number. Times are the caller's."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._made: dict[str, deque[float]] = {}

    def take(self, account_id: str, now: float) -> float:
        """Count a call and return 0, or return the seconds to wait. A refused call is not counted."""
        if not self._calls:
            return 0.0
        made = self._made.setdefault(account_id, deque())
        while made and now - made[0] >= WINDOW_S:
            made.popleft()
        if len(made) >= self._calls:
            return made[0] + WINDOW_S - now
        made.append(now)
        return 0.0
