"""The published state of the sign-in, without the tokens."""

from __future__ import annotations

from typing import Literal

from common.config.realm import Realm
from common.messages import AuthState
from common.psn.account import jwt, sign_in_errors
from workers.auth.stored.store import Unknown
from workers.auth.stored.token_set import TokenSet

SignInState = Literal["signed_out", "signed_in", "refreshing", "expired", "unknown"]
LOGIN = "Sign in: `partyline login`."
_OTHERWISE = 'Otherwise set `store = "file"` under `[auth]` and sign in again: `partyline login`.'
UNKNOWN: dict[Unknown, str] = {
    "asks": f"Answer the keychain's question on this machine's screen. {_OTHERWISE}",
    "locked": f"Unlock the keychain (on a Mac: `security unlock-keychain`). {_OTHERWISE}",
    "refused": f"Run `partyline restart auth`, and allow it on the screen. {_OTHERWISE}",
}
"""What to do while the keychain does not say whether somebody is signed in."""
ENDED = "The PlayStation sign-in has ended."
CLEARED_BY_SIGN_IN = (
    *sign_in_errors.CODES, "auth.sign-in", "auth.expired", "auth.ends-soon", "psn.unreachable", "psn.server-fault",
    "psn.rate-limited", "psn.blocked", "psn.refused", "psn.bad-answer", "psn.unauthorized", "psn.no-simulator",
    "psn.not-found", "psn.unauthorized-revoked", "psn.refused-app-too-old",
    "psn.unreachable-environment", "auth.fault",
)  # fmt: skip
"""The problems that a successful sign-in or refresh clears."""


def auth_state(
    tokens: TokenSet | None, realm: Realm, state: SignInState | None = None, *, unknown: Unknown = ""
) -> AuthState:
    """Return the state of the sign-in. `state` overrides what the tokens say.

    `unknown` is why it is not known whether there are tokens.
    """
    if tokens is None and unknown:
        return AuthState(state="unknown", realm=realm, detail=f"The keychain has not said it yet. {UNKNOWN[unknown]}")
    if tokens is None:
        return AuthState(state="signed_out", realm=realm, detail=LOGIN)
    claims = jwt.claims(tokens.access_token)
    state = state or ("signed_in" if tokens.refresh_token else "expired")
    return AuthState(
        state=state,
        realm=realm,
        account_id=tokens.account_id,
        online_id=tokens.online_id,
        access_expires_at=tokens.access_expires_at,
        refresh_expires_at=tokens.refresh_expires_at,
        country=claims.country,
        is_child=claims.is_child,
        signed_in_from=tokens.signed_in_from,
        detail=f"The sign-in has ended. {LOGIN}" if state == "expired" else "",
    )


def ends_soon(left_s: float) -> str:
    """Return that the sign-in ends in `left_s` seconds, in words that change seldom."""
    if left_s <= 0:
        return "The sign-in has ended, according to this computer's clock."
    hours = int(left_s // 3600)
    when = f"{hours // 24} days" if hours >= 48 else f"{hours} hours" if hours >= 2 else "less than 2 hours"
    return f"The sign-in ends in {when}."
