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


def told(body: bytes) -> dict[str, tuple[str, bool]]:
    return {field.name: (field.meaning, field.usual) for field in fields(body)}


def test_a_header_that_is_cut_is_told_to_its_last_byte():
    found = fields(bytes(18))
    assert [field.name for field in found][-1] == "sender_account_id"
    assert (found[-1].meaning, found[-1].usual, found[-1].size) == ("truncated: 2 of 8 bytes", False, 2)
    assert told(b"\x01" * 18)["sender_account_id"] == ("truncated: 2 of 8 bytes", False)
    assert [field.name for field in fields(bytes(16))][-1] == "reserved_12"


def test_a_sender_has_a_number():
    assert not told(bytes(44))["sender_account_id"][1]
    assert told(bytes(16) + b"\x01" + bytes(27))["sender_account_id"][1]


def test_the_length_is_of_what_follows():
    assert told(bytes(44))["length"] == ("bytes that follow", True)
    assert told(bytes(44) + b"x")["length"] == ("bytes that should follow; there are 1", False)
    assert told(bytes(40) + b"\x01")["length"][0] == "truncated: 1 of 4 bytes"


def test_what_is_reserved_is_zero():
    assert told(bytes(44))["reserved_4"] == ("zero in every sample", True)
    assert told(bytes(4) + b"\x01" + bytes(39))["reserved_4"] == ("zero in every sample, but not here", False)


def test_what_stands_before_the_json_is_told_if_json_follows():
    assert "prefix" not in told(bytes(44) + b"no json at all")
    assert "prefix" not in told(bytes(44) + b"{}")
    assert "prefix" in told(bytes(44) + b"1/1/1\n{}")
