"""Which names and values may stay."""

from __future__ import annotations

import pytest

from captures.scrub.allow_list import (
    flag_may_stay,
    header_may_stay,
    is_field,
    is_known,
    is_one_word,
    may_stay,
    segment_may_stay,
)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("sessionId", True),
        ("SESSION_ID", True),
        ("x-psn-app-ver", True),
        ("profile2", True),
        ("session12", True),
        ("session123", False),
        ("zorblax", False),
        ("sessionZorblax", False),
        ("", False),
        ("séance", False),
        ("a." * 100, True),
        ("a." * 100 + "a", False),
    ],
)
def test_a_name_is_known_by_all_its_words(name: str, known: bool) -> None:
    assert is_known(name) == known


@pytest.mark.parametrize(
    ("name", "field"), [("sessionId", True), ("session2", True), ("session_2", False), ("x-9", False)]
)
def test_a_field_is_not_numbered_like_peoples_names(name: str, field: bool) -> None:
    assert is_field(name) == field


@pytest.mark.parametrize(("name", "one"), [("Voice", True), ("voice chat", False), ("zorblax", False)])
def test_one_harmless_word_is_one(name: str, one: bool) -> None:
    assert is_one_word(name) == one


@pytest.mark.parametrize(
    ("value", "key", "parent", "stays"),
    [
        ("me", "anything", "", True),
        ("PS5", "platform", "", True),
        ("100001", "platform", "", True),
        ("100011", "platform", "", False),
        ("404", "status", "", True),
        ("4040", "status", "", False),
        ("offer", "Type", "", True),
        ("zorblax", "type", "", False),
        ("16", "maxMembers", "", True),
        ("1600", "maxMembers", "", False),
        ("123456", "returnCode", "", True),
        ("1234567", "returnCode", "", False),
        ("miranda:12", "channel", "", True),
        ("miranda:1234", "channel", "", False),
        ("RS256", "alg", "", True),
        ("1.0", "version", "", True),
        ("1.0.0.0", "version", "", False),
        ("2105356", "code", "error", True),
        ("v3.abc", "code", "error", False),
        ("2105356", "code", "", False),
        ("anything", "unheard-of", "", False),
    ],
)
def test_a_value_stays_under_its_key_in_its_shape(value: str, key: str, parent: str, stays: bool) -> None:
    assert may_stay(value, key, parent) == stays


@pytest.mark.parametrize(
    ("key", "stays"), [("isHost", True), ("isChild", False), ("hasPlus", False), ("zorblax", False)]
)
def test_a_flag_stays_unless_it_reveals_something_about_a_person(key: str, stays: bool) -> None:
    assert flag_may_stay(key) == stays


@pytest.mark.parametrize(
    ("name", "value", "stays"),
    [
        ("Content-Type", "application/json; charset=utf-8", True),
        ("accept", "application/json;q=0.5, */*", True),
        ("accept", "zorblax/*", False),
        ("Retry-After", "120", True),
        ("Retry-After", "Wed", False),
        ("x-unheard-of", "1", False),
    ],
)
def test_a_header_stays_in_its_shape(name: str, value: str, stays: bool) -> None:
    assert header_may_stay(name, value) == stays


@pytest.mark.parametrize(
    ("segment", "before", "stays"),
    [
        ("members", "api", True),
        ("zorblax", "api", False),
        ("me", "Members", True),
        ("members", "members", False),  # somebody may be called so
        ("profiles", "users", True),
    ],
)
def test_a_segment_after_a_holder_is_an_id(segment: str, before: str, stays: bool) -> None:
    assert segment_may_stay(segment, before) == stays
