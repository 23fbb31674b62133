"""Issuing of the access token: the stored one, or a fresh one if that has expired or was refused."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from common.errors import PartylineError, SignInError
from common.psn.errors import UnauthorizedError
from common.psn.http.client import fingerprint
from common.requests import Token
from workers.auth.current_tokens import CurrentTokens
from workers.auth.refresh_schedule import RefreshSchedule
from workers.auth.state import LOGIN
from workers.auth.token_set import TokenSet

ENDED = "The PlayStation sign-in has ended."
PATIENCE_S = 5.0
"""How long a request waits for a refresh while the present token is still valid."""


class TokenIssuer:
    """`refresh` starts a refresh or joins the one in `flight`. `error` returns the latest one's error."""

    def __init__(  # noqa: PLR0913  # what is held, and how it is renewed
        self,
        held: CurrentTokens,
        life: RefreshSchedule,
        now: Callable[[], float],
        duid: str,
        *,
        refresh: Callable[[], asyncio.Task[None]],
        flight: Callable[[], asyncio.Task[None] | None],
        error: Callable[[], PartylineError | None],
    ) -> None:
        self._held = held
        self._life = life
        self._now = now
        self._duid = duid
        self._refresh = refresh
        self._flight = flight
        self._error = error

    async def token(self, rejected: str) -> Token:
        """Return a valid token, whose fingerprint is not `rejected`.

        Raises `SignInError` if only a new sign-in helps, or else the refresh's error.
        """
        tokens = self._held.tokens
        if tokens is None:
            raise self._error() or SignInError("Nobody is signed in.", LOGIN)
        if rejected == fingerprint(tokens.access_token):
            tokens = await self._replaced(tokens)
        elif not self._life.usable(tokens, self._now()):
            tokens = await self._renewed()
        elif (flight := self._flight()) is not None and not flight.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await asyncio.shield(flight)
            tokens = self._held.tokens or tokens
        return Token(
            access_token=tokens.access_token,
            account_id=tokens.account_id,
            duid=self._duid,
            expires_at=tokens.access_expires_at,
        )

    async def _replaced(self, refused: TokenSet) -> TokenSet:
        """Refresh at once, because a server refused `refused`. Limited, because it may refuse every token."""
        flight = self._flight()
        flying = flight is not None and not flight.done()
        if not flying and not self._life.may_force():
            raise UnauthorizedError("PlayStation keeps refusing fresh tokens.", status=401)
        await asyncio.shield(self._refresh())
        tokens = self._held.tokens
        if tokens is None or tokens.access_token == refused.access_token:
            raise self._error() or SignInError(ENDED, LOGIN)
        return tokens

    async def _renewed(self) -> TokenSet:
        error = self._error()
        if self._life.holding() and error is not None:
            raise error
        await asyncio.shield(self._refresh())
        tokens = self._held.tokens
        if tokens is None or not self._life.usable(tokens, self._now()):
            raise self._error() or SignInError(ENDED, LOGIN)
        return tokens
