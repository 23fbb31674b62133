"""Every byte of a frame's header is told, also where the frame cannot be used."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.miranda import frames
from common.psn.miranda.header import fields
from tests.common.psn.miranda.test_frames import answer_payload, offer_payload


@pytest.mark.parametrize(
    ("sample", "sender"), [(offer_payload, 1234567890123456789), (answer_payload, 2345678901234567890)]
)
def test_a_captured_header_is_as_usual_and_covers_44_bytes_and_the_prefix(wire, sample, sender):
    found = fields(frames.encode_body(frames.decode_payload(sample(wire))))
    assert all(field.usual for field in found)
    assert [field.offset for field in found] == [0, 4, 8, 12, 16, 24, 28, 40, 44]
    assert sum(field.size for field in found[:-1]) == frames.HEADER_BYTES
    told = {field.name: field for field in found}
    assert told["sender_account_id"].value == str(sender)
    assert "MOBILE_APP" in told["sender_platform"].meaning
    assert (told["counter"].grade, told["length"].grade) == ("open", "read")


def test_what_is_unusual_is_marked():
    found = {field.name: field for field in fields(b"\x02" + bytes(3) + b"\x07" + bytes(38) + b"\x01" + b"2/1/1\n{")}
    assert not any(found[name].usual for name in ("version", "reserved_4", "length", "sender_platform"))
    assert found["prefix"].usual
    assert "2020" in found["prefix"].meaning


@given(st.binary(max_size=80))
def test_any_bytes_are_told_as_far_as_they_go(body):
    found = fields(body)
    assert b"".join(bytes.fromhex(field.bytes) for field in found if field.name != "prefix") == body[:44]
