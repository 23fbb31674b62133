"""How long tokens live. Every question brings `now` (Unix seconds) with it, which jumps; laptops sleep.

What was renewed in this run is judged by a clock that nobody can set; only what was stored before has no other date
than the wall clock's. So a clock that jumps to and fro costs a few refreshes, and then none.
"""

from __future__ import annotations

from collections.abc import Callable

from common.basic.clock import boot_s
from common.log.secret import Guarded, Secret

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

    def __init__(
        self,
        *,
        refresh_before_s: float,
        warn_before_s: float,
        backoff_max_s: float,
        clock: Callable[[], float] = boot_s,
    ) -> None:
        self._clock = clock
        self._refresh_before_s = refresh_before_s
        self._warn_before_s = warn_before_s
        self._backoff_max_s = backoff_max_s
        self._failures = 0
        self._retry_at = 0.0
        self._forced: list[float] = []
        self._renewed: list[float] = []
        self._newest: tuple[str, float] = ("", 0.0)
        """The access token that was renewed last, and when."""

    def renewed(self, tokens: Tokens) -> None:
        """Note that these came from PlayStation just now."""
        now = self._clock()
        self._newest = (tokens.access_token, now)
        self._renewed = [*(at for at in self._renewed if now - at < FORCED_WINDOW_S), now]

    def usable(self, tokens: Tokens, now: float) -> bool:
        """Return whether the access token still serves."""
        return self._age_s(tokens, now) < tokens.access_expires_at - tokens.issued_at

    def due(self, tokens: Tokens, now: float) -> bool:
        """Return whether to refresh now.

        A clock that was set back makes it due, since nothing that was dated by it can be trusted; so a few times only.
        """
        if self.holding():
            return False
        misdated = now < tokens.issued_at - SKEW_S
        lately = [at for at in self._renewed if self._clock() - at < FORCED_WINDOW_S]
        return self._due_in_s(tokens, now) <= 0 or (misdated and len(lately) < FORCED_LIMIT)

    def holding(self) -> bool:
        """Return whether a failure is so recent that the next try must wait."""
        return bool(self._failures) and self._clock() < self._retry_at

    def wait_s(self, tokens: Tokens, now: float) -> float:
        """Return how long nothing will be due, if the clock runs on evenly."""
        return max(0.0, self._due_in_s(tokens, now), self._retry_at - self._clock() if self._failures else 0.0)

    def _due_in_s(self, tokens: Tokens, now: float) -> float:
        """Return the seconds until it wants refreshing: early, but not before half of its life."""
        life_s = tokens.access_expires_at - tokens.issued_at
        return life_s - min(self._refresh_before_s, life_s / 2) - self._age_s(tokens, now)

    def _age_s(self, tokens: Tokens, now: float) -> float:
        renewed, at = self._newest
        return self._clock() - at if renewed == tokens.access_token else now - tokens.issued_at

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

    def failed(self, jitter: float) -> float:
        """Note a passing failure; return the seconds until the next try. `jitter` is within 0..1."""
        self._failures += 1
        wait = float(min(self._backoff_max_s, 2.0 ** min(self._failures, 16)) * (0.5 + jitter / 2))
        self._retry_at = self._clock() + wait
        return wait

    def succeeded(self) -> None:
        self._failures = 0
        self._retry_at = 0.0

    def may_force(self) -> bool:
        """Return whether a refused token may be refreshed at once, and count it: never in a tight loop."""
        now = self._clock()
        self._forced = [at for at in self._forced if now - at < FORCED_WINDOW_S]
        if len(self._forced) >= FORCED_LIMIT:
            return False
        self._forced.append(now)
        return True
