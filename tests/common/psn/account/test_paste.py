from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.config.tables import PsnSettings
from common.errors import SignInError
from common.psn.account import paste

PSN = PsnSettings()
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


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ('{"error":"invalid_request"}', "instead of an NPSSO: invalid_request (0)"),
        ('{"error_code":99}', "instead of an NPSSO:  (99)"),
        ('{"error":"x","error_description":"Try later","error_code":99}', "instead of an NPSSO: Try later (99)"),
        ("<www.playstation.com/en-us/>", "address of another page"),
        ("<html><a href='https://www.playstation.com/'>", "source (HTML)"),
    ],
)
def test_a_page_with_an_error_or_an_address_in_brackets_is_told_by_what_it_says(pasted: str, words: str) -> None:
    with pytest.raises(SignInError) as caught:
        paste.read_paste(pasted, PSN)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("end", "at"),
    [
        *(("&cid=1-2-3", at) for at in ("redirect", "?code", "code=", "v3.")),
        *(("", at) for at in ("redirect", "?code", "code=")),
    ],
)
def test_an_address_that_a_mail_has_broken_in_two_serves(end: str, at: str) -> None:
    whole = f"com.scee.psxandroid.scecompcall://redirect/?code={CODE}{end}"
    assert paste.read_paste(whole.replace(at, f"{at}\n "), PSN) == paste.Code(CODE)
