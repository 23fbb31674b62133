"""customMessage at the simulator: what is relayed, and what is refused."""

from __future__ import annotations

import json

import pytest

from tests.simulator.client import BO, V2, Client
from tests.simulator.messages import PHONE, PS5, captured_sdp, custom_message, payload, shape


async def _together(client: Client, bo: Client) -> str:
    await client.join()
    await bo.join()
    return f"{V2}/partySessions/{client.info.session_id}/customMessage"


async def test_an_offer_and_its_answer_are_relayed_word_for_word(client, bo, wire):
    path = await _together(client, bo)
    mine, theirs = (client.account_id, PHONE), (BO[0], PHONE)
    offer = custom_message(payload(mine, theirs), (BO[0], "MOBILE_APP"))
    assert (await client.call("POST", path, offer)).status == 204
    event = await bo.event("customMessage:noSeq:created")
    assert event["body"]["data"]["customMessage"] == {key: offer[key] for key in ("channel", "payload")}
    assert shape(event) == shape(json.loads(wire("push-custom-message.json")))
    answer = custom_message(payload(theirs, mine, kind="answer"), (client.account_id, "MOBILE_APP"))
    assert (await bo.call("POST", path, answer)).status == 204
    await client.event("customMessage:noSeq:created", accountId=BO[0])
    assert await client.violations() == []


BENT = {
    "another account's header": {"header_id": 1234567890123456789},
    "another platform's header": {"header_platform": PS5},
    "a wrong length": {"length": 1},
    "another from": {"from": {"account_id": "1", "platform": PHONE}},
    "another to": {"to": {"account_id": "1", "platform": PHONE}},
    "an unknown type": {"type": "hello"},
    "no users": {"users": []},
    "a sequence that is no number": {"sequence": "x"},
    "no SDP of ours": {"sdp": "v=0\r\n"},
    "a plain WebRTC clock": {"sdp": captured_sdp("offer").replace("opus/16000/2", "opus/48000/2")},
    "no FEC": {"sdp": captured_sdp("offer").replace(";useinbandfec=1", "")},
    "trickle": {"sdp": "\r\n".join(x for x in captured_sdp("offer").split("\r\n") if "candidate" not in x)},
    "no data channel": {"sdp": captured_sdp("offer").partition("m=application")[0]},
    "bare line ends": {"sdp": captured_sdp("offer").replace("\r\n", "\n")},
    "an answer to nothing": {"kind": "answer"},
}


@pytest.mark.parametrize("what", BENT)
async def test_a_bent_message_is_refused_in_the_real_services_words(client, bo, what):
    path = await _together(client, bo)
    text = payload((client.account_id, PHONE), (BO[0], PHONE), **BENT[what])
    answer = await client.call("POST", path, custom_message(text, (BO[0], "MOBILE_APP")))
    assert answer.status == 400
    assert (answer.body["error"]["code"], answer.body["error"]["message"]) == (2265216, "Bad Request (body: null)")
    assert len(await client.violations()) == 1


async def test_recipients_channel_and_membership_are_checked(client, bo):
    path = await _together(client, bo)
    text = payload((client.account_id, PHONE), (BO[0], PHONE))
    assert (await client.call("POST", path, custom_message(text, (BO[0], "PS5")))).status == 400
    other = custom_message(text, (BO[0], "MOBILE_APP"), channel="miranda:13")
    assert (await client.call("POST", path, other)).status == 400
    assert (await client.call("POST", path, custom_message("hello", (BO[0], "MOBILE_APP")))).status == 400
    await client.leave()
    assert (await client.call("POST", path, custom_message(text, (BO[0], "MOBILE_APP")))).status == 403


async def test_a_message_to_somebody_who_left_just_now_is_nobodys_fault(client, bo):
    path = await _together(client, bo)
    await bo.leave()
    text = payload((client.account_id, PHONE), (BO[0], PHONE))
    assert (await client.call("POST", path, custom_message(text, (BO[0], "MOBILE_APP")))).status == 400
    assert await client.violations() == []


async def test_a_message_needs_an_open_push_channel(client, bo):
    path = await _together(client, bo)
    await client.close()
    text = payload((client.account_id, PHONE), (BO[0], PHONE))
    await client.until(lambda state: state["push"][0]["accountId"] == BO[0])
    assert (await client.call("POST", path, custom_message(text, (BO[0], "MOBILE_APP")))).status == 404
