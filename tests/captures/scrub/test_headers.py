"""What stays of a header and of a cookie, and what is replaced."""

from __future__ import annotations

import pytest

from captures.scrub.headers import HeaderScrubber
from tests.captures.marks import marking


@pytest.mark.parametrize(
    ("name", "value", "scrubbed"),
    [
        ("Authorization", "Bearer abc.def", "Bearer xxx.xxx"),
        ("authorization", "odd abc", "xxx xxx"),
        ("Proxy-Authorization", "Basic Ym86cHc=", "Basic eHg6eHg="),
        ("X-Other", "Bearer abc", "xxxxxx xxx"),
        ("Cookie", "npsso=abc; Bo=18", "npsso=xxx; xx=77"),
        (
            "Set-Cookie",
            "sid=abc; HttpOnly; Domain=.sony.com; Domain=sony.com; Domain=.bo.example; Bo=sony.com; Expires=Wed",
            "sid=xxx; HttpOnly; Domain=.sony.com; Domain=sony.com; Domain=.xx.xxxxxxx; xx=xxxx.xxx; Expires=xxx",
        ),
        ("User-Agent", "okhttp/4.9.2 (Pixel 8; Build/AB12.34)", "okhttp/4.9.2 (xxxxx 7; Build/xx77.77)"),
        ("User-Agent", "okhttp4/4.9.2b", "xxxxxx7/7.7.7x"),
        ("Content-Type", "application/json; charset=utf-8", "application/json; charset=utf-8"),
        ("Content-Type", "application/bo", "xxxxxxxxxxx/xx"),
        ("Accept", "*/*", "*/*"),
        ("X-Psn-App-Ver", "26.1.0", "26.1.0"),
        ("X-Psn-App-Ver", "beta26", "xxxx77"),
        ("Content-Length", "12", "12"),
        ("X-Other", "secret", "xxxxxx"),
    ],
)
def test_a_value_stays_if_its_header_allows_it(name: str, value: str, scrubbed: str) -> None:
    assert HeaderScrubber(marking()).value(name, value) == scrubbed


@pytest.mark.parametrize(
    ("name", "scrubbed"), [("Content-Type", "Content-Type"), ("X-Psn-Os-Ver", "X-Psn-Os-Ver"), ("X-Bo", "x-xx")]
)
def test_the_name_of_a_header_stays_if_its_words_are_known(name: str, scrubbed: str) -> None:
    assert HeaderScrubber(marking()).name(name) == scrubbed
