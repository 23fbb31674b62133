"""Commands by MQTT: what each means, and that nothing else is taken."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.api.keys import KeyGrant
from common.api.rights import Right
from integrations.mqtt.control_commands import (
    OF_A_MEMBER,
    OF_THE_PARTY,
    ApiCommand,
    CommandRefusedError,
    allowed,
    parse,
)
from integrations.mqtt.readings import members
from integrations.mqtt.topic_names import MqttTopics
from tests.integrations.mqtt.example import BO, CY, in_party, member

TOPICS = MqttTopics("home/pl", "homeassistant")
HERE = members(in_party(member(BO, "Bo"), member(BO, "Bo", "PS4"), member(CY, "Cy")))


def command(topic: str, payload: bytes, party: Any = OF_THE_PARTY, members_: Any = OF_A_MEMBER) -> ApiCommand:
    return parse(topic, payload, topics=TOPICS, members=HERE, party_controls=party, member_controls=members_)


@pytest.mark.parametrize(("topic", "payload", "request_", "fields"), [
    ("home/pl/set/recording", b"ON", "StartRecording", {}),
    ("home/pl/set/recording", b"OFF", "StopRecording", {}),
    ("home/pl/set/mark", b"PRESS", "MarkRecording", {}),
    ("home/pl/set/clip", b"PRESS", "SaveClip", {}),
    ("home/pl/set/leave", b"PRESS", "LeaveParty", {}),
    ("home/pl/set/gain", b"-4.5", "SetMaster", {"gain_db": -4.5}),
    ("home/pl/set/delay", b"120", "SetMaster", {"delay_ms": 120.0}),
    ("home/pl/set/delay", b"+000120.500000", "SetMaster", {"delay_ms": 120.5}),
    (f"home/pl/member/{CY}/set/mute", b"ON", "SetMute", {"peer": f"{CY}.PS5", "muted": True}),
    (f"home/pl/member/{CY}/set/gain", b"+20", "SetGain", {"peer": f"{CY}.PS5", "gain_db": 20.0}),
])  # fmt: skip
def test_what_a_command_means(topic: str, payload: bytes, request_: str, fields: dict[str, Any]) -> None:
    assert command(topic, payload) == ApiCommand(request_, (fields,))


def test_a_member_on_two_consoles_is_muted_on_both() -> None:
    assert command(f"home/pl/member/{BO}/set/mute", b"OFF").fields == (
        {"peer": f"{BO}.PS5", "muted": False}, {"peer": f"{BO}.PS4", "muted": False},
    )  # fmt: skip


@pytest.mark.parametrize(("topic", "payload"), [
    ("home/pl/set/recording", b"on"), ("home/pl/set/recording", b""), ("home/pl/set/recording", b"ON" * 10_000),
    ("home/pl/set/mark", b"ON"), ("home/pl/set/clip", b"PRESS\x00"), ("home/pl/set/clip", b"\xff\xfe"),
    ("home/pl/set/gain", b"nan"), ("home/pl/set/gain", b"inf"), ("home/pl/set/gain", b"1e999"),
    ("home/pl/set/gain", b"20.1"), ("home/pl/set/gain", b"-60.5"), ("home/pl/set/gain", b"9" * 5000),
    ("home/pl/set/gain", b'{"gain_db": 1}'), ("home/pl/set/gain", "٣".encode()), ("home/pl/set/gain", b"1_0"),
    ("home/pl/set/delay", b"-1"), ("home/pl/set/delay", b"2001"), ("home/pl/set/delay", b" 1"),
    ("home/pl/set/gain", b"1\n"),
    ("home/pl/set/volume", b"1"), ("home/pl/set", b"1"), ("other/set/gain", b"1"),
    ("home/pl/member/9999/set/mute", b"ON"), (f"home/pl/member/{BO}/set/solo", b"ON"),
    (f"home/pl/member/{BO}/state", b"ON"), (f"home/pl/member/{BO}/set/gain", b"-61"),
])  # fmt: skip
def test_anything_else_is_refused_in_words_without_the_payload(topic: str, payload: bytes) -> None:
    with pytest.raises(CommandRefusedError) as refused:
        command(topic, payload)
    assert str(refused.value).endswith(".")
    assert len(str(refused.value)) < 120


@given(st.binary(max_size=60), st.sampled_from([*OF_THE_PARTY, "x"]))
def test_no_payload_does_more_than_raise_a_refusal(payload: bytes, name: str) -> None:
    try:
        found = command(f"home/pl/set/{name}", payload)
    except CommandRefusedError:
        return
    assert payload in (b"ON", b"OFF", b"PRESS") or float(payload) in found.fields[0].values()


def may(right: Right, *also: str) -> Any:
    return KeyGrant(key_id="", name="", right=right, also=also).may


@pytest.mark.parametrize(("allow", "key", "party"), [
    ("read", "admin", set()),
    ("control", "admin", {"recording", "mark", "clip", "gain", "delay"}),
    ("control", "read", set()),
    ("admin", "control", {"recording", "mark", "clip", "gain", "delay"}),
    ("admin", "admin", {"recording", "mark", "clip", "gain", "delay", "leave"}),
])  # fmt: skip
def test_the_setting_and_the_key_both_have_to_allow_a_control(allow: Right, key: Right, party: set[str]) -> None:
    assert allowed(allow, may(key), OF_THE_PARTY) == party
    assert allowed(allow, may(key), OF_A_MEMBER) == ({"mute", "gain"} if party else set())


def test_a_key_may_allow_one_request_besides() -> None:
    assert allowed("control", may("read", "SetMute"), OF_A_MEMBER) == {"mute"}
    assert allowed("control", may("read", "StartRecording"), OF_THE_PARTY) == set(), "a switch needs both"
    assert "leave" in allowed("admin", may("control", "LeaveParty"), OF_THE_PARTY)


def test_what_is_not_allowed_is_refused() -> None:
    with pytest.raises(CommandRefusedError, match="does not allow"):
        command("home/pl/set/leave", b"PRESS", party={"mark"})
    with pytest.raises(CommandRefusedError, match="does not allow"):
        command(f"home/pl/member/{BO}/set/mute", b"ON", members_=())
