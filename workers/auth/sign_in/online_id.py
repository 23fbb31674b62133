"""The lookup of the account's online id, which is optional."""

from __future__ import annotations

import asyncio

import msgspec
import structlog

from common.errors import PartylineError
from workers.auth.sign_in.account_client import AccountClient
from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.stored.token_set import TokenSet

MOST_TRIES = 3
"""Lookups for one sign-in. The online id is only shown, so more calls are not worth it."""


class OnlineIdLookup:
    """Adds the online id to the current tokens."""

    def __init__(self, sign_in: CurrentSignIn, account: AccountClient) -> None:
        self._sign_in = sign_in
        self._account = account
        self._lock = asyncio.Lock()
        self._signed_in_at = 0.0
        self._tries = 0
        self._log = structlog.get_logger("auth")

    def due(self, tokens: TokenSet) -> bool:
        """Return whether these tokens lack the online id, and another lookup may be tried."""
        return not tokens.online_id and (tokens.signed_in_at != self._signed_in_at or self._tries < MOST_TRIES)

    async def find(self, tokens: TokenSet) -> None:
        """Look up the online id of these tokens, unless another task just did."""
        async with self._lock:
            if self._sign_in.tokens is not tokens:
                return
            if tokens.signed_in_at != self._signed_in_at:
                self._signed_in_at, self._tries = tokens.signed_in_at, 0
            self._tries += 1
            try:
                online_id = await self._account.online_id(tokens)
            except PartylineError as error:
                self._log.info("online id not found", error=error.message)
                return
            if online_id:
                await self._sign_in.keep(msgspec.structs.replace(tokens, online_id=online_id), instead_of=tokens)
