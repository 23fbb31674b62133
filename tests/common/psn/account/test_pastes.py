"""The NPSSO or the code is found in whatever people paste; what holds none is refused by what it is, without a call."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.config.tables import PsnSettings
from common.errors import SignInError
from common.psn.account.paste import Code, Npsso, read_paste

PSN = PsnSettings()
NPSSO = "Qk7pX2mR9vLz4TnB8cWd1HsYf6JgA3uEoK5iNxVqP0rZtM2bSlC7wDhGyF4aUjXe"
JSON = json.dumps({"npsso": NPSSO}, indent=2)
REDIRECT = "com.scee.psxandroid.scecompcall://redirect?code=v3.aBcDeF-12&cid=1-2"
CODE = Code("v3.aBcDeF-12")


@pytest.mark.parametrize(
    "pasted",
    [
        "\ufeff" + NPSSO,
        "\ufeff" + JSON + "\r\n",
        f"{NPSSO[:30]}\u200b{NPSSO[30:]}",
        f"{{\u201cnpsso\u201d:\u201c{NPSSO}\u201d}}",
        f"{{\u00abnpsso\u00bb : \u00ab{NPSSO}\u00bb}}",
        f"NPSSO={NPSSO}",
        f"NPSSO: {NPSSO}",
        f"{NPSSO[:40]}\n{NPSSO[40:]}",
        f"  {NPSSO[:40]}\r\n   {NPSSO[40:]}",
        JSON.replace(NPSSO[:40], NPSSO[:40] + "\n  "),
        f"npsso={NPSSO[:40]}\n{NPSSO[40:]}; Path=/",
        f"Cookie: _abck=0~-1~; bm_sz=AB12; npsso={NPSSO}; sbahn=x",
        f"Set-Cookie: npsso={NPSSO}; Domain=.sony.com; Path=/; Secure; HttpOnly",
        f"ca.account.sony.com\tTRUE\t/\tTRUE\t1790000000\tnpsso\t{NPSSO}",
        f"```json\n{JSON}\n```",
        f"`{NPSSO}`",
        f"> {NPSSO}",
        f"here it is: {NPSSO}, thanks",
        f"https://ca.account.sony.com/api/v1/ssocookie shows\n{JSON}",
        json.dumps({"data": {"npsso": NPSSO}}),
        json.dumps(json.dumps({"npsso": NPSSO})),
        json.dumps([{"name": "npsso", "value": NPSSO, "domain": ".sony.com"}]),
        quote(JSON),
        quote(quote(f"npsso={NPSSO}")),
        JSON.replace('"', "&quot;"),
        f'<html><body><pre style="word-wrap: break-word">{JSON}</pre></body></html>',
        f"curl 'https://ca.account.sony.com/x' -H 'Cookie: npsso={NPSSO}'",
        f"\u3000{NPSSO}\u00a0",
        "".join(chr(ord(char) + 0xFEE0) for char in NPSSO),
    ],
)
def test_the_npsso_is_found_in_what_people_paste(pasted: str) -> None:
    assert read_paste(pasted, PSN) == Npsso(NPSSO)


@pytest.mark.parametrize(
    "pasted",
    [
        f"\ufeff{REDIRECT}",
        f"\u201c{REDIRECT}\u201d",
        f"Location: {REDIRECT}",
        f"Failed to launch '{REDIRECT}' because the scheme does not have a registered handler.",
        quote(REDIRECT, safe=""),
        REDIRECT.replace("&", "&amp;"),
        REDIRECT[:55] + "\n" + REDIRECT[55:],
        REDIRECT.replace("://redirect?", "://redirect\n?"),
        "v3.aBcDeF-12",
        "`v3.aBcDeF-12`",
        "v3.aBcD\neF-12",
    ],
)
def test_the_code_is_found_in_what_people_paste(pasted: str) -> None:
    assert read_paste(pasted, PSN) == CODE


@pytest.mark.parametrize(
    ("pasted", "kind", "words"),
    [
        (
            "Access Denied\nYou don't have permission to access http://x/ on this server.\nReference #18.4d1e0b17",
            "blocked",
            "Access Denied",
        ),
        ("<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY>Reference&#32;&#35;18.4d</BODY>", "blocked", "blocks"),
        ("f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5", "wrong-page", "UUID"),
        ("\u200b\ufeff \u00a0", "empty", "Nothing"),
        ("\u201c\u201d", "empty", "Nothing"),
        ('{"npsso":"' + NPSSO[:30], "cut-off", "incomplete"),
        ("{\u201cnpsso\u201d:\u201c" + NPSSO[:30], "cut-off", "incomplete"),
        ('{"error":"invalid","error_code":20}', "not-signed-in", "not signed in"),
        (f"{NPSSO}\n{NPSSO[::-1]}", "wrong-page", "no NPSSO"),
        ("<html>sign in</html>", "wrong-page", "source"),
    ],
)
def test_what_holds_none_is_told_by_what_it_is(pasted: str, kind: str, words: str) -> None:
    with pytest.raises(SignInError, match=words) as caught:
        read_paste(pasted, PSN)
    assert caught.value.code == f"auth.sign-in.{kind}"
    assert NPSSO not in caught.value.message


values = st.from_regex(r"\A[A-Za-z0-9]{64}\Z").filter(
    lambda text: any(map(str.isdigit, text)) and any(map(str.islower, text)) and any(map(str.isupper, text))
)
noise = st.text(st.sampled_from("abc xyz!?,;()<>\"'\u201c\u201d*|\n\t\u00a0\u3000äß派\u200b"), max_size=30)
hidden = st.sampled_from(["", "\ufeff", "\u200b", "\u2060", "\u00ad", "\u200e", "\u202e"])
wraps = st.sampled_from(
    [
        lambda value: value,
        lambda value: f'"{value}"',
        lambda value: f"\u2018{value}\u2019",
        lambda value: json.dumps({"npsso": value}),
        lambda value: json.dumps({"npsso": f"{value[:40]}"})[:-2] + f"\n{value[40:]}" + '"}',
        lambda value: f"npsso={value}; Path=/",
        lambda value: f"NPSSO : {value}",
        lambda value: quote(json.dumps({"npsso": value})),
        lambda value: f"```\n{value}\n```",
    ]
)


@given(values, noise, noise, hidden, wraps, st.integers(0, 64))
def test_any_npsso_in_any_noise_is_found(value, before, after, mark, wrap, at) -> None:
    pasted = f"{before} {wrap(value[:at] + mark + value[at:])} {after}"
    assert read_paste(pasted, PSN) == Npsso(value)


@given(values, st.lists(st.integers(8, 56), max_size=3), st.sampled_from(["\n", "\r\n", "\n    ", "\u2028"]))
def test_line_breaks_in_the_value_are_no_part_of_it(value, places, breaking) -> None:
    kept = [place for place in sorted(set(places)) if 64 - place >= 1]
    pieces = [value[a:b] for a, b in zip([0, *kept], [*kept, 64], strict=True)]
    if any(len(piece) < 8 for piece in pieces[:-1]):
        return
    assert read_paste(breaking.join(pieces), PSN) == Npsso(value)


words = st.lists(
    st.text(st.characters(categories=["Ll", "Lu"], max_codepoint=0x24F), min_size=1, max_size=14), min_size=2
)


@given(words)
def test_plain_text_is_refused_without_a_call(found) -> None:
    with pytest.raises(SignInError):
        read_paste(" ".join(found), PSN)


@given(st.text())
def test_any_text_is_taken_or_refused_in_a_sentence(text) -> None:
    try:
        found = read_paste(text, PSN)
    except SignInError as error:
        said = f"{error.message} {error.remedy}"
        found = None
    assert found.value.isascii() if found else said.endswith(".")
