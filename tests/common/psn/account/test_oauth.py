from __future__ import annotations

import json
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.config.tables import Psn
from common.errors import SignInError
from common.psn.account import jwt, oauth, paste
from common.psn.errors import BadAnswerError, RefusedError, ServerFaultError

PSN = Psn()
NPSSO = "aB3" * 21 + "x"
CODE = "v3.AbC123"


@pytest.mark.parametrize(
    "pasted",
    [
        NPSSO,
        f"  {NPSSO}\n",
        f'"{NPSSO}"',
        f"npsso={NPSSO}",
        json.dumps({"npsso": NPSSO}),
        f'{{ "npsso" : "{NPSSO}" }}\n',
    ],
)
def test_an_npsso_is_found_in_whatever_people_paste(pasted: str) -> None:
    assert paste.read_paste(pasted, PSN) == paste.Npsso(NPSSO)


@pytest.mark.parametrize(
    "pasted",
    [
        f"com.scee.psxandroid.scecompcall://redirect?code={CODE}",
        f"com.scee.psxandroid.scecompcall://redirect/?code={CODE}&cid=1-2-3",
        f"https://my.account.sony.com/redirect?x=1&code={CODE}",
        CODE,
    ],
)
def test_a_redirect_url_serves_instead_of_an_npsso(pasted: str) -> None:
    assert paste.read_paste(pasted, PSN) == paste.Code(CODE)


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("", "Nothing"),
        ("hello there", "no NPSSO"),
        ("https://ca.account.sony.com/api/v1/ssocookie", "address of the page"),
        ("https://www.playstation.com/en-us/", "another page"),
        ('{"error":"invalid_grant","error_description":"Invalid login","error_code":20}', "not signed in"),
        ('{"error":"x","error_code":99}', "99"),
        ('{"npsso":"abc', "incomplete"),
        ("{}", "no npsso"),
        ("com.scee.psxandroid.scecompcall://redirect?error=login_required&error_code=4165", "4165"),
    ],
)
def test_each_wrong_paste_has_its_own_words_and_a_remedy(pasted: str, words: str) -> None:
    with pytest.raises(SignInError) as caught:
        paste.read_paste(pasted, PSN)
    assert words in caught.value.message
    assert caught.value.remedy


@given(st.text() | st.text().map(lambda text: "{" + text) | st.text().map(lambda text: "https://" + text))
def test_no_paste_does_anything_but_read_or_raise_its_error(pasted: str) -> None:
    with suppress(SignInError):
        paste.read_paste(pasted, PSN)


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


def test_login_required_is_told_from_terms_and_from_another_page() -> None:
    with pytest.raises(SignInError, match="4165"):
        paste.code_of_location("https://my.account.sony.com/?error=login_required&error_code=4165", PSN)
    with pytest.raises(SignInError, match="another page"):
        paste.code_of_location("https://my.account.sony.com/terms", PSN)
    with pytest.raises(SignInError, match="terms"):
        paste.code_of_location("https://x/?error=interaction_required&error_description=Terms+of+use&error_code=1", PSN)
    with pytest.raises(SignInError, match="odd"):
        paste.code_of_location("https://x/?error=odd&error_code=5", PSN)


@given(st.text())
def test_no_location_does_anything_but_read_or_raise_its_error(location: str) -> None:
    with suppress(SignInError):
        paste.code_of_location(location, PSN)


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


def test_claims_are_hints_and_never_an_error() -> None:
    assert jwt.claims("e30.eyJhY2NvdW50X2lkIjoiMTIzIiwiZXhwIjo1fQ.x").account_id == "123"
    for bad in ("", "a.b", "a.b.c", "e30.!!.x", "e30.W10.x"):
        assert jwt.claims(bad).account_id == ""


@given(st.text())
def test_no_token_breaks_the_reading_of_claims(token: str) -> None:
    jwt.claims(token)
    jwt.claims(f"a.{token}.b")


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
