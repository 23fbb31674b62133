"""What a refusal means, where its code or its words say more than its status."""

from __future__ import annotations

import base64
import json

import pytest

from common.psn import errors
from common.psn.account import jwt
from common.psn.http.refusals import LEAST_S, error_of, is_html, retry_after


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


def refusal(status: int, body: object, **headers: str) -> errors.PsnError:
    return error_of("GET /x", status, headers, json.dumps(body).encode(), 1000.0)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "a"}, "error_description": "b"}, "a"),
        ({"error": "c", "error_description": "b"}, "b"),
        ({"error": "c"}, "c"),
        ([], ""),
    ],
)
def test_words_are_sonys_own_else_oauths(body: object, words: str) -> None:
    assert refusal(403, body).sony_message == words


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, errors.RefusedError), (401, errors.UnauthorizedError), (404, errors.NotFoundError),
        (429, errors.RateLimitedError), (499, errors.RefusedError), (500, errors.ServerFaultError),
    ],
)  # fmt: skip
def test_without_words_the_status_says_what_it_is(status: int, cls: type[errors.PsnError]) -> None:
    assert type(refusal(status, {})) is cls


def test_what_sony_says_is_kept_in_part() -> None:
    error = refusal(403, {"error": {"message": "m" * 600, "referenceId": "r" * 100}})
    assert (error.sony_message, error.reference_id) == ("m" * 500, "r" * 80)
    assert error.message.count("m") - "PlayStation refused GET /x: ".count("m") == 500 - len("403 ")


@pytest.mark.parametrize("status", [400, 499])
def test_an_app_that_is_too_old_is_told_by_any_refusal(status: int) -> None:
    assert type(refusal(status, {"error": {"message": "Upgrade required"}})) is errors.AppTooOldError


@pytest.mark.parametrize("body", [b"\xff", b"{", b"[" * 60_000, b'"\\ud800"'])
def test_a_body_that_cannot_be_read_has_no_words(body: bytes) -> None:
    error = error_of("GET /x", 403, {}, body, 0.0)
    assert (error.sony_message, error.details) == ("", {})


def test_only_the_beginning_of_a_body_is_read() -> None:
    most = 65_536 - len('{"error": ""}')
    assert refusal(403, {"error": "x" * most}).sony_message
    assert not refusal(403, {"error": "x" * (most + 1)}).sony_message


def test_a_limit_lasts_as_long_as_its_headers_say_within_bounds() -> None:
    assert retry_after({}, 0.0) == 60
    assert error_of("GET /x", 429, {}, b"", 0.0).retry_after == 60  # type: ignore[attr-defined]
    assert retry_after({"retry-after": "30"}, 0.0) == 30
    assert retry_after({"retry-after": "1"}, 0.0) == LEAST_S
    assert retry_after({"retry-after": "1e9"}, 0.0) == 86_400
    for odd in ("soon", "nan", "inf"):
        assert retry_after({"retry-after": odd}, 0.0, 7.0) == 7


def test_the_end_of_a_limit_is_on_the_servers_clock() -> None:
    def until(end: int, **headers: str) -> float:
        return retry_after({"x-ratelimit-next-available": str(end), **headers}, 1000.0, 7.0)

    assert until(1100) == 100
    assert until(1002) == LEAST_S
    assert until(1000) == 7
    assert until(900) == 7
    assert until(1100, date="Thu, 01 Jan 1970 00:17:30 GMT") == 50
    for odd in ("yesterday", "Thu, 01 Jan 99999999999999999999 00:00:00 GMT"):
        assert until(1100, date=odd) == 100
    assert until(1100, **{"retry-after": "200"}) == 200


def test_a_page_is_told_by_its_type_or_its_beginning() -> None:
    assert is_html({"content-type": "text/HTML; charset=utf-8"}, b"{}")
    assert is_html({}, b"\n <html>")
    assert not is_html({"content-type": "application/json"}, b"{}")
