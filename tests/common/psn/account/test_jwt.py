from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from common.psn.account import jwt


def test_claims_are_hints_and_never_an_error() -> None:
    assert jwt.claims("e30.eyJhY2NvdW50X2lkIjoiMTIzIiwiZXhwIjo1fQ.x").account_id == "123"
    for bad in ("", "a.b", "a.b.c", "e30.!!.x", "e30.W10.x"):
        assert jwt.claims(bad).account_id == ""


@given(st.text())
def test_no_token_breaks_the_reading_of_claims(token: str) -> None:
    jwt.claims(token)
    jwt.claims(f"a.{token}.b")
