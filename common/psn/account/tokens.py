"""Access tokens of the workers that call PSN, requested from auth and cached until they expire."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from common.errors import BusUnreachableError
from common.psn.http.client import fingerprint
from common.requests import AccessToken, Token

FRESH_S = 60.0
"""A cached token that expires sooner is requested again (auth refreshes long before that)."""


class BusTokens:
    """A `TokenSource` over the bus. `ask` sends the request, for example ``bus.request``."""

    def __init__(self, ask: Callable[[AccessToken], Awaitable[Token]], clock: Callable[[], float] = time.time) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: Token | None = None
        self._stale = False
        self._lock = asyncio.Lock()

    @property
    def kept(self) -> Token | None:
        """The last token, valid or expired."""
        return self._kept

    async def token(self, rejected: str = "") -> Token:
        """Return a token. Raises `SignInError` when nobody is signed in, `BusUnreachableError` without auth.

        While auth does not answer, a cached token is used until it expires.
        """
        if (serving := self._serving(rejected)) is not None:
            return serving
        async with self._lock:
            if (serving := self._serving(rejected)) is not None:
                return serving
            kept = self._kept
            refused = kept is not None and rejected == fingerprint(kept.access_token)
            try:
                self._kept = await self._ask(AccessToken(rejected=rejected if refused or kept is None else ""))
            except BusUnreachableError:
                if kept is None or refused or kept.expires_at <= self._clock():
                    raise
                return kept
            self._stale = False
            return self._kept

    def renewed(self, expires_at: float) -> None:
        """Mark the cached token stale if it does not expire at `expires_at` of `AuthState` (Unix seconds)."""
        if self._kept is not None and expires_at and expires_at != self._kept.expires_at:
            self._stale = True

    def _serving(self, rejected: str) -> Token | None:
        """Return the cached token if it is usable without a request."""
        kept = self._kept
        if kept is None or self._stale or rejected == fingerprint(kept.access_token):
            return None
        return kept if kept.expires_at - self._clock() > FRESH_S else None

    def drop(self) -> None:
        """Drop the cached token (another account has signed in)."""
        self._kept = None
