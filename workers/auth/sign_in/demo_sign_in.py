"""The sign-in of the demo account, which the simulator offers. It needs no user, and is repeated when it has ended."""

from __future__ import annotations

from collections.abc import Callable

from common.config.tables import Settings
from common.errors import PartylineError
from common.psn.errors import NoSimulatorError
from workers.auth.sign_in.account_client import AccountClient
from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.sign_in.sign_in_policy import CHECK_S, REQUEST_WAIT_S
from workers.auth.stored.token_set import TokenSet
from workers.auth.surroundings import AuthSurroundings

RETRY_S = 0.3
"""Pause between two checks for a simulator that is not running yet. It starts within seconds."""


def is_wanted(settings: Settings) -> bool:
    """Return whether these settings sign in the demo account."""
    return settings.psn.realm == "simulator" and settings.simulator.demo


class DemoSignIn:
    """A `SignInPolicy`. A restarted simulator has lost its accounts, so a refused refresh means a new sign-in."""

    signed_out_detail = "signing in"

    def __init__(
        self,
        sign_in: CurrentSignIn,
        account: AccountClient,
        surroundings: AuthSurroundings,
        now: Callable[[], float],
    ) -> None:
        self._current = sign_in
        self._account = account
        self._surroundings = surroundings
        self._now = now

    async def sign_in(self) -> float:
        try:
            async with self._current.changing:
                simulator = self._account.endpoints.current().simulator
                if simulator is None or self._current.tokens is not None:
                    return CHECK_S
                await self._current.start(await self._account.sign_in(simulator.npsso, self._now()))
        except NoSimulatorError as error:
            self._account.endpoints.forget()
            self._current.record_error(error)
            self._surroundings.set_health("starting", "waiting for the simulator")
            return RETRY_S
        except PartylineError as error:
            self._surroundings.publish_error(error)
            return self._current.record_failure(error)
        return 0.0

    def check_end(self, tokens: TokenSet, now: float) -> None:
        """Do nothing, because the demo is signed in again without the user."""

    async def on_ended(self, tokens: TokenSet, now: float) -> float:  # noqa: ARG002  # part of `SignInPolicy`
        self._current.stored.drop()
        return await self.sign_in()

    async def sign_out(self) -> None:
        """Do nothing, because the demo account stays signed in."""

    async def ready(self) -> None:
        if self._current.tokens is None:
            await self._current.wait_for_tokens(REQUEST_WAIT_S)
