"""What is told of the tokens: everything but the tokens."""

from __future__ import annotations

from typing import Literal

from common.messages import AuthState
from workers.auth.life import Tokens

State = Literal["signed_out", "signed_in", "refreshing", "expired"]
LOGIN = "Sign in: `partyline login`."


def auth_state(
    tokens: Tokens | None, realm: Literal["simulator", "playstation"], state: State | None = None
) -> AuthState:
    """Return how the sign-in stands; `state` where it is more than the tokens tell."""
    if tokens is None:
        return AuthState(state="signed_out", realm=realm, detail=LOGIN)
    state = state or ("signed_in" if tokens.refresh_token else "expired")
    return AuthState(
        state=state,
        realm=realm,
        account_id=tokens.account_id,
        online_id=tokens.online_id,
        access_expires_at=tokens.access_expires_at,
        refresh_expires_at=tokens.refresh_expires_at,
        detail=f"The sign-in has ended. {LOGIN}" if state == "expired" else "",
    )
