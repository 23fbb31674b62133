from __future__ import annotations

import base64
import json
import struct

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.psn.miranda import frames as miranda
from common.psn.miranda.frames import (
    BadMiranda,
    MessageEnd,
    MirandaFrame,
    decode_body,
    decode_payload,
    encode_body,
    encode_payload,
)

ADA = MessageEnd(account_id="1234567890123456789", platform=100001)
BO = MessageEnd(account_id="3456789012345678901", platform=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)
parties = st.builds(
    MessageEnd,
    account_id=st.integers(0, 2**64 - 1).map(str),
    platform=st.integers(0, 2**32 - 1),
)
known = {"from", "to", "type", "sdp", "sdp_sequence_number", "global_seq_num", "medias", "users"}
messages = st.builds(
    miranda.MirandaMessage,
    sender=parties,
    recipient=st.none() | parties,
    kind=st.sampled_from(["offer", "answer", "sdp_updated", "user_table_updated"]),
    sdp=st.text(st.characters(codec="utf-8"), max_size=200),
    sdp_sequence_number=st.integers(1, 10**6).map(str),
    global_seq_num=st.integers(0, 2**63 - 1),
    medias=st.lists(JSON, max_size=2),
    users=st.lists(JSON, max_size=2),
    extra=st.dictionaries(st.text(st.characters(codec="utf-8")).filter(lambda key: key not in known), JSON, max_size=3),
)
frames = st.builds(
    MirandaFrame,
    sender_account_id=st.integers(0, 2**64 - 1).map(str),
    sender_platform=st.integers(0, 2**32 - 1),
    message=messages,
    counter=st.integers(0, 2**32 - 1),
    prefix=st.sampled_from([miranda.PREFIX, miranda.PREFIX_2020]),
    version=st.sampled_from([miranda.VERSION, miranda.VERSION_2020]),
    reserved_4=st.integers(0, 2**32 - 1),
    reserved_12=st.integers(0, 2**32 - 1),
    reserved_28=st.binary(min_size=12, max_size=12),
)


def offer_payload(wire) -> str:
    return json.loads(wire("custom-message-offer.request.json"))["payload"]


def answer_payload(wire) -> str:
    return json.loads(wire("push-custom-message.json"))["body"]["data"]["customMessage"]["payload"]


def body_with(rest: bytes, *, length: int | None = None) -> bytes:
    header = struct.pack(
        "<4sIIIQI12sI", miranda.VERSION, 0, 1, 0, 7, 5, bytes(12), len(rest) if length is None else length
    )
    return header + rest


@pytest.mark.parametrize("sample", [offer_payload, answer_payload])
def test_a_captured_payload_is_written_again_byte_for_byte(wire, sample):
    payload = sample(wire)
    assert encode_payload(decode_payload(payload)) == payload


def test_a_captured_offer_says_what_its_json_says(wire):
    frame = decode_payload(offer_payload(wire))
    told = json.loads(wire("miranda-offer.json"))
    assert (frame.sender_account_id, frame.sender_platform, frame.counter) == (ADA.account_id, ADA.platform, 1)
    assert (frame.message.sender, frame.message.recipient) == (ADA, BO)
    assert frame.message.kind == "offer"
    assert frame.message.sdp.encode() == wire("p2p-offer.sdp")
    assert json.loads(miranda.encode_message(frame.message)) == told


def test_our_own_offer_is_the_captured_one(wire):
    sdp = wire("p2p-offer.sdp").decode()
    ours = miranda.frame(miranda.message("offer", ADA, BO, sdp, 1, 58))
    assert encode_payload(ours) == offer_payload(wire)


@given(frames)
def test_every_frame_comes_back_as_it_was(frame):
    assert decode_payload(encode_payload(frame)) == frame


@given(st.binary(max_size=400))
def test_any_bytes_are_a_frame_or_a_bad_one(body):
    with pytest.raises(BadMiranda):
        decode_body(body)


@given(st.binary(max_size=200))
def test_any_json_bytes_in_a_sound_header_are_a_frame_or_a_bad_one(rest):
    try:
        frame = decode_body(body_with(b"1/1/1\n{" + rest))
    except BadMiranda:
        return
    assert decode_body(encode_body(frame)) == frame


@given(
    st.text(max_size=300)
    | st.binary(max_size=300).map(lambda b: "ver=1.0, type=binary, body=" + base64.b64encode(b).decode())
)
def test_any_text_is_a_payload_or_a_bad_one(payload):
    with pytest.raises(BadMiranda):
        decode_payload(payload)


@given(frames, st.data())
def test_a_cut_frame_is_a_bad_one(frame, data):
    body = encode_body(frame)
    with pytest.raises(BadMiranda):
        decode_body(body[: data.draw(st.integers(0, len(body) - 1))])


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ("", "is not 'ver="),
        ("ver=1.0, type=text, body=AAAA", "of type 'text'"),
        ("ver=1.0, type=binary, body=AAA*", "is not 'ver="),
        ("ver=1.0, type=binary, body=AAAAA", "no base64"),
        ("ver=1.0, type=binary, body=AAAA", "too short: 3 bytes"),
        ("ver=1.0, type=binary, body=" + "A" * miranda.MAX_PAYLOAD_CHARS, "over the limit"),
    ],
)
def test_a_bad_payload_is_told_by_what_is_wrong_with_it(payload, words):
    with pytest.raises(BadMiranda, match=words.replace("(", r"\(")) as caught:
        decode_payload(payload)
    assert caught.value.code == "psn.bad-miranda"
    assert caught.value.remedy


