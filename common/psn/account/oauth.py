"""Sony's sign-in as URLs, forms and answers, without any I/O. Facts: notes/auth.md.

What the person pastes is `common.psn.account.paste`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from common.config.tables import Psn
from common.log.secret import Guarded, Secret
from common.psn.errors import BadAnswerError, PsnError
from common.psn.shapes import as_dict, as_int, as_text

AUTHORIZE_PATH = "/api/authz/v3/oauth/authorize"
TOKEN_PATH = "/api/authz/v3/oauth/token"  # noqa: S105  # a path


_MOST_LIFE_S = 3 * 366 * 86_400
"""No life is believed to be longer: every end must be a time that can be told."""


class Grant(Guarded, frozen=True, kw_only=True):
    """What the token endpoint gave. `refresh_token` is empty when it sent none: the old one stays."""

    access_token: Secret
    refresh_token: Secret
    expires_in: float
    """Seconds."""
    refresh_expires_in: float
    """Seconds; 0 when it did not say."""


def authorize_url(base: str, psn: Psn, *, cid: str, duid: str) -> str:
    """Return the URL to get (with the cookie ``npsso=…``); its answer's Location goes to `code_of_location`."""
    query = {
        "access_type": "offline",
        "cid": cid,
        "client_id": psn.client_id,
        "duid": duid,
        "redirect_uri": psn.redirect_uri,
        "response_type": "code",
        "scope": psn.scope,
        "service_entity": "urn:service-entity:psn",
    }
    return f"{base}?{urlencode(query)}"


def code_form(psn: Psn, code: str, cid: str) -> dict[str, str]:
    """Return the token endpoint's form for a code [seen]."""
    return {
        "token_format": "jwt",
        "grant_type": "authorization_code",
        "redirect_uri": psn.redirect_uri,
        "code": code,
        "cid": cid,
    }


def refresh_form(psn: Psn, refresh_token: str, cid: str) -> dict[str, str]:
    """Return the token endpoint's form for a refresh [seen]; `cid` belongs to the header of that name."""
    return {
        "token_format": "jwt",
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "scope": psn.scope,
        "cid": cid,
    }


def read_grant(data: Any) -> Grant:
    """Return what the token endpoint answered; raises `BadAnswerError`."""
    answer = as_dict(data)
    access = as_text(answer.get("access_token"))
    expires_in = as_int(answer.get("expires_in"))
    if not access or expires_in <= 0:
        raise BadAnswerError("The token endpoint's answer has no access token with a life.")
    return Grant(
        access_token=access,
        refresh_token=as_text(answer.get("refresh_token")),
        expires_in=min(expires_in, _MOST_LIFE_S),
        refresh_expires_in=min(max(0, as_int(answer.get("refresh_token_expires_in"))), _MOST_LIFE_S),
    )


def is_final(error: PsnError) -> bool:
    """Return whether a refused refresh is final: only ``invalid_grant`` is; 5xx and network faults pass."""
    return 400 <= error.status < 500 and oauth_error(error.details) == "invalid_grant"


def oauth_error(details: Mapping[str, Any]) -> str:
    """Return OAuth's own error name from an error body, if it is of that shape."""
    return as_text(details.get("error"))
