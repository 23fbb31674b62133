"""The discovery messages: what Home Assistant requires of them, and that they fit what is published."""

from __future__ import annotations

import re
from typing import Any

import pytest

from integrations.mqtt.control_commands import OF_A_MEMBER, OF_THE_PARTY
from integrations.mqtt.discovery import member_device, name_of, party_device
from integrations.mqtt.readings import member_state, members, party_state
from integrations.mqtt.topic_names import MqttTopics
from tests.integrations.mqtt.example import BO, in_party

TOPICS = MqttTopics("home/pl", "homeassistant")
DISCOVERY_TOPIC = re.compile(r"\w+/(?:[a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config")
"""What Home Assistant takes behind its prefix (`TOPIC_MATCHER` of its discovery.py)."""
ALL = {"party": set(OF_THE_PARTY), "member": set(OF_A_MEMBER)}
REQUIRED = {"sensor": {"state_topic"}, "binary_sensor": {"state_topic"}, "switch": {"command_topic"},
            "number": {"command_topic", "min", "max"}, "button": {"command_topic"}}  # fmt: skip


def devices(controls: dict[str, set[str]] = ALL, *, speech: bool = True) -> dict[str, dict[str, Any]]:
    return {
        "party": party_device(TOPICS, controls["party"], speech=speech),
        "member": member_device(TOPICS, BO, "Bo-Streams", controls["member"], speech=speech),
    }


def entities(device: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in device["components"].items() if len(one) > 1}


@pytest.mark.parametrize("kind", ["party", "member"])
@pytest.mark.parametrize("controls", [ALL, {"party": set(), "member": set()}])
def test_a_device_is_as_home_assistant_requires(kind: str, controls: dict[str, set[str]]) -> None:
    device = devices(controls)[kind]
    assert set(device) == {"device", "origin", "availability_topic", "components"}
    assert device["device"]["identifiers"]
    assert device["origin"]["name"]
    for name, one in entities(device).items():
        assert set(one) >= REQUIRED[one["platform"]] | {"unique_id", "name"}, name
        assert one["unique_id"].startswith("home_pl_")
    every = [one["unique_id"] for each in devices().values() for one in entities(each).values()]
    assert len(every) == len(set(every))


def test_the_topics_of_discovery_are_those_that_home_assistant_reads() -> None:
    for topic in (TOPICS.discovery, TOPICS.member_discovery(BO)):
        assert DISCOVERY_TOPIC.fullmatch(topic.removeprefix("homeassistant/")), topic
    assert TOPICS.account_of(TOPICS.member_discovery(BO)) == BO
    assert TOPICS.account_of(TOPICS.member_state(BO)) == BO
    for topic in (TOPICS.discovery, TOPICS.state, "home/pl/member/x/state", f"home/pl/member/{BO}/state/x"):
        assert TOPICS.account_of(topic) == ""


@pytest.mark.parametrize("speech", [True, False])
def test_each_entity_reads_what_is_published(speech: bool) -> None:
    topics = in_party()
    published = {
        TOPICS.state: party_state(topics, "", speech=speech),
        TOPICS.member_state(BO): member_state(members(topics)[BO], speech=speech),
    }
    for device in devices(speech=speech).values():
        for one in entities(device).values():
            for template in (text for key, text in one.items() if key.endswith("template")):
                (key,) = re.findall(r"value_json\.(\w+)", template)
                assert key in published[one["state_topic"]]
    told = {re.findall(r"value_json\.(\w+)", one["value_template"])[0] for device in devices(speech=speech).values()
            for one in entities(device).values() if "value_template" in one}  # fmt: skip
    assert told | {"problems"} == {key for message in published.values() for key in message}, "all of it is shown"


def test_what_is_not_allowed_is_no_entity_and_removed_if_it_was_one() -> None:
    found = devices({"party": {"mark"}, "member": set()}, speech=False)
    party, member = found["party"]["components"], found["member"]["components"]
    assert entities(found["party"]).keys() & set(OF_THE_PARTY) == {"mark"}
    assert party["recording"] == {"platform": "switch"}
    assert party["records"]["platform"] == "binary_sensor"
    assert party["speaking"] == member["speaking"] == {"platform": "binary_sensor"}
    assert member["gain"] == {"platform": "number"}
    assert set(party) == set(devices()["party"]["components"]), "what was there once is named for ever"
    assert set(member) == set(devices()["member"]["components"])


def test_a_number_has_the_range_of_the_request() -> None:
    party = devices()["party"]["components"]
    assert (party["gain"]["min"], party["gain"]["max"]) == (-60, 20)
    assert (party["delay"]["min"], party["delay"]["max"]) == (0, 2000)


def test_a_member_is_behind_the_party_and_found_again_by_name() -> None:
    found = devices()
    assert found["member"]["device"]["via_device"] == found["party"]["device"]["identifiers"][0]
    assert found["member"]["device"]["name"] == "home_pl Bo-Streams", "two partylines can be told apart"
    assert name_of(TOPICS, found["member"]) == "Bo-Streams"
    for odd in (None, [], "x", {}, {"device": None}, {"device": {"name": 5}}):
        assert name_of(TOPICS, odd) == ""
