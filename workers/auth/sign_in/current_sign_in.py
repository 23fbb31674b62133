"""The sign-in in use: its tokens, the latest error, and the problems that a change of them raises or clears."""

from __future__ import annotations

import asyncio
import contextlib
import random

import structlog

from common.config.realm import Realm
from common.errors import PartylineError
from common.messages import AuthState
from workers.auth.sign_in.refresh_schedule import RefreshSchedule
from workers.auth.state import CLEARED_BY_SIGN_IN, UNKNOWN, SignInState, auth_state
from workers.auth.stored.current_tokens import CurrentTokens
from workers.auth.stored.token_set import TokenSet
from workers.auth.surroundings import AuthSurroundings

KEYCHAIN = "auth.keychain"
STORE = "auth.store"
REMEDY_IN_USE = {
    True: "Answer the keychain's question on this machine's screen.",
    False: 'Unlock the keychain, or set auth.store = "file".',
}
"""What to do about a keychain while the file serves, by whether it asks."""


class CurrentSignIn:
    """The sign-in. Call `load` once, before anything else."""

    def __init__(
        self, tokens: CurrentTokens, schedule: RefreshSchedule, surroundings: AuthSurroundings, realm: Realm
    ) -> None:
        self.stored = tokens
        """The tokens in memory, and where they are stored."""
        self._schedule = schedule
        self._surroundings = surroundings
        self._realm = realm
        self._changed = asyncio.Condition()
        self._loaded = asyncio.Event()
        self.error: PartylineError | None = None
        """The error of the latest refresh or sign-in, or None if that succeeded."""
        self.changing = asyncio.Lock()
        """Held by whoever signs in or out."""
        self._log = structlog.get_logger("auth")

    @property
    def tokens(self) -> TokenSet | None:
        return self.stored.tokens

    def state(self, override: SignInState | None = None) -> AuthState:
        """Return what is published of it. `override` replaces the state that the tokens say."""
        return auth_state(self.tokens, self._realm, override, unknown=self.stored.unknown)

    async def load(self) -> None:
        """Load the stored tokens. A keychain that takes long is waited for, and its answer is used when it comes."""
        await self.stored.load()
        self._check_keychain()
        self._loaded.set()
        self._surroundings.publish_state()
        if self.stored.asks:
            self._surroundings.spawn(self._adopt_late(), "the keychain's answer")

    async def _adopt_late(self) -> None:
        adopted = await self.stored.adopt_late()
        self._check_keychain()
        self._log.info("the keychain has answered", adopted=adopted)
        if adopted:
            self._on_success()
            async with self._changed:
                self._changed.notify_all()
        else:
            self._surroundings.publish_state()

    async def loaded(self) -> None:
        """Wait until the stored tokens are loaded."""
        await self._loaded.wait()

    async def start(self, tokens: TokenSet) -> None:
        """Store, then use the tokens of a new sign-in."""
        await self.keep(tokens)
        self._log.info("signed in", account_id=tokens.account_id)

    async def keep(self, tokens: TokenSet, *, instead_of: TokenSet | None = None) -> None:
        """Store, then use `tokens`, unless `instead_of` was signed out or replaced meanwhile."""
        if not await self.replace(tokens, instead_of):
            return
        if instead_of is None or instead_of.access_token != tokens.access_token:
            self._schedule.record_renewal(tokens)
        self._on_success()
        async with self._changed:
            self._changed.notify_all()

    async def replace(self, tokens: TokenSet, instead_of: TokenSet | None) -> bool:
        """Store, then use `tokens`. Return False, without a change, if `instead_of` is not current."""
        if not await self.stored.swap(tokens, instead_of):
            return False
        self._check_keychain()
        if why := self.stored.unstored:
            self._surroundings.publish_problem(
                STORE,
                f"The tokens cannot be stored ({why}). A restart will sign you out.",
                "Free disk space, or correct the permissions of the secrets folder.",
            )
        else:
            self._surroundings.clear_problem(STORE)
        return True

    async def forget(self) -> None:
        """Delete the tokens. Raises `SignInError` if some may be left in the store."""
        try:
            await self.stored.forget()
        finally:
            self._on_success()

    def record_error(self, error: PartylineError) -> None:
        """Record the error that answers a request for a token, until the next success."""
        self.error = error

    def record_failure(self, error: PartylineError) -> float:
        """Record a temporary failure. Return the seconds until the next try."""
        self.record_error(error)
        return self._schedule.record_failure(random.random())  # noqa: S311  # jitter

    async def wait_for_tokens(self, limit_s: float) -> None:
        """Wait until somebody is signed in, but no longer than `limit_s`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s), self._changed:
                await self._changed.wait_for(lambda: self.tokens is not None)

    def _on_success(self) -> None:
        self.error = None
        self._schedule.record_success()
        for code in CLEARED_BY_SIGN_IN:
            self._surroundings.clear_problem(code)
        self._surroundings.publish_state()
        self._surroundings.schedule_step()

    def _check_keychain(self) -> None:
        if fault := self.stored.keychain_fault:
            unknown = self.stored.unknown
            self._surroundings.publish_problem(
                KEYCHAIN,
                f"{fault} It is not known whether you are signed in." if unknown else fault,
                UNKNOWN[unknown] if unknown else REMEDY_IN_USE[self.stored.asks],
                severity="warning" if unknown else "note",
            )
        else:
            self._surroundings.clear_problem(KEYCHAIN)