SOUND = b'1/1/1\n{"from":{"account_id":"7","platform":5},"type":"offer"}'


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (body_with(SOUND, length=9), "length field says 9, but 61 bytes follow"),
        (b"\x02" + body_with(SOUND)[1:], "begins with 02 00 00 00"),
        (body_with(b"1/1/1\n"), "no JSON"),
        (body_with(b"hello{}"), "before its JSON"),
        (body_with(b"1/1/1\n{"), "cannot be read"),
        (body_with(b"1/1/1\n{}"), "has no type"),
        (body_with(b'1/1/1\n{"type":"offer"}'), "who it is from"),
        (body_with(b'1/1/1\n{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"), "nested|cannot be read"),
    ],
)
def test_a_bad_body_is_told_by_what_is_wrong_with_it(body, words):
    with pytest.raises(BadMiranda, match=words):
        decode_body(body)


def test_the_variants_of_2020_are_understood():
    rest = SOUND.replace(b"1/1/1", b"2/1/1").replace(b"offer", b"user_table_updated")
    body = b"\x01\x00\x00\x01" + body_with(rest)[4:]
    frame = decode_body(body)
    assert frame.message.kind == "user_table_updated"
    assert encode_body(frame)[:44] != b""
    assert decode_body(encode_body(frame)) == frame


def test_account_ids_may_be_numbers_and_unknown_keys_stay():
    rest = b'1/1/1\n{"from":{"account_id":12345678901234567890,"platform":5},"novel":[1],"type":"offer"}'
    frame = decode_body(body_with(rest))
    assert frame.message.sender.account_id == "12345678901234567890"
    assert frame.message.extra == {"novel": [1]}


@pytest.mark.parametrize("account_id", ["", "abc", "-1", str(2**64), "٣"])
def test_an_account_id_that_is_none_is_not_written(account_id):
    frame = miranda.frame(miranda.message("offer", MessageEnd(account_id=account_id, platform=5), BO, "v=0", 1, 1))
    with pytest.raises(BadMiranda):
        encode_payload(frame)


def made(**more) -> MirandaFrame:
    return miranda.frame(miranda.message("offer", ADA, BO, "v=0", 1, 1), **more)


def test_a_payload_may_be_as_long_as_the_limit():
    payload = encode_payload(made())
    padded = payload + " " * (miranda.MAX_PAYLOAD_CHARS - len(payload))
    assert decode_payload(padded).sender_account_id == ADA.account_id
    with pytest.raises(BadMiranda, match="over the limit"):
        decode_payload(padded + " ")


def test_json_must_have_a_line_before_it():
    body = struct.pack("<4sIIIQI12sI", miranda.VERSION, 0, 1, 0, 1, 5, bytes(12), 2) + b"{}"
    with pytest.raises(BadMiranda, match="before its JSON"):
        decode_body(body)
    with pytest.raises(BadMiranda, match=r"no JSON in it: b'x{24}'"):
        decode_body(struct.pack("<4sIIIQI12sI", miranda.VERSION, 0, 1, 0, 1, 5, bytes(12), 40) + b"x" * 40)


@pytest.mark.parametrize("text", [b"[]", b"5", b"null", b'"offer"'])
def test_json_that_is_no_object_is_refused(text):
    with pytest.raises(BadMiranda):
        miranda.decode_message(text)


@pytest.mark.parametrize(("levels", "read"), [(32, True), (33, False)])
def test_json_is_read_to_a_depth(levels, read):
    inner = b"[" * (levels - 1) + b"1" + b"]" * (levels - 1)
    text = b'{"from": {"account_id": "1"}, "type": "offer", "x": %s}' % inner
    if read:
        assert "x" in miranda.decode_message(text).extra
    else:
        with pytest.raises(BadMiranda, match="nested deeper"):
            miranda.decode_message(text)


def test_a_message_without_a_number_has_0():
    assert miranda.decode_message(b'{"from": {"account_id": "1"}, "type": "offer"}').global_seq_num == 0
    assert miranda.MirandaMessage(sender=ADA, kind="offer").global_seq_num == 0


@pytest.mark.parametrize("name", ["counter", "sender_platform"])
def test_a_number_in_the_header_fits_32_bits(name):
    for value in (0, 2**32 - 1):
        frame = msgspec.structs.replace(made(), **{name: value})
        assert getattr(decode_body(encode_body(frame)), name) == value
    for value in (-1, 2**32):
        with pytest.raises(BadMiranda, match="must fit 32 bits"):
            encode_body(msgspec.structs.replace(made(), **{name: value}))


@pytest.mark.parametrize("value", [object(), lambda: None])
def test_what_no_json_can_hold_is_not_written(value):
    with pytest.raises(BadMiranda, match="cannot be written as JSON"):
        miranda.encode_message(miranda.MirandaMessage(sender=ADA, kind="offer", extra={"x": value}))


def test_what_has_no_end_is_not_written():
    endless = []
    endless.append(endless)
    with pytest.raises(BadMiranda, match="cannot be written as JSON"):
        miranda.encode_message(miranda.MirandaMessage(sender=ADA, kind="offer", medias=endless))


def test_what_is_wrong_is_quoted_in_part():
    with pytest.raises(BadMiranda, match=rf"<base64>': '{'x' * 40}'\.$"):
        decode_payload("x" * 60)
    with pytest.raises(BadMiranda, match=rf"decimal number: '{'x' * 24}'\.$"):
        encode_body(msgspec.structs.replace(made(), sender_account_id="x" * 30))
