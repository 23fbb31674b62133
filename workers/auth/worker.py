"""The auth worker, which signs in, refreshes the token and issues it to other workers. Only it reads the secrets."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from common.basic.clock import boot_s
from common.config.tables import Settings
from common.files.paths import Paths
from common.run.wake import Wake
from common.run.worker import Worker
from workers.auth.pasted_sign_in import PastedSignIn
from workers.auth.refresh.refresher import Refresher
from workers.auth.refresh.token_issuer import TokenIssuer
from workers.auth.requests import AuthRequests
from workers.auth.sign_in import demo_sign_in
from workers.auth.sign_in.account_client import AccountClient
from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.sign_in.demo_sign_in import DemoSignIn
from workers.auth.sign_in.online_id import OnlineIdLookup
from workers.auth.sign_in.real_network import RealNetworkSignIn
from workers.auth.sign_in.refresh_schedule import RefreshSchedule
from workers.auth.sign_in.sign_in_policy import CHECK_S, SignInPolicy
from workers.auth.sign_in.user_sign_in import UserSignIn
from workers.auth.state import SignInState
from workers.auth.stored.current_tokens import CurrentTokens
from workers.auth.stored.store import store_of

LEAST_WAIT_S = 0.2
NAME_RETRY_S = 2.0
REFRESH_AT_STOP_S = 3.0
"""How long a stop waits for a running refresh. It must end within `common.run.worker.STOP_S`."""


class Auth(Worker):
    """The shell. It also is the `AuthSurroundings` of its parts."""

    name = "auth"
    calls_sony = True
    niceness = 10

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = boot_s,
        account: AccountClient | None = None,
    ) -> None:
        super().__init__(paths, settings)
        psn = settings.psn
        self._now = now
        self._account = account or AccountClient(settings, paths)
        self._real = RealNetworkSignIn(paths, settings)
        self._schedule = RefreshSchedule(
            refresh_before_s=psn.refresh_before_s,
            warn_before_s=psn.warn_before_days * 86_400,
            backoff_max_s=psn.backoff_max_s,
            clock=clock,
        )
        self._sign_in = CurrentSignIn(CurrentTokens(store_of(paths, settings)), self._schedule, self, psn.realm)
        self._policy: SignInPolicy = (
            DemoSignIn(self._sign_in, self._account, self, now)
            if demo_sign_in.is_wanted(settings)
            else UserSignIn(self._sign_in, self._schedule, self)
        )
        self._refresher = Refresher(self._sign_in, self._account, self._policy, self, now)
        self._online_id = OnlineIdLookup(self._sign_in, self._account)
        pasted = PastedSignIn(self._sign_in, self._account, self._refresher, self._online_id, now)
        issuer = TokenIssuer(self._sign_in, self._refresher, self._schedule, now, self._account.duid)
        self._requests = AuthRequests(self._sign_in, self._policy, pasted, self._real, issuer)
        self._step_wanted = asyncio.Event()

    async def setup(self) -> None:
        self._requests.serve(self.bus)
        await self._sign_in.load()

    async def run(self) -> None:
        while not self.stopping.is_set():
            self._step_wanted.clear()
            wait_s = await self._step()
            self.facts = {"calls": str(self._account.calls)}
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(CHECK_S, max(LEAST_WAIT_S, wait_s))):
                    await self._step_wanted.wait()

    def on_wake(self, wake: Wake) -> None:
        """Check at once what became due meanwhile, since a wait does not pass while the machine sleeps."""
        if wake.slept:
            self.spawn(self._account.drop_connections(), "connections after a sleep")
        self.schedule_step()

    async def stop(self) -> None:
        """Wait for a running refresh, so that a rotated refresh token is not lost."""
        await self._refresher.wait(REFRESH_AT_STOP_S)
        await self._account.close()
        await self._real.close()

    async def _step(self) -> float:
        """Do what is due, and return the seconds until the next step."""
        tokens, now = self._sign_in.tokens, self._now()
        if tokens is None:
            return await self._policy.sign_in()
        if not tokens.refresh_token:
            return await self._policy.on_ended(tokens, now)
        # A refresh token that has expired by this clock is still tried: clocks jump, and only Sony knows.
        if self._schedule.due(tokens, now):
            await self._refresher.refresh()
            return 0.0 if self._sign_in.tokens is not tokens else self._schedule.wait_s(tokens, now)
        self._policy.check_end(tokens, now)
        if self._online_id.due(tokens):
            await self._online_id.find(tokens)
            return NAME_RETRY_S
        return self._schedule.wait_s(tokens, now)

    # --- for the parts ----------------------------------------------------------------------------

    def schedule_step(self) -> None:
        self._step_wanted.set()

    def publish_state(self, override: SignInState | None = None) -> None:
        state = self._sign_in.state(override)
        detail = state.detail or state.state.replace("_", " ")
        if state.state == "signed_out":
            detail = self._policy.signed_out_detail
        self.set_health("degraded" if state.state in ("expired", "unknown") else "running", detail)
        self.bus.publish(state)
