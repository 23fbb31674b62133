"""The tokens of one sign-in."""

from __future__ import annotations

from common.log.secret import Guarded, Secret


class TokenSet(Guarded, frozen=True, kw_only=True):
    """The stored tokens. They are never published, logged or shown."""

    access_token: Secret
    refresh_token: Secret
    issued_at: float
    access_expires_at: float
    refresh_expires_at: float
    """0 if Sony did not say."""
    signed_in_at: float
    """Start of the refresh token's life, which a refresh does not extend [seen]."""
    account_id: str
    online_id: str = ""
    signed_in_from: str = ""
    """Name of the paired machine that signed in, empty for this one."""
