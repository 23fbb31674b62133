from __future__ import annotations

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
