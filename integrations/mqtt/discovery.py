"""Home Assistant's discovery: the party as a device, and each member as one behind it. No I/O.

The format is that of device-based discovery (Home Assistant 2024.11 and later): one retained message describes a device
with all its entities, and an empty one removes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from common.basic.version import version
from integrations.mqtt.control_commands import OF_A_MEMBER, OF_THE_PARTY, PRESS, MqttControl
from integrations.mqtt.topic_names import MqttTopics

ORIGIN = "partyline"


def party_device(topics: MqttTopics, controls: Collection[str], *, speech: bool) -> dict[str, Any]:
    """Return the discovery message of the party. `controls` are the names of those that are allowed."""
    entities = {
        "party": _entity("sensor", "Party", "party", icon="mdi:account-group"),
        "members": _entity("sensor", "Members", "members", icon="mdi:account-multiple", state_class="measurement"),
        "recording_time": _entity(
            "sensor", "Recording time", "recording_s", device_class="duration", unit_of_measurement="s"
        ),
        "following": _entity("sensor", "Following", "following", icon="mdi:account-arrow-right"),
        "in_party": _binary("In a party", "in_party", icon="mdi:account-voice"),
        "problem": _binary(
            "Problem", "problem", device_class="problem", entity_category="diagnostic",
            json_attributes_topic=topics.state,
            json_attributes_template="{{ {'problems': value_json.problems} | tojson }}",
        ),
    }  # fmt: skip
    if speech:
        entities["loudest"] = _entity("sensor", "Loudest", "loudest", icon="mdi:account-voice")
        entities["speaking"] = _binary("Somebody speaks", "speaking", device_class="sound")
    if "recording" not in controls:
        entities["records"] = _binary("Recording", "recording", icon="mdi:record-rec")
    words = {
        "recording": ("Recording", "recording", {"icon": "mdi:record-rec"}),
        "mark": ("Mark", "", {"icon": "mdi:flag"}),
        "clip": ("Clip", "", {"icon": "mdi:content-save"}),
        "gain": ("Gain", "gain_db", {"unit_of_measurement": "dB", "icon": "mdi:volume-high"}),
        "delay": ("Delay", "delay_ms", {"unit_of_measurement": "ms", "icon": "mdi:timer-outline"}),
        "leave": ("Leave the party", "", {"icon": "mdi:exit-run"}),
    }
    for name in OF_THE_PARTY:
        if name in controls:
            title, value, more = words[name]
            entities[name] = _control(OF_THE_PARTY[name], title, value, topics.command(name), **more)
    gone = {"loudest": "sensor", "speaking": "binary_sensor", "records": "binary_sensor", **_platforms(OF_THE_PARTY)}
    device = {"identifiers": [topics.node], "name": topics.node, "manufacturer": ORIGIN, "sw_version": version()}
    return _device(topics, device, _removed(gone) | entities, topics.node, topics.state)


def member_device(
    topics: MqttTopics, account: str, name: str, controls: Collection[str], *, speech: bool
) -> dict[str, Any]:
    """Return the discovery message of one member."""
    entities = {
        "present": _binary("Present", "present", device_class="presence"),
        "connected": _binary("Connected", "connected", device_class="connectivity", entity_category="diagnostic"),
    }
    if speech:
        entities["speaking"] = _binary("Speaking", "speaking", device_class="sound")
    words = {
        "mute": ("Mute", "muted", {"icon": "mdi:volume-off"}),
        "gain": ("Gain", "gain_db", {"unit_of_measurement": "dB", "icon": "mdi:volume-high"}),
    }
    for control in OF_A_MEMBER:
        if control in controls:
            title, value, more = words[control]
            command = topics.member_command(account, control)
            entities[control] = _control(OF_A_MEMBER[control], title, value, command, **more)
    gone = {"speaking": "binary_sensor", **_platforms(OF_A_MEMBER)}
    node = f"{topics.node}_{account}"
    device = {"identifiers": [node], "name": f"{topics.node} {name}", "manufacturer": ORIGIN, "via_device": topics.node}
    return _device(topics, device, _removed(gone) | entities, node, topics.member_state(account))


def name_of(topics: MqttTopics, message: Any) -> str:
    """Return the member's name in a discovery message of ours, empty if it is none."""
    device = message.get("device") if isinstance(message, dict) else None
    name = device.get("name") if isinstance(device, dict) else None
    return name.removeprefix(f"{topics.node} ") if isinstance(name, str) else ""


def _platforms(controls: Mapping[str, MqttControl]) -> dict[str, str]:
    return {name: control.kind for name, control in controls.items()}


def _removed(platforms: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return what removes entities, should Home Assistant have them of other settings."""
    return {name: {"platform": platform} for name, platform in platforms.items()}


def _device(
    topics: MqttTopics, device: dict[str, Any], entities: dict[str, dict[str, Any]], node: str, state: str
) -> dict[str, Any]:
    return {
        "device": device,
        "origin": {"name": ORIGIN, "sw_version": version()},
        "availability_topic": topics.status,
        "components": {
            name: {**entity, "unique_id": f"{node}_{name}", **_state_topic(entity, state)}
            if len(entity) > 1
            else entity
            for name, entity in entities.items()
        },
    }


def _state_topic(entity: Mapping[str, Any], state: str) -> dict[str, str]:
    return {} if entity["platform"] == "button" else {"state_topic": state}


def _entity(platform: str, name: str, value: str, **more: Any) -> dict[str, Any]:
    return {"platform": platform, "name": name, "value_template": f"{{{{ value_json.{value} }}}}", **more}


def _binary(name: str, value: str, **more: Any) -> dict[str, Any]:
    return {**_entity("binary_sensor", name, value, **more), "value_template": _on_off(value)}


def _on_off(value: str) -> str:
    return f"{{{{ 'ON' if value_json.{value} else 'OFF' }}}}"


def _control(control: MqttControl, name: str, value: str, command: str, **more: Any) -> dict[str, Any]:
    match control.kind:
        case "button":
            return {"platform": "button", "name": name, "command_topic": command, "payload_press": PRESS, **more}
        case "switch":
            return {
                **_entity("switch", name, value, **more), "value_template": _on_off(value), "command_topic": command,
            }  # fmt: skip
        case "number":
            bounds = control.bounds
            assert bounds is not None
            return {
                **_entity("number", name, value, **more), "command_topic": command, "mode": "slider",
                "min": bounds.least, "max": bounds.most, "step": 0.5 if bounds.most < 100 else 10,
            }  # fmt: skip
