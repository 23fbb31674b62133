"""Token lifetimes. Every call takes `now` (Unix seconds), which may jump when the clock is set or a laptop sleeps.

Tokens renewed in this run are dated by a clock that nobody can set. Only tokens stored by an earlier run are dated by
the wall clock. A clock that jumps repeatedly therefore costs a few refreshes at most.
"""

from __future__ import annotations

from collections.abc import Callable

from common.basic.clock import boot_s
from workers.auth.stored.token_set import TokenSet

SKEW_S = 60.0
"""A clock that is this far before the token's issue has been set back."""
FORCED_LIMIT = 4
FORCED_WINDOW_S = 120.0
"""At most `FORCED_LIMIT` refreshes in this window, however many tokens are refused."""


class RefreshSchedule:
    """Decides when to refresh, warn and retry."""

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
        """The newest access token, and its time of renewal."""

    def record_renewal(self, tokens: TokenSet) -> None:
        """Record that PlayStation has just issued these tokens."""
        now = self._clock()
        self._newest = (tokens.access_token, now)
        self._renewed = [*(at for at in self._renewed if now - at < FORCED_WINDOW_S), now]

    def usable(self, tokens: TokenSet, now: float) -> bool:
        """Return whether the access token has not expired."""
        return self._age_s(tokens, now) < tokens.access_expires_at - tokens.issued_at

    def due(self, tokens: TokenSet, now: float) -> bool:
        """Return whether to refresh now.

        A clock that was set back makes it due, because its dates cannot be trusted. `FORCED_LIMIT` applies to that too.
        """
        if self.must_wait():
            return False
        misdated = now < tokens.issued_at - SKEW_S
        lately = [at for at in self._renewed if self._clock() - at < FORCED_WINDOW_S]
        return self._due_in_s(tokens, now) <= 0 or (misdated and len(lately) < FORCED_LIMIT)

    def must_wait(self) -> bool:
        """Return whether the next try must still wait after a failure."""
        return bool(self._failures) and self._clock() < self._retry_at

    def wait_s(self, tokens: TokenSet, now: float) -> float:
        """Return the time until something is due, if the clock does not jump."""
        return max(0.0, self._due_in_s(tokens, now), self._retry_at - self._clock() if self._failures else 0.0)

    def _due_in_s(self, tokens: TokenSet, now: float) -> float:
        """Return the seconds until the refresh, which is early, but not before half of the token's life."""
        life_s = tokens.access_expires_at - tokens.issued_at
        return life_s - min(self._refresh_before_s, life_s / 2) - self._age_s(tokens, now)

    def _age_s(self, tokens: TokenSet, now: float) -> float:
        renewed, at = self._newest
        return self._clock() - at if renewed == tokens.access_token else now - tokens.issued_at

    def must_warn(self, tokens: TokenSet, now: float) -> bool:
        """Return whether to warn that the sign-in ends soon."""
        if tokens.refresh_expires_at <= 0:
            return False
        life = tokens.refresh_expires_at - tokens.signed_in_at
        # After a sign-in under a clock far ahead, the life is unknown, but the end is known.
        early = min(self._warn_before_s, life / 2) if life > 0 else self._warn_before_s
        return now >= tokens.refresh_expires_at - early

    def record_failure(self, jitter: float) -> float:
        """Record a temporary failure, and return the seconds until the next try. `jitter` is within 0..1."""
        self._failures += 1
        wait = float(min(self._backoff_max_s, 2.0 ** min(self._failures, 16)) * (0.5 + jitter / 2))
        self._retry_at = self._clock() + wait
        return wait

    def record_success(self) -> None:
        self._failures = 0
        self._retry_at = 0.0

    def may_force(self) -> bool:
        """Return whether a refused token may be refreshed at once, and count it. The limit prevents a tight loop."""
        now = self._clock()
        self._forced = [at for at in self._forced if now - at < FORCED_WINDOW_S]
        if len(self._forced) >= FORCED_LIMIT:
            return False
        self._forced.append(now)
        return True
