"""The sign-in's URLs, and what is read of its answers."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from common.config.tables import PsnSettings
from common.psn.account import oauth
from common.psn.errors import BadAnswerError, RefusedError, ServerFaultError

PSN = PsnSettings()


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


def test_a_life_is_one_second_at_least_and_three_years_at_most() -> None:
    def lives(expires_in: object, refresh: object) -> tuple[float, float]:
        answer = {"access_token": "a", "expires_in": expires_in, "refresh_token_expires_in": refresh}
        found = oauth.read_grant(answer)
        return found.expires_in, found.refresh_expires_in

    assert lives(1, None) == (1, 0)
    assert lives(5, -7) == (5, 0)
    assert lives(10**12, 10**12) == (94_867_200, 94_867_200)
    for refused in (0, -1, None):
        with pytest.raises(BadAnswerError):
            lives(refused, 5)


@pytest.mark.parametrize(("status", "final"), [(399, False), (400, True), (499, True), (500, False), (0, False)])
def test_only_a_refusal_by_the_server_is_final(status: int, final: bool) -> None:
    error = RefusedError("No.", status=status, details={"error": "invalid_grant"})
    assert oauth.is_final(error) is final
