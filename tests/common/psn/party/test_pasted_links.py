"""A party's link is found in whatever people paste, and what holds none is told by what it is."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from common.psn.party.links import BadTarget, CpssId, SessionId, parse_target

ID = "js_A1b2C3d4E5f6G7h8I9j"
DASHED = "-s_A1b2C3d4E5f6G7h8I9j"
URL = f"https://party.playstation.com/{ID}"
SESSION = "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5"


def outlook(url: str) -> str:
    return f"https://eur01.safelinks.protection.outlook.com/?url={quote(url, safe='')}&data=05%7C01%7C&reserved=0"


def bing(url: str) -> str:
    return f"https://www.bing.com/ck/a?!&&p=1f&u=a1{base64.urlsafe_b64encode(url.encode()).decode().rstrip('=')}&ntb=1"


@pytest.mark.parametrize(
    "pasted",
    [
        outlook(URL),
        outlook(outlook(URL)),
        f"https://l.facebook.com/l.php?u={quote(URL, safe='')}&h=AT0",
        f"https://www.google.com/url?q={URL}&sa=D",
        f"https://urldefense.com/v3/__{URL}__;!!Abc-9!x$",
        bing(URL),
        "party.playstation.com:443/" + ID,
        "https://party.playstation.com:443/zh-hans-cn/" + ID,
        *(f"https://party.playstation.com/{place}/{ID}" for place in ("en", "es-419", "zh-hant-tw", "ja-jp")),
        f"https://party.playstation.com./{ID}",
        URL.replace("_", "%5F").replace("-", "%2D"),
        quote(URL, safe=""),
        quote(quote(URL, safe=""), safe=""),
        f"\ufeff{URL}\u200b",
        URL.replace("playstation", "play\u200bstation"),
        f"[Join]({URL})",
        f"||<{URL}>||",
        f"**{URL}**",
        URL.replace("_", r"\_"),
        f"\u201c{URL}\u201d",
        URL[:40] + "\n" + URL[40:],
        URL.replace("/js", "/\njs"),
        f"<a href=&quot;{URL}&quot;>party</a>",
        "\uff48\uff54\uff54\uff50\uff53://party.playstation.com/" + ID,
    ],
)
def test_a_link_is_found_in_what_mail_and_chats_make_of_it(pasted: str) -> None:
    assert parse_target(pasted) == CpssId(ID)


def test_a_link_in_proofpoints_older_form_is_found() -> None:
    wrapped = (
        f"https://urldefense.proofpoint.com/v2/url?u=https-3A__party.playstation.com_{ID.replace('_', '-5F')}&d=Dw"
    )
    assert parse_target(wrapped) == CpssId(ID)


@pytest.mark.parametrize("dash", ["\u2010", "\u2011", "\u2013", "\u2212"])
def test_a_session_id_survives_a_word_processor(dash: str) -> None:
    assert parse_target(f"\u201e{SESSION.replace('-', dash)}\u201c\u00a0") == SessionId(SESSION)


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("Ada-Plays_1", "online id"),
        ("QuietHeron", "online id"),
        ("SixteenLetters16", "online id"),
        ("antidisestablishmentarianism", "neither"),
        ("https://party.playstation.com/js_A1b2C3", "end of that link is missing"),
        ("https://party.playstation.com/zh-hans-cn/", "end of that link is missing"),
        ("https://party.playstation.com/en-us", "end of that link is missing"),
        (outlook("https://example.com/" + ID), "not a party's share link"),
        ("https://notparty.playstation.com/" + ID, "not a party's share link"),
        (f"{URL} {URL[:-1]}x", "more than one party"),
        ("come and join us tonight", "neither"),
    ],
)
def test_what_names_no_party_is_told_by_what_it_is(pasted: str, words: str) -> None:
    with pytest.raises(BadTarget, match=words):
        parse_target(pasted)


ids = st.from_regex(r"\A[A-Za-z0-9_-]{22}\Z").filter(lambda text: sum(map(str.isalnum, text)) > 15)
invisible = st.sampled_from(["\ufeff", "\u200b", "\u200e", "\u2060", "\u00ad", "\u202e", ""])
noise = st.text(st.sampled_from("abc xyz!?,;()[]<>\"'\u201c\u201d\u2019*|\n\t\u00a0\u3000äß派\u200b"), max_size=30)


@given(
    ids,
    noise,
    noise,
    invisible,
    st.sampled_from([str, outlook, bing, lambda url: quote(url, safe=""), lambda u: f"<{u}>"]),
)
@example(DASHED, "", "", "", outlook)
def test_any_link_in_any_noise_is_that_party(cpss_id, before, after, hidden, wrap) -> None:
    link = wrap(f"https://party.playstation.com/{cpss_id}")
    at = len(link) // 2
    pasted = f"{before} {hidden}{link[:at]}{hidden}{link[at:]}{hidden} {after}"
    assert parse_target(pasted) == CpssId(cpss_id)


words = st.lists(st.text(st.characters(categories=["Ll"], max_codepoint=0x24F), min_size=1, max_size=12), min_size=2)


@given(words)
def test_plain_text_is_refused_without_a_call(found) -> None:
    with pytest.raises(BadTarget):
        parse_target(" ".join(found))


@given(st.from_regex(r"\A[A-Za-z][A-Za-z0-9_-]{2,15}\Z"))
def test_no_online_id_is_taken_for_a_party(name) -> None:
    with pytest.raises(BadTarget):
        parse_target(name)
