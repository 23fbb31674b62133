"""The auth worker, which signs in, refreshes the token and issues it to other workers. Only it reads the secrets."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable

import msgspec

from common.basic.clock import boot_s
from common.config.tables import Settings
from common.errors import PartylineError, SignInError
from common.files.paths import Paths
from common.messages import AuthState
from common.psn.account import oauth
from common.psn.errors import NoSimulatorError, PsnError
from common.psn.http.client import fingerprint
from common.requests import AccessToken, Done, SignIn, SignInInfo, SignOut, Token, WhoAmI
from common.run.worker import Worker
from workers.auth.account_client import AccountClient
from workers.auth.current_tokens import CurrentTokens
from workers.auth.real_network import RealNetworkSignIn
from workers.auth.refresh_schedule import RefreshSchedule
from workers.auth.state import LOGIN, PASSING, State, auth_state, ends_soon
from workers.auth.store import store_of
from workers.auth.token_issuer import ENDED, PATIENCE_S, TokenIssuer
from workers.auth.token_set import TokenSet

LOOK_S = 30.0
"""Seconds between two checks of the wall clock at most, because it may jump and laptops sleep."""


class Auth(Worker):
    name = "auth"
    calls_sony = True
    niceness = 10

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = boot_s,
    ) -> None:
        super().__init__(paths, settings)
        self._now = now
        psn = settings.psn
        self._account = AccountClient(settings, paths)
        self._real = RealNetworkSignIn(paths, settings)
        self._held = CurrentTokens(store_of(paths, settings))
        self._life = RefreshSchedule(
            refresh_before_s=psn.refresh_before_s,
            warn_before_s=psn.warn_before_days * 86_400,
            backoff_max_s=psn.backoff_max_s,
            clock=clock,
        )
        self._by_itself = psn.realm == "simulator" and settings.simulator.demo
        self._error: PartylineError | None = None
        self._flight: asyncio.Task[None] | None = None
        self._handing = TokenIssuer(
            self._held, self._life, now, self._account.duid,
            refresh=self._refresh, flight=lambda: self._flight, error=lambda: self._error,
        )  # fmt: skip
        self._loaded = asyncio.Event()
        self._changed = asyncio.Condition()
        self._wake = asyncio.Event()
        self._signing = asyncio.Lock()
        self._naming = asyncio.Lock()
        self._name_tries = 0
        self._warned = ""

    @property
    def _tokens(self) -> TokenSet | None:
        return self._held.tokens

    async def run(self) -> None:
        self.bus.serve(SignIn, self._on_sign_in)
        self.bus.serve(SignOut, self._on_sign_out)
        self.bus.serve(WhoAmI, self._on_who_am_i)
        self.bus.serve(AccessToken, self._on_access_token)
        await self._load()
        while not self.stopping.is_set():
            self._wake.clear()
            wait = await self._step()
            self.facts = {"calls": str(self._account.calls)}
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(LOOK_S, max(0.2, wait))):
                    await self._wake.wait()

    async def stop(self) -> None:
        """Wait for a running refresh, so that a rotated refresh token is not lost."""
        if self._flight is not None and not self._flight.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(3.0):
                    await asyncio.shield(self._flight)
        await self._account.close()
        await self._real.close()

    # --- schedule ---------------------------------------------------------------------------------

    async def _load(self) -> None:
        await self._held.load()
        self._note_keychain()
        self._loaded.set()
        self._say()

    def _note_keychain(self) -> None:
        if note := self._held.note:
            self.publish_problem(
                "auth.keychain", note, 'Unlock the keychain, or set auth.store = "file".', severity="note"
            )
        else:
            self.clear_problem("auth.keychain")

    async def _step(self) -> float:
        """Do what is due, and return the seconds until the next step."""
        tokens, now = self._tokens, self._now()
        if tokens is None:
            return await self._sign_in_by_itself() if self._by_itself else LOOK_S
        if not tokens.refresh_token:
            return await self._over(tokens, now)
        # A refresh token that has expired by this clock is still tried: clocks jump, and only Sony knows.
        if self._life.due(tokens, now):
            await asyncio.shield(self._refresh())
            return 0.0 if self._tokens is not tokens else self._life.wait_s(tokens, now)
        self._warn(tokens, now)
        if not tokens.online_id and self._name_tries < 3:
            await self._find_name(tokens)
            return 2.0
        return self._life.wait_s(tokens, now)

    async def _sign_in_by_itself(self) -> float:
        try:
            async with self._signing:
                simulator = self._account.endpoints.current().simulator
                if simulator is None or self._tokens is not None:
                    return LOOK_S
                await self._take(await self._account.sign_in(simulator.npsso, self._now()))
        except NoSimulatorError as error:
            self._account.endpoints.forget()
            self._error = error
            self.set_health("starting", "waiting for the simulator")
            return 0.3
        except PartylineError as error:
            self._error = error
            self.publish_error(error)
            return self._life.failed(random.random())  # noqa: S311  # jitter
        return 0.0

    def _warn(self, tokens: TokenSet, now: float) -> None:
        if self._by_itself or not self._life.warn(tokens, now):
            self._warned = ""
            self.clear_problem("auth.ends-soon")
            return
        words = ends_soon(tokens.refresh_expires_at - now)
        if words != self._warned:  # reported on a change, not on each check
            self._warned = words
            self.publish_problem("auth.ends-soon", words, LOGIN, severity="warning")

    async def _find_name(self, tokens: TokenSet) -> None:
        """Look up the online id of these tokens, unless another task just did."""
        async with self._naming:
            if self._tokens is not tokens:
                return
            self._name_tries += 1
            try:
                online_id = await self._account.online_id(tokens)
            except PartylineError as error:
                self.log.info("no online id yet", error=error.message)
                return
            if online_id:
                await self._keep(msgspec.structs.replace(tokens, online_id=online_id), instead_of=tokens)

    async def _over(self, tokens: TokenSet, now: float) -> float:
        """Report that the refresh token cannot be used any more."""
        if self._by_itself:
            self._held.drop()
            return 0.0
        if tokens.refresh_token and not await self._swap(msgspec.structs.replace(tokens, refresh_token=""), tokens):
            return 0.0
        self.clear_problem("auth.ends-soon")
        self.publish_problem("auth.expired", ENDED, LOGIN)
        self._say()
        return LOOK_S if now >= tokens.access_expires_at else min(LOOK_S, tokens.access_expires_at - now)

    # --- refresh ----------------------------------------------------------------------------------

    def _refresh(self) -> asyncio.Task[None]:
        """Return the single refresh in flight, or start one. It never raises a `PartylineError`."""
        if self._flight is None or self._flight.done():
            self._flight = self.spawn(self._do_refresh(), "refresh")
        return self._flight

    async def _do_refresh(self) -> None:
        tokens = self._tokens
        if tokens is None or not tokens.refresh_token:
            return
        self._say("refreshing")
        try:
            fresh = await self._account.refresh(tokens, self._now())
        except PartylineError as error:
            if self._tokens is not tokens:
                return  # signed out or in again meanwhile: the answer is stale
            self._error = error
            if isinstance(error, PsnError) and oauth.is_final(error):
                await self._refused(tokens, error)
            else:
                wait = self._life.failed(random.random())  # noqa: S311  # jitter
                self.publish_error(error, new_occurrence=True)
                self.log.info("refresh failed for now", wait_s=round(wait, 1))
                self._say()
            return
        await self._keep(fresh, instead_of=tokens)
        self.log.info("refreshed", token=fingerprint(fresh.access_token), life_s=fresh.access_expires_at - self._now())

    async def _refused(self, tokens: TokenSet, error: PsnError) -> None:
        """Handle ``invalid_grant``, which is final [seen]. A restarted simulator loses its accounts: sign in again."""
        self.log.info("refresh refused for good", reference_id=error.reference_id)
        self._error = SignInError(f"{ENDED} {error.message}", LOGIN, reference_id=error.reference_id)
        if self._by_itself:
            self._held.drop()
            await self._sign_in_by_itself()
        else:
            await self._over(tokens, self._now())
        self._wake.set()

    async def _take(self, tokens: TokenSet) -> None:
        """Start to use a new sign-in."""
        self._name_tries = 0
        await self._keep(tokens)
        self.log.info("signed in", account_id=tokens.account_id)

    async def _keep(self, tokens: TokenSet, *, instead_of: TokenSet | None = None) -> None:
        """Store, then use `tokens`, unless `instead_of` was signed out or replaced meanwhile."""
        if not await self._swap(tokens, instead_of):
            return
        if instead_of is None or instead_of.access_token != tokens.access_token:
            self._life.renewed(tokens)
        self._all_well()
        self._say()
        self._wake.set()
        async with self._changed:
            self._changed.notify_all()

    async def _swap(self, tokens: TokenSet, instead_of: TokenSet | None) -> bool:
        if not await self._held.swap(tokens, instead_of):
            return False
        self._note_keychain()
        if why := self._held.unstored:
            self.publish_problem(
                "auth.store",
                f"The tokens cannot be stored ({why}): a restart signs you out.",
                "Free disk space, or mend the permissions of the secrets folder.",
            )
        else:
            self.clear_problem("auth.store")
        return True

    def _all_well(self) -> None:
        self._error = None
        self._life.succeeded()
        self._warned = ""
        for code in PASSING:
            self.clear_problem(code)

    # --- publish and answer -----------------------------------------------------------------------

    def _say(self, state: State | None = None) -> None:
        said = auth_state(self._tokens, self.settings.psn.realm, state)
        words = said.detail or said.state.replace("_", " ")
        if said.state == "signed_out":
            words = "signed out" if not self._by_itself else "signing in"
        self.set_health("degraded" if said.state == "expired" else "running", words)
        self.bus.publish(said)

    async def _on_sign_in(self, request: SignIn) -> AuthState:
        await self._loaded.wait()
        if request.realm not in ("", self.settings.psn.realm):
            async with self._signing:
                return auth_state(await self._real.sign_in(request.pasted), "playstation")
        async with self._signing:
            if self._flight is not None and not self._flight.done():
                await asyncio.shield(self._flight)
            tokens = await self._account.sign_in(request.pasted, self._now())
            await self._take(tokens)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await self._find_name(tokens)
        return auth_state(self._tokens or tokens, self.settings.psn.realm)

    async def _on_sign_out(self, _: SignOut) -> Done:
        """Forget the real realm's sign-in, also from the simulator's realm. The demo account stays."""
        await self._loaded.wait()
        async with self._signing:
            if self.settings.psn.realm == "simulator":
                await self._real.forget()
            if not self._by_itself:
                await self._forget()
        return Done(message="Signed out.")

    async def _forget(self) -> None:
        try:
            await self._held.forget()
        finally:
            self._all_well()
            self._say()
            self._wake.set()
            self.log.info("signed out")

    async def _on_who_am_i(self, _: WhoAmI) -> SignInInfo:
        await self._loaded.wait()
        return SignInInfo(
            auth=auth_state(self._tokens, self.settings.psn.realm), store=self._held.at, file=self._held.file
        )

    async def _on_access_token(self, request: AccessToken) -> Token:
        await self._loaded.wait()
        if self._tokens is None and self._by_itself:
            await self._wait_for_sign_in()
        return await self._handing.token(request.rejected)

    async def _wait_for_sign_in(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S), self._changed:
                await self._changed.wait_for(lambda: self._tokens is not None)
