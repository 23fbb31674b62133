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
