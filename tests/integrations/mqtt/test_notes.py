"""The page about MQTT: its settings can be used, and its examples name entities that there are."""

from __future__ import annotations

import re
from typing import Any

import yaml

from common.config.integration_tables import MqttSettings
from common.config.settings import of_text
from common.files.paths import CHECKOUT
from integrations.mqtt.control_commands import OF_A_MEMBER, OF_THE_PARTY
from integrations.mqtt.discovery import member_device, party_device
from integrations.mqtt.readings import member_state, party_state
from integrations.mqtt.topic_names import MqttTopics
from tests.integrations.mqtt.example import BO

NOTES = (CHECKOUT / "notes/integrations/mqtt.md").read_text("utf-8")
TOPICS = MqttTopics("partyline", "homeassistant")
DEVICES = (
    party_device(TOPICS, frozenset(OF_THE_PARTY), speech=True),
    member_device(TOPICS, BO, "Bo-Streams", frozenset(OF_A_MEMBER), speech=True),
)


def entities() -> dict[str, str]:
    """Return the entity ids that Home Assistant makes, by device and entity, each with its name."""
    return {
        f"{one['platform']}.{slug(device['device']['name'])}_{slug(one['name'])}": one["name"]
        for device in DEVICES
        for one in device["components"].values()
        if "name" in one
    }


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower())


def test_the_settings_of_the_page_can_be_used_and_all_are_told() -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", NOTES, re.DOTALL)
    assert of_text(text, "the page").integrations.run == ("mqtt",)
    told = {name for row in NOTES.splitlines() if row.startswith("| `") for name in re.findall(r"`(\w+)`", row)}
    assert set(MqttSettings.__struct_fields__) <= told


def test_the_examples_name_entities_that_there_are() -> None:
    examples = [yaml.safe_load(text) for text in re.findall(r"```yaml\n(.*?)```", NOTES, re.DOTALL)]
    assert len(examples) == 2
    named = set(re.findall(r"\b[a-z_]+\.partyline_\w+", NOTES))
    assert len(named) > 8
    assert named <= set(entities())
    assert set(examples[1]["entities"]) <= named


def test_every_entity_and_field_is_told() -> None:
    for name in entities().values():
        assert f"*{name}*" in NOTES, name
    fields: dict[str, Any] = {**party_state({}, "", speech=True), **member_state(None, speech=True)}
    for field in fields:
        assert f'"{field}"' in NOTES, field
