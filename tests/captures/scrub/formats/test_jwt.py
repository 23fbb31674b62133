"""What stays of a token, and what is replaced."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from captures.scrub.formats import jwt
from tests.captures.marks import marking


def encoded(data: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).decode().rstrip("=")


def read(text: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(text + "=="))


def test_names_and_types_of_claims_stay_and_times_are_moved() -> None:
    claims = {"sub": "Bo", "exp": 1_800_086_400, "bo": {"iat": 1_800_086_400, "age": 30}, "aud": ["x9"]}
    scrubbed = jwt.token(marking(), ".".join([encoded({"alg": "RS256", "kid": "secret"}), encoded(claims), "c2ln"]))
    assert scrubbed is not None
    head, body, signature = scrubbed.split(".")
    assert read(head) == {"alg": "RS256", "kid": "xxxxxx"}
    assert read(body) == {"sub": "xx", "exp": 1_800_000_000, "xx": {"iat": 1_800_000_000, "age": 77}, "aud": ["x7"]}
    assert signature == "x7xx"
    assert "=" not in scrubbed


@pytest.mark.parametrize("text", ["x.y.z", encoded([1]) + ".x.y", "e30!.x", "", "ey.ey.ey"])
def test_what_has_no_object_as_its_header_is_no_token(text: str) -> None:
    assert jwt.token(marking(), text) is None


@pytest.mark.parametrize("length", range(4))
def test_parts_of_any_length_are_read(length: int) -> None:
    scrubbed = jwt.token(marking(), encoded({"typ": "x" * length}) + "." + encoded({"x" * length: 1}))
    assert scrubbed is not None
    assert [len(read(part)) for part in scrubbed.split(".")] == [1, 1]
