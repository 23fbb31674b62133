"""What stays of a frame of miranda, and what is replaced."""

from __future__ import annotations

import json

import pytest

from captures.scrub.formats import miranda
from common.psn.miranda.frames import HEADER_BYTES, VERSION, VERSION_2020
from tests.captures.marks import marking

ACCOUNT = 7318264950173826495
MARKED = 7777777777777777777


def frame(  # the header's fields
    follows: bytes = b"",
    *,
    version: bytes = VERSION,
    four: int = 0,
    account: int = ACCOUNT,
    platform: int = 100001,
    rest: bytes = bytes(12),
    length: int | None = None,
) -> bytes:
    total = len(follows) if length is None else length
    return miranda.HEADER.pack(version, four, 1, 0, account, platform, rest, total) + follows


@pytest.mark.parametrize("version", [VERSION, VERSION_2020])
def test_counters_and_platforms_stay_and_ids_are_replaced(version: bytes) -> None:
    assert miranda.body(marking(), frame(version=version)) == frame(version=version, account=MARKED)
    assert miranda.body(marking(), frame(account=0)) == frame(account=0)


def test_a_number_too_large_for_a_counter_and_bytes_that_were_always_0_are_replaced() -> None:
    assert miranda.body(marking(), frame(four=(1 << 20) - 1)) == frame(four=(1 << 20) - 1, account=MARKED)
    assert miranda.body(marking(), frame(four=1 << 20)) == frame(four=7777777, account=MARKED)
    assert miranda.body(marking(), frame(rest=b"secret bytes")) == frame(rest=b"\xff" * 12, account=MARKED)


def test_its_json_is_scrubbed_and_its_length_is_right_again() -> None:
    follows = b"1/1\n" + json.dumps({"type": "offer", "from": {"account_id": str(ACCOUNT)}, "sdp": "Quux"}).encode()
    scrubbed = b'1/1\n{"type":"offer","from":{"account_id":"%d"},"sdp":"xxxx"}' % MARKED
    assert miranda.body(marking(), frame(follows)) == frame(scrubbed, account=MARKED)
    assert miranda.body(marking(), frame(follows, length=5)) == frame(scrubbed, account=MARKED, length=5)


@pytest.mark.parametrize("follows", [b"secret", b"1/1\n{cut"])
def test_bytes_that_are_no_json_do_not_stay(follows: bytes) -> None:
    found = miranda.body(marking(), frame(follows))
    assert found is not None
    prefix = b"1/1\n" if follows.startswith(b"1") else b""
    assert found[HEADER_BYTES:] == prefix + b"\xff" * (len(follows) - len(prefix))


@pytest.mark.parametrize("data", [frame()[:-1], rb"\9" + frame()[1:], b""])
def test_a_short_frame_and_one_of_another_version_is_none(data: bytes) -> None:
    assert miranda.body(marking(), data) is None


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("ver=1.0, type=binary, body=secret", "ver=1.0, type=binary, body=xxxxxx"),
        ("ver=1.0,type=binary,body=secret", "ver=1.0,type=binary,body=xxxxxx"),
        ("ver=1.0, type=binary", None),
        ("body=secret", None),
    ],
)
def test_the_payload_of_a_custom_message_keeps_its_form(text: str, scrubbed: str | None) -> None:
    assert miranda.payload(marking(), text) == scrubbed
