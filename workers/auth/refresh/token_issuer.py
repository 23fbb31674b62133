"""Issuing of the access token: the stored one, or a fresh one if that has expired or was refused."""

from __future__ import annotations

from collections.abc import Callable

from common.errors import SignInError
from common.psn.errors import UnauthorizedError
from common.psn.http.client import fingerprint
from common.requests import Token
from workers.auth.refresh.refresher import Refresher
from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.sign_in.refresh_schedule import RefreshSchedule
from workers.auth.sign_in.sign_in_policy import REQUEST_WAIT_S
from workers.auth.state import ENDED, LOGIN, UNKNOWN
from workers.auth.stored.token_set import TokenSet


class TokenIssuer:
    """Issues the access token of the current sign-in, together with this install's `duid`."""

    def __init__(
        self,
        sign_in: CurrentSignIn,
        refresher: Refresher,
        schedule: RefreshSchedule,
        now: Callable[[], float],
        duid: str,
    ) -> None:
        self._sign_in = sign_in
        self._refresher = refresher
        self._schedule = schedule
        self._now = now
        self._duid = duid

    async def token(self, rejected: str) -> Token:
        """Return a valid token, whose fingerprint is not `rejected`.

        Raises `SignInError` if only a new sign-in helps, or else the refresh's error.
        """
        tokens = self._sign_in.tokens
        if tokens is None:
            if unknown := self._sign_in.stored.unknown:
                raise SignInError("The keychain has not said yet whether you are signed in.", UNKNOWN[unknown])
            raise self._sign_in.error or SignInError("Nobody is signed in.", LOGIN)
        if rejected == fingerprint(tokens.access_token):
            tokens = await self._replaced(tokens)
        elif not self._schedule.usable(tokens, self._now()):
            tokens = await self._renewed()
        else:
            await self._refresher.wait(REQUEST_WAIT_S)
            tokens = self._sign_in.tokens or tokens
        return Token(
            access_token=tokens.access_token,
            account_id=tokens.account_id,
            duid=self._duid,
            expires_at=tokens.access_expires_at,
        )

    async def _replaced(self, refused: TokenSet) -> TokenSet:
        """Refresh at once, because a server refused `refused`. Limited, because it may refuse every token."""
        if not self._refresher.running and not self._schedule.may_force():
            raise UnauthorizedError("PlayStation repeatedly refused new tokens.", status=401)
        await self._refresher.refresh()
        tokens = self._sign_in.tokens
        if tokens is None or tokens.access_token == refused.access_token:
            raise self._sign_in.error or SignInError(ENDED, LOGIN)
        return tokens

    async def _renewed(self) -> TokenSet:
        if self._schedule.must_wait() and self._sign_in.error is not None:
            raise self._sign_in.error
        await self._refresher.refresh()
        tokens = self._sign_in.tokens
        if tokens is None or not self._schedule.usable(tokens, self._now()):
            raise self._sign_in.error or SignInError(ENDED, LOGIN)
        return tokens
