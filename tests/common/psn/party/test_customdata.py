from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.party.customdata import BadCustomData, CustomData3, CustomData4, decode3, decode4, encode3, encode4

plain = st.text(st.characters(codec="utf-8"), max_size=20)
scalars = plain | st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1)


def of_member(wire, name: str, key: str) -> str:
    return json.loads(wire(name))["body"]["data"]["members"][0][key]


def test_captured_custom_data3_is_written_again_byte_for_byte(wire):
    text = of_member(wire, "push-custom-data3.json", "customData3")
    data = decode3(text)
    assert data == CustomData3(session_id="f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5", others=("1234567890123456789",))
    assert encode3(data) == text


def test_every_member_of_the_captured_view_names_the_others_and_is_written_again(wire):
    members = json.loads(wire("view.response.json"))["v2PartySessions"][0]["members"]
    accounts = [member["accountId"] for member in members]
    for member in members[:2]:
        data = decode3(member["customData3"])
        assert data.others == tuple(one for one in accounts if one != member["accountId"])
        assert encode3(data) == member["customData3"]


@given(st.lists(st.integers(1, 2**64 - 1).map(str), max_size=15))
def test_whoever_is_named_comes_back(others):
    data = CustomData3(session_id="s", others=tuple(others))
    assert decode3(encode3(data)) == data


@pytest.mark.parametrize("text", ["s\nx\n", "\n1\n", "", "s\n12 3\n"])
def test_custom_data3_that_names_no_accounts_is_refused(text):
    with pytest.raises(BadCustomData):
        decode3(base64.b64encode(text.encode()).decode())


def test_no_more_lines_are_read_than_a_party_can_have():
    text = "s\n" + "".join(f"{n}\n" for n in range(1, 9999))
    assert len(decode3(base64.b64encode(text.encode()).decode()).others) == 64


@pytest.mark.parametrize(("name", "muted"), [("push-custom-data4.json", True), ("push-members-created.json", False)])
def test_captured_custom_data4_is_written_again_byte_for_byte(wire, name, muted):
    text = of_member(wire, name, "customData4")
    data = decode4(text)
    assert (data.muted, data.version) == (muted, "6.2.0")
    assert encode4(data) == text


def test_what_we_send_at_join_is_what_the_app_sends(wire):
    sent = json.loads(wire("join-party.request.json"))["members"][0]["customData4"]
    assert encode4(CustomData4()) == sent


@given(st.lists(scalars, max_size=14))
def test_any_length_and_content_comes_back(fields):
    assert decode4(encode4(CustomData4(fields=tuple(fields)))).fields == tuple(fields)


def test_a_shorter_array_does_not_say_whether_it_is_muted():
    assert CustomData4(fields=("", "", "1")).muted is None


@given(st.text(max_size=100) | st.binary(max_size=100).map(lambda b: base64.b64encode(b).decode()))
def test_any_text_is_custom_data_or_bad_custom_data(text):
    for decode in (decode3, decode4):
        try:
            decode(text)
        except BadCustomData:
            continue


@pytest.mark.parametrize("content", ['{"a":1}', "[1", "null", ""])
def test_custom_data4_that_is_no_array_is_refused(content):
    with pytest.raises(BadCustomData):
        decode4(base64.b64encode(content.encode()).decode())


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("fields", "place_1"),
    [
        (("", ""), "empty"), (("", b64(bytes(4))), "number"), (("", b64(bytes(3))), ""), (("", b64(bytes(5))), ""),
        (("", "no base64!"), ""), (("", 5), ""), (("x",), ""), ((), ""), (("", None), ""),
    ],
)  # fmt: skip
def test_place_1_is_empty_or_a_number_of_four_bytes(fields, place_1):
    assert CustomData4(fields=fields).place_1 == place_1


def test_place_1_is_written_and_the_others_stay():
    number = CustomData4().with_place_1("number")
    assert number.fields == ("", b64(b"\x01\x00\x00\x00"), *CustomData4().fields[2:])
    assert number.with_place_1("empty") == CustomData4()
    assert CustomData4(fields=()).with_place_1("empty").fields == ("", "")
    assert CustomData4(fields=("a", "b", "c")).with_place_1("empty").fields == ("a", "", "c")


def test_a_member_that_says_too_little_says_nothing_of_mute_and_version():
    assert (CustomData4(fields=("",) * 5).muted, CustomData4(fields=("",) * 4).version) == (None, "")
    assert (CustomData4(fields=("",) * 6).muted, CustomData4(fields=(5,) * 6).version) == (None, "")
    assert CustomData4(fields=(1,) * 6).muted is None


def test_a_field_that_no_json_can_hold_is_refused():
    with pytest.raises(BadCustomData, match="cannot be written as JSON"):
        encode4(CustomData4(fields=(object(),)))


def test_a_field_without_an_end_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(BadCustomData):
        encode4(CustomData4(fields=(endless,)))


def test_custom_data_is_bounded_and_is_base64_to_its_end():
    most = b64(b"s\n" + b"\n" * (48 * 1024 - 2))
    assert len(most) == 64 * 1024
    assert decode3(most).session_id == "s"
    with pytest.raises(BadCustomData, match="65540 characters is over the limit of 65536"):
        decode3(most + "AAAA")
    with pytest.raises(BadCustomData, match="not base64"):
        decode3(b64(b"s\n1\n")[:4] + "!!!!" + b64(b"s\n1\n")[4:])
