"""Sony's sign-in as URLs, forms and answers. No I/O. Facts: notes/auth.md.

`common.psn.account.paste` reads what the user pastes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from common.config.tables import PsnSettings
from common.log.secret import Guarded, Secret
from common.psn.errors import BadAnswerError, PsnError
from common.psn.shapes import as_dict, as_int, as_text

AUTHORIZE_PATH = "/api/authz/v3/oauth/authorize"
TOKEN_PATH = "/api/authz/v3/oauth/token"  # noqa: S105  # a path


_MOST_LIFE_S = 3 * 366 * 86_400
"""Limit of a token's lifetime, so that every expiry is a valid time."""


class Grant(Guarded, frozen=True, kw_only=True):
    """The answer of the token endpoint. `refresh_token` is empty if it sent none. The old one then stays valid."""

    access_token: Secret
    refresh_token: Secret
    expires_in: float
    """Seconds."""
    refresh_expires_in: float
    """Seconds, or 0 if the answer has none."""


def authorize_url(base: str, psn: PsnSettings, *, cid: str, duid: str) -> str:
    """Return the URL to get (with the cookie ``npsso=…``). `code_of_location` reads its answer's Location."""
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


def code_form(psn: PsnSettings, code: str, cid: str) -> dict[str, str]:
    """Return the token endpoint's form for a code [seen]."""
    return {
        "token_format": "jwt",
        "grant_type": "authorization_code",
        "redirect_uri": psn.redirect_uri,
        "code": code,
        "cid": cid,
    }


def refresh_form(psn: PsnSettings, refresh_token: str, cid: str) -> dict[str, str]:
    """Return the token endpoint's form for a refresh [seen]. `cid` is also the header of that name."""
    return {
        "token_format": "jwt",
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "scope": psn.scope,
        "cid": cid,
    }


def read_grant(data: Any) -> Grant:
    """Return the decoded answer of the token endpoint. Raises `BadAnswerError`."""
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
    """Return whether a refused refresh is final. Only ``invalid_grant`` is. 5xx and network faults are temporary."""
    return 400 <= error.status < 500 and oauth_error(error.details) == "invalid_grant"


def oauth_error(details: Mapping[str, Any]) -> str:
    """Return OAuth's error name from an error body, empty if it has none."""
    return as_text(details.get("error"))
