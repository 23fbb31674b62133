"""How long tokens live, without a clock: every question brings `now` (Unix seconds) with it.

The wall clock jumps and laptops sleep: nothing here counts on time having passed between two questions.
"""

from __future__ import annotations

from common.secret import Guarded, Secret

SKEW_S = 60.0
"""A clock that stands so far before the token's issue has been set back."""
FORCED_LIMIT = 4
FORCED_WINDOW_S = 120.0
"""At most `FORCED_LIMIT` refreshes within this, however many tokens are refused."""


class Tokens(Guarded, frozen=True, kw_only=True):
    """What is stored: never published, logged or shown."""

    access_token: Secret
    refresh_token: Secret
    issued_at: float
    access_expires_at: float
    refresh_expires_at: float
    """0 when Sony did not say."""
    signed_in_at: float
    """When the refresh token began; a refresh does not extend its life [seen]."""
    account_id: str
    online_id: str = ""


class TokenLife:
    """When to refresh, when to warn, when it is over, and how long to wait after a failure."""

    def __init__(self, *, refresh_before_s: float, warn_before_s: float, backoff_max_s: float) -> None:
        self._refresh_before_s = refresh_before_s
        self._warn_before_s = warn_before_s
        self._backoff_max_s = backoff_max_s
        self._failures = 0
        self._retry_at = 0.0
        self._forced: list[float] = []

    def usable(self, tokens: Tokens, now: float) -> bool:
        """Return whether the access token still serves."""
        return now < tokens.access_expires_at

    def due_at(self, tokens: Tokens) -> float:
        """Return when the access token wants refreshing: early, but not before half of its life."""
        life = tokens.access_expires_at - tokens.issued_at
        return tokens.access_expires_at - min(self._refresh_before_s, life / 2)

    def due(self, tokens: Tokens, now: float) -> bool:
        """Return whether to refresh now; a clock that was set back makes it due, since no end can be trusted."""
        if self.holding(now):
            return False
        return now >= self.due_at(tokens) or now < tokens.issued_at - SKEW_S

    def holding(self, now: float) -> bool:
        """Return whether a failure is so recent that the next try must wait."""
        return bool(self._failures) and self._retry_at - self._backoff_max_s <= now < self._retry_at

    def wait_s(self, tokens: Tokens, now: float) -> float:
        """Return how long nothing will be due, if the clock runs on evenly."""
        return max(0.0, self.due_at(tokens) - now, self._retry_at - now if self._failures else 0.0)

    def over(self, tokens: Tokens, now: float) -> bool:
        """Return whether the refresh token has ended by this clock; only PlayStation's word on it is final."""
        return 0 < tokens.refresh_expires_at <= now

    def warn(self, tokens: Tokens, now: float) -> bool:
        """Return whether to tell the person that the sign-in ends soon."""
        if tokens.refresh_expires_at <= 0:
            return False
        life = tokens.refresh_expires_at - tokens.signed_in_at
        # Signed in under a clock that stood far ahead: its life is not known, but its end is.
        early = min(self._warn_before_s, life / 2) if life > 0 else self._warn_before_s
        return now >= tokens.refresh_expires_at - early

    def failed(self, now: float, jitter: float) -> float:
        """Note a passing failure; return the seconds until the next try. `jitter` is within 0..1."""
        self._failures += 1
        wait = float(min(self._backoff_max_s, 2.0 ** min(self._failures, 16)) * (0.5 + jitter / 2))
        self._retry_at = now + wait
        return wait

    def succeeded(self) -> None:
        self._failures = 0
        self._retry_at = 0.0

    def may_force(self, now: float) -> bool:
        """Return whether a refused token may be refreshed at once, and count it: never in a tight loop."""
        self._forced = [at for at in self._forced if abs(now - at) < FORCED_WINDOW_S]
        if len(self._forced) >= FORCED_LIMIT:
            return False
        self._forced.append(now)
        return True
