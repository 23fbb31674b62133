"""What a refusal means, where its code or its words say more than its status."""

from __future__ import annotations

import base64
import json

import pytest

from common.psn import errors
from common.psn.account import jwt
from common.psn.http.refusals import error_of


@pytest.mark.parametrize(
    ("status", "code", "said", "cls", "words"),
    [
        (403, 2233351, "only session members permitted", errors.NotAMemberError, "not in that party"),
        (404, 2233351, "only session members permitted", errors.NotAMemberError, "not in that party"),
        (401, 0x80030033, "", errors.SessionRevokedError, "has ended this sign-in's session"),
        (403, 0x80030033 - (1 << 32), "", errors.SessionRevokedError, "has ended this sign-in's session"),
        (400, 0, "Session revoked (0x80030033)", errors.SessionRevokedError, "has ended this sign-in's session"),
        (426, 0, "", errors.AppTooOldError, "a newer app"),
        (403, 1, "Unsupported app version", errors.AppTooOldError, "a newer app"),
        (503, 0, "app version", errors.ServerFaultError, "a fault of its own"),
        (429, 0, "Too Many Requests", errors.RateLimitedError, "fewer calls"),
        (403, 1, "Forbidden", errors.RefusedError, "refused"),
    ],
)
def test_what_is_meant_is_told_in_sonys_words_too_and_with_a_remedy(
    status: int, code: int, said: str, cls: type[errors.PsnError], words: str
) -> None:
    body = json.dumps({"error": {"code": code, "message": said, "referenceId": "r-1"}}).encode()
    error = error_of("GET /x", status, {}, body, 0.0)
    assert type(error) is cls
    assert (error.status, error.sony_code, error.reference_id) == (status, code, "r-1")
    assert words in error.message
    assert said in error.message
    assert error.remedy


def token(**claims: object) -> str:
    return f"e.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.s"


def test_a_token_tells_country_and_childhood_and_nothing_odd_of_them() -> None:
    found = jwt.claims(token(account_id="1", legal_country="gb", is_child=True))
    assert (found.country, found.is_child) == ("GB", True)
    odd = jwt.claims(token(account_id="1", legal_country=["GB"], is_child="yes"))
    assert (odd.country, odd.is_child) == ("", False)
    assert jwt.claims(token(account_id="1", legal_country="a long word")).country == ""
