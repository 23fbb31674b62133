"""How many calls an account may make: about 300 in a quarter of an hour [seen], then 429 until the oldest is over."""

from __future__ import annotations

from collections import deque

WINDOW_S = 900.0
CALLS = 300


class Rates:
    """`calls` in `WINDOW_S` seconds for each account; 0: as many as they like. Times are the caller's."""

    def __init__(self, calls: int) -> None:
        self._calls = calls
        self._made: dict[str, deque[float]] = {}

    def take(self, account_id: str, now: float) -> float:
        """Count a call; return 0 when it may be made, else for how many seconds none may. A refused one counts not."""
        if not self._calls:
            return 0.0
        made = self._made.setdefault(account_id, deque())
        while made and now - made[0] >= WINDOW_S:
            made.popleft()
        if len(made) >= self._calls:
            return made[0] + WINDOW_S - now
        made.append(now)
        return 0.0
