from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.party.links import BadTarget, CpssId, SessionId, parse_target

LINK = "js_A1b2C3d4E5f6G7h8I9j0"
DASHED = "-s_A1b2C3d4E5f6G7h8I9j"
SESSION = "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5"
LOCAL = "http://127.0.0.1:4711/party"


@pytest.mark.parametrize("cpss_id", [LINK, DASHED])
@pytest.mark.parametrize(
    "spelling",
    [
        "https://party.playstation.com/{}",
        "http://party.playstation.com/{}",
        "HTTPS://Party.PlayStation.COM/{}",
        "party.playstation.com/{}",
        "www.party.playstation.com/{}",
        "https://party.playstation.com/{}/",
        "https://party.playstation.com//{}?utm=1#x",
        "https://party.playstation.com/en-us/{}",
        "<https://party.playstation.com/{}>",
        '"https://party.playstation.com/{}"',
        "Join my party: https://party.playstation.com/{}. See you!",
        "  {}\n",
        "'{}'",
        "<{}>",
    ],
)
def test_a_share_link_is_understood_however_it_is_spelled(spelling, cpss_id):
    assert parse_target(spelling.format(cpss_id)) == CpssId(cpss_id)


@pytest.mark.parametrize("text", [f"{LOCAL}/{LINK}", f"127.0.0.1:4711/party/{LINK}/", f"so: {LOCAL}/{LINK}?a=b"])
def test_links_of_the_configured_host_count_too(text):
    assert parse_target(text, LOCAL) == CpssId(LINK)
    assert parse_target(text, LOCAL + "/") == CpssId(LINK)


def test_sonys_host_counts_whatever_is_configured():
    assert parse_target(f"https://party.playstation.com/{LINK}", LOCAL) == CpssId(LINK)


@pytest.mark.parametrize("text", [SESSION, SESSION.upper(), f" <{SESSION}> ", f"session {SESSION}", f'"{SESSION}"'])
def test_a_session_id_is_understood(text):
    assert parse_target(text) == SessionId(SESSION)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "No party was named"),
        ("<>", "No party was named"),
        ("hello", "neither a share link nor an id"),
        ("https://example.com/js_A1b2C3d4E5f6G7h8I9j0", "not a party's share link"),
        (f"https://example.com/{SESSION}", "not a party's share link"),
        ("https://party.playstation.com/", "not a party's share link"),
        (f"{SESSION} {SESSION.replace('f', 'e')}", "more than one session id"),
        (f"https://party.playstation.com/{LINK} https://party.playstation.com/{DASHED}", "more than one party"),
        ("x" * 5000, "5000 characters"),
    ],
)
def test_anything_else_is_told_by_what_it_is(text, words):
    with pytest.raises(BadTarget, match=words) as caught:
        parse_target(text)
    assert "Paste" in caught.value.remedy


@given(st.text())
def test_any_text_is_a_target_or_a_bad_one(text):
    try:
        found = parse_target(text, LOCAL)
    except BadTarget:
        return
    assert found.value


@given(st.from_regex(r"[A-Za-z0-9_-]{16,40}", fullmatch=True))
def test_a_link_leads_back_to_its_id(cpss_id):
    assert parse_target(f"{LOCAL}/{cpss_id}", LOCAL) == CpssId(cpss_id)


@pytest.mark.parametrize("bare", ["abcdefghij0123456789", "ABCDEFGHIJ0123456789", "ABCDEFGHIJabcdefghij"])
def test_a_bare_id_has_letters_of_two_kinds_or_digits(bare):
    assert parse_target(bare) == CpssId(bare)


@pytest.mark.parametrize("bare", ["abcdefghijklmnopqrst", "ABCDEFGHIJKLMNOPQRST"])
def test_a_long_word_is_no_bare_id(bare):
    with pytest.raises(BadTarget, match="neither"):
        parse_target(bare)


def test_an_id_of_a_link_has_at_least_16_characters():
    assert parse_target("https://party.playstation.com/abcdefgh12345678") == CpssId("abcdefgh12345678")
    with pytest.raises(BadTarget, match="'abcdefgh1234567' is left"):
        parse_target("https://party.playstation.com/abcdefgh1234567")


@pytest.mark.parametrize("length", range(16, 28))
def test_a_link_that_a_redirector_encoded_is_found_whatever_its_length(length):
    cpss_id = ("a1" * 20)[:length]
    target = base64.urlsafe_b64encode(f"https://party.playstation.com/{cpss_id}".encode()).decode().rstrip("=")
    assert parse_target(f"https://redirector.example/?to={target}&x=1") == CpssId(cpss_id)


def test_not_more_than_80_characters_of_a_paste_are_said_back():
    for text in ("https://example.com/" + "x" * 100, "a word " * 30):
        with pytest.raises(BadTarget) as caught:
            parse_target(text)
        assert repr(text.strip()[:80]) in caught.value.message
