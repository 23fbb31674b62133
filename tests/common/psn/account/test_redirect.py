from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.config.tables import PsnSettings
from common.errors import SignInError
from common.psn.account import redirect

PSN = PsnSettings()


def test_login_required_is_told_from_terms_and_from_another_page() -> None:
    with pytest.raises(SignInError, match="4165"):
        redirect.code_of_location("https://my.account.sony.com/?error=login_required&error_code=4165", PSN)
    with pytest.raises(SignInError, match="another page"):
        redirect.code_of_location("https://my.account.sony.com/terms", PSN)
    with pytest.raises(SignInError, match="terms"):
        redirect.code_of_location(
            "https://x/?error=interaction_required&error_description=Terms+of+use&error_code=1", PSN
        )
    with pytest.raises(SignInError, match="odd"):
        redirect.code_of_location("https://x/?error=odd&error_code=5", PSN)


@given(st.text())
def test_no_location_does_anything_but_read_or_raise_its_error(location: str) -> None:
    with suppress(SignInError):
        redirect.code_of_location(location, PSN)


@pytest.mark.parametrize(
    ("query", "code"), [("code=v3.a", "v3.a"), ("code=v3.a&code=v3.b", "v3.a"), ("error=x&code=v3.a", "v3.a")]
)
def test_the_first_code_is_taken(query: str, code: str) -> None:
    assert redirect.code_of_location(f"https://x/?{query}", PSN) == code


@pytest.mark.parametrize("location", ["https://x/?code=a%20b", "https://x/?code=", "https://x/?code=%00"])
def test_what_is_no_code_is_none(location: str) -> None:
    with pytest.raises(SignInError, match="another page"):
        redirect.code_of_location(location, PSN)


def test_a_location_that_is_no_address_cannot_be_read() -> None:
    with pytest.raises(SignInError, match="cannot be read"):
        redirect.code_of_location("https://[::1", PSN)


def test_the_first_words_of_a_refusal_are_told_and_not_more_than_a_sentence_of_them() -> None:
    location = "https://x/?" + "&".join(
        f"{name}={letter * 300}&{name}=second"
        for name, letter in (("error", "x"), ("error_code", "7"), ("error_description", "w"))
    )
    with pytest.raises(SignInError) as caught:
        redirect.code_of_location(location, PSN)
    assert caught.value.message == f"PlayStation refused the sign-in: {'x' * 80} ({'7' * 20}) {'w' * 200}."
