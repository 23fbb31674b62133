from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from common.config.tables import Psn
from common.psn.account import oauth
from common.psn.errors import BadAnswerError, RefusedError, ServerFaultError

PSN = Psn()


def test_the_authorize_url_has_every_parameter_of_the_app() -> None:
    url = oauth.authorize_url("https://x" + oauth.AUTHORIZE_PATH, PSN, cid="c", duid="d" * 64)
    query = {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}
    assert query == {
        "access_type": "offline",
        "cid": "c",
        "client_id": "09515159-7237-4370-9b40-3806e67c0891",
        "duid": "d" * 64,
        "redirect_uri": "com.scee.psxandroid.scecompcall://redirect",
        "response_type": "code",
        "scope": "psn:mobile.v2.core psn:clientapp",
        "service_entity": "urn:service-entity:psn",
    }


def test_the_golden_token_answer_is_read(wire: object) -> None:
    grant = oauth.read_grant(json.loads(wire("token.response.json")))  # type: ignore[operator]
    assert (grant.expires_in, grant.refresh_expires_in) == (3599, 5183999)


def test_a_grant_without_a_refresh_token_or_with_strings_is_read() -> None:
    assert oauth.read_grant({"access_token": "a", "expires_in": "10"}).refresh_token == ""
    for bad in (None, [], {}, {"access_token": "a"}, {"access_token": 1, "expires_in": 1}):
        with pytest.raises(BadAnswerError):
            oauth.read_grant(bad)


def test_only_invalid_grant_is_final() -> None:
    assert oauth.is_final(RefusedError("no", status=400, details={"error": "invalid_grant"}))
    assert not oauth.is_final(RefusedError("no", status=400, details={"error": "invalid_client"}))
    assert not oauth.is_final(ServerFaultError("no", status=503, details={"error": "invalid_grant"}))
