"""Whose sign-in the pipeline has."""

from __future__ import annotations

from typing import ClassVar, Literal

from common.messages.base import Message


class AuthState(Message, frozen=True, kw_only=True):
    """auth → session, signaling, dashboard, gate, cli, at each change. Never carries a token."""

    TOPIC: ClassVar[str] = "auth.state"
    RETAINED: ClassVar[bool] = True
    state: Literal["signed_out", "signed_in", "refreshing", "expired", "unknown"]
    """`unknown`: the keychain has not said yet whether somebody is signed in. `detail` says what to do."""
    realm: Literal["simulator", "playstation"]
    account_id: str = ""
    online_id: str = ""
    access_expires_at: float = 0.0
    """Unix seconds."""
    refresh_expires_at: float = 0.0
    """Unix seconds; after that the person must sign in again."""
    country: str = ""
    """`legal_country` of the token (two letters) [seen]; empty where it does not say."""
    is_child: bool = False
    signed_in_from: str = ""
    """Name of the paired machine that signed in; empty for this one."""
    detail: str = ""
