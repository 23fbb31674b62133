"""Claims of an access token are hints: whatever does not fit reads as empty."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.account import jwt
from common.psn.account.jwt import Claims, claims


def test_claims_are_hints_and_never_an_error() -> None:
    assert jwt.claims("e30.eyJhY2NvdW50X2lkIjoiMTIzIiwiZXhwIjo1fQ.x").account_id == "123"
    for bad in ("", "a.b", "a.b.c", "e30.!!.x", "e30.W10.x"):
        assert jwt.claims(bad).account_id == ""


@given(st.text())
def test_no_token_breaks_the_reading_of_claims(token: str) -> None:
    jwt.claims(token)
    jwt.claims(f"a.{token}.b")


def token(payload: Any, *, more: str = "") -> str:
    text = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    return f"head.{text}.seal{more}"


def test_all_claims_are_read() -> None:
    made = {"account_id": 1234, "exp": 2000, "iat": 1000, "legal_country": "de", "is_child": True}
    assert claims(token(made)) == Claims(account_id="1234", exp=2000, iat=1000, country="DE", is_child=True)


@pytest.mark.parametrize("name", ["a", "ab", "abc", "abcd"])  # base64 of each length
def test_a_payload_is_read_whatever_its_length(name: str) -> None:
    assert claims(token({"account_id": name})).account_id == name


@pytest.mark.parametrize(
    "text", ["", "a.b", token({"exp": 5}, more=".more"), "head.!!!.seal", "head.AAAA.seal", "head.A.seal"]
)
def test_what_is_no_token_has_no_claims(text: str) -> None:
    assert claims(text) == Claims()


@pytest.mark.parametrize("payload", [[], 5, None, {"exp": True, "is_child": "yes", "legal_country": 49}])
def test_what_does_not_fit_reads_as_empty(payload: Any) -> None:
    assert claims(token(payload)) == Claims()


@pytest.mark.parametrize("country", ["DEU", "D", "", "D1"])
def test_a_country_has_two_letters(country: str) -> None:
    assert claims(token({"legal_country": country})).country == ""


def test_empty_claims_are_of_no_child_and_of_no_time() -> None:
    assert (Claims().exp, Claims().iat, Claims().is_child) == (0, 0, False)
