"""The refresh of the current tokens, at most one at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from common.errors import PartylineError, SignInError
from common.psn.account import oauth
from common.psn.errors import PsnError
from common.psn.http.client import fingerprint
from workers.auth.sign_in.account_client import AccountClient
from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.sign_in.sign_in_policy import SignInPolicy
from workers.auth.state import ENDED, LOGIN
from workers.auth.stored.token_set import TokenSet
from workers.auth.surroundings import AuthSurroundings


class Refresher:
    """Refreshes on request. A failure is published, and is the sign-in's `error` from then on."""

    def __init__(  # what is refreshed, by what, and who is informed
        self,
        sign_in: CurrentSignIn,
        account: AccountClient,
        policy: SignInPolicy,
        surroundings: AuthSurroundings,
        now: Callable[[], float],
    ) -> None:
        self._sign_in = sign_in
        self._account = account
        self._policy = policy
        self._surroundings = surroundings
        self._now = now
        self._task: asyncio.Task[None] | None = None
        self._log = structlog.get_logger("auth")

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    async def refresh(self) -> None:
        """Wait for the running refresh, or for a new one. Never raises a `PartylineError`."""
        if self._task is None or self._task.done():
            self._task = self._surroundings.spawn(self._run(), "refresh")
        await asyncio.shield(self._task)

    async def wait(self, limit_s: float | None = None) -> None:
        """Wait for the running refresh, if there is one, but no longer than `limit_s`."""
        if self._task is not None and not self._task.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(limit_s):
                    await asyncio.shield(self._task)

    async def _run(self) -> None:
        tokens = self._sign_in.tokens
        if tokens is None or not tokens.refresh_token:
            return
        self._surroundings.publish_state("refreshing")
        try:
            fresh = await self._account.refresh(tokens, self._now())
        except PartylineError as error:
            if self._sign_in.tokens is tokens:  # otherwise signed out or in meanwhile, so the answer is stale
                await self._on_error(tokens, error)
            return
        await self._sign_in.keep(fresh, instead_of=tokens)
        life_s = fresh.access_expires_at - self._now()
        self._log.info("tokens refreshed", token=fingerprint(fresh.access_token), life_s=life_s)

    async def _on_error(self, tokens: TokenSet, error: PartylineError) -> None:
        if isinstance(error, PsnError) and oauth.is_final(error):
            await self._on_refused(tokens, error)
            return
        wait_s = self._sign_in.record_failure(error)
        self._surroundings.publish_error(error, new_occurrence=True)
        self._log.info("refresh failed", retry_in_s=round(wait_s, 1))
        self._surroundings.publish_state()

    async def _on_refused(self, tokens: TokenSet, error: PsnError) -> None:
        """Handle ``invalid_grant``, which is final [seen]."""
        self._log.info("refresh refused for good", reference_id=error.reference_id)
        ended = SignInError(f"{ENDED} {error.message}", LOGIN, reference_id=error.reference_id)
        self._sign_in.record_error(ended)
        await self._policy.on_ended(tokens, self._now())
        self._surroundings.schedule_step()
