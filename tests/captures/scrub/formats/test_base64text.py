"""Base64 is written again as it was: its alphabet, and its padding or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.scrub.formats.base64text import decode64, encode64


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("YQ==", b"a"), ("YQ", b"a"), ("YWI=", b"ab"), ("YWI", b"ab"), ("YWJj", b"abc"), ("++//", b"\xfb\xef\xff"),
        ("--__", b"\xfb\xef\xff"), ("", b""),
    ],
)  # fmt: skip
def test_each_form_is_read(text: str, data: bytes) -> None:
    assert decode64(text) == data


@pytest.mark.parametrize("text", ["Y", "YQ=", "YR==", "+-//", "YQ==YQ==", "a b c d", "\u00e4\u00e4\u00e4\u00e4"])
def test_text_that_would_not_be_written_as_it_was_is_not_read(text: str) -> None:
    assert decode64(text) is None


def test_other_bytes_are_written_in_the_same_form() -> None:
    assert encode64(b"\xfb\xef", "ab-d") == "--8="
    assert encode64(b"\xfb\xef", "a_") == "--8"
    assert encode64(b"\xfb\xef", "abcd") == "++8="
    assert encode64(b"\xfb\xef", "abc") == "++8"
    assert encode64(b"\xfb\xef", "abc=") == "++8="


@given(st.binary(max_size=40), st.sampled_from(["AAAA", "AAA", "A-AA", "A_A"]))
def test_what_was_written_is_read(data: bytes, like: str) -> None:
    text = encode64(data, like)
    assert decode64(text) in (data, None)
    if "-" not in like and "_" not in like:
        assert decode64(text) == data
