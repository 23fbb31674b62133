"""The sign-in of a user, who is warned before it ends."""

from __future__ import annotations

import msgspec
import structlog

from workers.auth.sign_in.current_sign_in import CurrentSignIn
from workers.auth.sign_in.refresh_schedule import RefreshSchedule
from workers.auth.sign_in.sign_in_policy import CHECK_S
from workers.auth.state import ENDED, LOGIN, ends_soon
from workers.auth.stored.token_set import TokenSet
from workers.auth.surroundings import AuthSurroundings

EXPIRED = "auth.expired"
ENDS_SOON = "auth.ends-soon"


class UserSignIn:
    """A `SignInPolicy`. Only the user can sign in."""

    signed_out_detail = "signed out"

    def __init__(self, sign_in: CurrentSignIn, schedule: RefreshSchedule, surroundings: AuthSurroundings) -> None:
        self._sign_in = sign_in
        self._schedule = schedule
        self._surroundings = surroundings
        self._log = structlog.get_logger("auth")

    async def sign_in(self) -> float:
        if self._sign_in.stored.unknown == "locked":
            await self._sign_in.load()  # a locked keychain asks nobody anything
        return CHECK_S

    def check_end(self, tokens: TokenSet, now: float) -> None:
        if self._schedule.must_warn(tokens, now):
            warning = ends_soon(tokens.refresh_expires_at - now)
            self._surroundings.publish_problem(ENDS_SOON, warning, LOGIN, severity="warning")
        else:
            self._surroundings.clear_problem(ENDS_SOON)

    async def on_ended(self, tokens: TokenSet, now: float) -> float:
        if tokens.refresh_token:
            ended = msgspec.structs.replace(tokens, refresh_token="")
            if not await self._sign_in.replace(ended, tokens):
                return 0.0
        self._surroundings.clear_problem(ENDS_SOON)
        self._surroundings.publish_problem(EXPIRED, ENDED, LOGIN)
        self._surroundings.publish_state()
        return CHECK_S if now >= tokens.access_expires_at else min(CHECK_S, tokens.access_expires_at - now)

    async def sign_out(self) -> None:
        try:
            await self._sign_in.forget()
        finally:
            self._log.info("signed out")

    async def ready(self) -> None:
        return
