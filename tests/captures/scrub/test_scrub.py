"""Scrubbing keeps what the protocol is made of, and nothing that is not known to be harmless."""

from __future__ import annotations

import base64
import json
import struct
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from captures.scrub.draw import made_up
from captures.scrub.fakes import Fakes
from captures.scrub.runs import octets
from captures.scrub.scrubber import Scrubber
from common.psn.miranda.frames import decode_payload
from tests.captures.planted import jwt, payload, sdp, unfolded
from tests.conftest import WIRE

SAMPLES = sorted(file.name for file in WIRE.glob("*.json"))
STAY = {"dataType", "platform", "type", "method", "maxMembers", "channel", "customData4", "visibilityType", "scope"}


@pytest.fixture
def scrubber():
    return Scrubber(Fakes())


def fields(data):
    if isinstance(data, dict):
        return {key: fields(value) for key, value in data.items()}
    return [fields(item) for item in data] if isinstance(data, list) else type(data)


def values(data, key=""):
    if isinstance(data, dict):
        return [found for name, value in data.items() for found in values(value, name)]
    if isinstance(data, list):
        return [found for item in data for found in values(item, key)]
    return [data] if key in STAY else []


@pytest.mark.parametrize("name", SAMPLES)
def test_fields_types_and_protocol_values_of_every_sample_stay(name, scrubber):
    data = json.loads((WIRE / name).read_bytes())
    scrubbed = scrubber.value(data)
    assert fields(scrubbed) == fields(data)
    assert values(scrubbed) == values(data)


@pytest.mark.parametrize("name", ["p2p-offer.sdp", "p2p-answer.sdp", "bridge-offer.sdp"])
def test_the_dialect_of_every_sdp_stays_and_whom_it_names_goes(name, scrubber):
    text = (WIRE / name).read_bytes().decode()
    scrubbed = scrubber.text(text)
    lines = list(zip(text.splitlines(), scrubbed.splitlines(), strict=True))
    personal = ("o=", "c=", "m=", "a=candidate", "a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=msid:", "a=ssrc")
    assert all(new == old for old, new in lines if not old.startswith(personal))
    assert all(
        new != old for old, new in lines if old.startswith(personal) and "0.0.0.0" not in old and " 9 " not in old
    )
    assert all(new.split(" ")[2:] == old.split(" ")[2:] for old, new in lines if old.startswith("m="))


def test_a_scrubbed_frame_is_a_sound_frame_with_the_same_fields(wire, scrubber):
    real = json.loads(wire("custom-message-offer.request.json"))["payload"]
    before, after = decode_payload(real), decode_payload(scrubber.text(real))
    assert after.sender_account_id != before.sender_account_id
    assert after.sender_account_id == after.message.sender.account_id
    assert (after.counter, after.prefix, after.sender_platform) == (
        before.counter,
        before.prefix,
        before.sender_platform,
    )
    assert after.message.global_seq_num == before.message.global_seq_num
    assert "_1_CELT/40" in after.message.sdp


def test_unknown_bytes_of_a_frames_header_go(scrubber):
    body = bytearray(base64.b64decode(payload({"type": "offer"}).partition("body=")[2]))
    body[28:40] = b"hiddenhidden"
    struct.pack_into("<I", body, 8, 0xDEADBEEF)
    found = scrubber.text("ver=1.0, type=binary, body=" + base64.b64encode(body).decode())
    after = base64.b64decode(found.partition("body=")[2])
    assert b"hidden" not in after
    assert struct.pack("<I", 0xDEADBEEF) not in after


def test_names_and_types_of_a_jwts_claims_stay_and_its_values_go(scrubber):
    claims = {
        "account_id": "7318264950173826495",
        "is_child": True,
        "exp": 1795550000,
        "locale": "de-AT",
        "iss": "https://x/",
    }
    head, body, signature = scrubber.text(jwt(claims)).split(".")
    after = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert fields(after) == fields(claims)
    assert json.loads(base64.urlsafe_b64decode(head + "=="))["alg"] == "RS256"
    assert not set(map(str, after.values())) & set(map(str, claims.values()))
    assert signature != jwt(claims).split(".")[2]


def test_moments_are_moved_together(scrubber):
    after = scrubber.value({"joinTimestamp": 1771123972189, "timeStarted": 1771119628709})
    assert after["joinTimestamp"] - after["timeStarted"] == 1771123972189 - 1771119628709
    assert after["joinTimestamp"] != 1771123972189


def test_a_name_that_is_a_harmless_word_goes_from_sentences_too(scrubber):
    data = {"message": "player party not found", "onlineId": "Party"}
    scrubber.value(data)
    after = scrubber.value(data)
    assert "party" not in after["message"]
    assert after["message"].endswith("not found")


def test_what_says_something_about_a_person_does_not_stay_though_it_is_short(scrubber):
    after = scrubber.value({"isChild": True, "age": 7, "isPlusMember": True, "isHost": True, "novelWizzle": 1})
    assert after["isChild"] is False
    assert after["age"] != 7
    assert after["isPlusMember"] is False
    assert after["isHost"] is True


WRAPPERS = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "JSON": lambda text: json.dumps({"novel": [text]}),
    "JSON key": lambda text: json.dumps({text: 1}, ensure_ascii=False),
    "URL": lambda text: f"https://m.np.playstation.com/api/users/me?x={quote(text)}",
    "JWT": lambda text: jwt({"claim": text}),
    "miranda": lambda text: payload({"type": text, "sdp": text}),
    "SDP": sdp,
    "form": lambda text: f"{quote(text)}&b=2&{quote(text)}=c",
    "text": lambda text: f"hello {text}!",
}
SECRET = "Zorblaxquuxington77"


@given(st.lists(st.sampled_from(sorted(WRAPPERS)), max_size=5))
def test_no_nesting_hides_a_secret(wrappers):
    text = SECRET
    for name in wrappers:
        if len(text) < 5000:
            text = WRAPPERS[name](text)
    left = "\n".join(unfolded(Scrubber(Fakes()).text(text), 7)).casefold()
    assert SECRET.casefold() not in left


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(ANY, st.sampled_from(["", "onlineId", "joinTimestamp", "message", "customData4", "platform", "exp"]))
def test_any_json_is_scrubbed_without_a_fault(data, key):
    msgspec.json.encode(Scrubber(Fakes()).value(data, key))


@given(st.binary(max_size=200))
def test_any_bytes_are_scrubbed_without_a_fault(data):
    assert len(octets(Fakes(), data)) == len(data)


@given(st.integers(10**14, 2**64 - 1))
def test_a_made_up_id_is_marked_and_of_the_same_length(number):
    fake = Fakes().number(number)
    assert len(str(fake)) == len(str(number))
    assert made_up(str(fake))
    assert fake < 2**64


@given(st.from_regex(r"[A-Za-z0-9]{4,80}", fullmatch=True).filter(lambda text: not text.isdecimal()))
def test_a_made_up_word_is_marked_and_of_the_same_shape(text):
    fake = Fakes().token(text)
    assert made_up(fake)
    assert len(fake) == len(text)
    assert fake.casefold() != text.casefold() or len(text) < 4


def test_nesting_without_end_is_left_out():
    data = {}
    for _ in range(500):
        data = {"data": data}
    assert "data" in Scrubber(Fakes()).value(data)
    assert Scrubber(Fakes()).text("[" * 5000)
