from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.miranda.platforms import MAX_CODE, UNKNOWN, code_of, name_of


@pytest.mark.parametrize(("name", "code"), [("MOBILE_APP", 100001), ("PS5", 5), ("PS4", 3), ("PS3", 1), ("VITA", 2)])
def test_known_platforms_have_one_code_and_one_name(name, code):
    assert (code_of(name), name_of(code)) == (code, name)


@given(st.integers(0, MAX_CODE))
def test_every_code_survives_being_named(code):
    assert code_of(name_of(code)) == code


@given(st.text())
def test_every_name_has_a_code_that_fits_the_frame(name):
    assert 0 <= code_of(name) <= MAX_CODE


def test_a_name_that_is_new_to_us_is_unknown():
    assert code_of("PS6") == code_of("PSPC") == UNKNOWN


def test_a_code_beyond_the_frame_is_the_greatest():
    assert (UNKNOWN, MAX_CODE) == (0, 2**32 - 1)
    assert code_of(str(MAX_CODE)) == code_of(str(MAX_CODE + 1)) == MAX_CODE
    assert code_of(" ps5 ") == 5
    assert code_of("1" * 11) == UNKNOWN
