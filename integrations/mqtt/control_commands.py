"""What may be commanded by MQTT, and what a command's payload means. No I/O.

Whoever can write to the broker can send anything: a payload is taken only if it is exactly what it has to be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from common.api.rights import NEEDED, Right, allows
from common.basic.values import DelayMs, GainDb, Range, range_of
from integrations.mqtt.readings import MemberReading
from integrations.mqtt.topic_names import MqttTopics

LONGEST_PAYLOAD = 14
"""That of a number."""
PRESS = "PRESS"
ON, OFF = "ON", "OFF"
_NEEDED = {cls.__name__: right for cls, right in NEEDED.items()}
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(\.[0-9]{1,6})?")


@dataclass(frozen=True)
class MqttControl:
    """One thing that can be commanded."""

    name: str
    requests: tuple[str, ...]
    """All that it makes, which the key has to allow."""
    kind: Literal["switch", "number", "button"]
    bounds: Range | None = None


GAIN, DELAY = range_of(GainDb), range_of(DelayMs)
OF_THE_PARTY: Mapping[str, MqttControl] = {
    one.name: one
    for one in (
        MqttControl("recording", ("StartRecording", "StopRecording"), "switch"),
        MqttControl("mark", ("MarkRecording",), "button"),
        MqttControl("clip", ("SaveClip",), "button"),
        MqttControl("gain", ("SetMaster",), "number", GAIN),
        MqttControl("delay", ("SetMaster",), "number", DELAY),
        MqttControl("leave", ("LeaveParty",), "button"),
    )
}
OF_A_MEMBER: Mapping[str, MqttControl] = {
    one.name: one
    for one in (MqttControl("mute", ("SetMute",), "switch"), MqttControl("gain", ("SetGain",), "number", GAIN))
}


@dataclass(frozen=True)
class ApiCommand:
    """The requests to the API that a command means."""

    request: str
    fields: tuple[Mapping[str, Any], ...]
    """Those of each request."""


class CommandRefusedError(Exception):
    """A command that is not carried out. Its words hold nothing of the payload."""


def allowed(right: Right, may: Callable[[str], bool], of: Mapping[str, MqttControl]) -> frozenset[str]:
    """Return the controls that the setting `right` and the key allow."""
    return frozenset(
        name for name, control in of.items() if all(_offered(right, one) and may(one) for one in control.requests)
    )


def _offered(right: Right, request: str) -> bool:
    return allows(right, _NEEDED[request])


def parse(  # noqa: PLR0913  # all that decides
    topic: str,
    payload: bytes,
    *,
    topics: MqttTopics,
    members: Mapping[str, MemberReading],
    party_controls: Collection[str],
    member_controls: Collection[str],
) -> ApiCommand:
    """Return what a message on a command topic means. Raises `CommandRefusedError`."""
    for name in OF_THE_PARTY:
        if topic == topics.command(name):
            return _of_the_party(name, _value(_known(name, OF_THE_PARTY, party_controls), payload))
    for account, member in members.items():
        for name in OF_A_MEMBER:
            if topic == topics.member_command(account, name):
                return _of_a_member(member, name, _value(_known(name, OF_A_MEMBER, member_controls), payload))
    raise CommandRefusedError("There is no such control, or that member is not here.")


def _known(name: str, of: Mapping[str, MqttControl], controls: Collection[str]) -> MqttControl:
    if name not in controls:
        raise CommandRefusedError(f"The setting `[mqtt] allow`, or the API key, does not allow the control “{name}”.")
    return of[name]


def _value(control: MqttControl, payload: bytes) -> Any:
    """Return the payload as a switch's bool or a number, None for a button. Raises `CommandRefusedError`."""
    try:
        text = payload.decode("ascii") if len(payload) <= LONGEST_PAYLOAD else ""
    except UnicodeDecodeError:
        text = ""
    if control.kind == "switch" and text in (ON, OFF):
        return text == ON
    if control.kind == "button" and text == PRESS:
        return None
    if control.kind == "number" and _NUMBER.fullmatch(text) and control.bounds is not None:
        if float(text) in control.bounds:
            return float(text)
        raise CommandRefusedError(f"The control “{control.name}” takes numbers from {control.bounds}.")
    wanted = {"switch": f"{ON} or {OFF}", "button": PRESS, "number": f"numbers from {control.bounds}"}[control.kind]
    raise CommandRefusedError(f"The control “{control.name}” takes {wanted} only.")


def _of_the_party(name: str, value: Any) -> ApiCommand:
    match name:
        case "recording":
            return ApiCommand("StartRecording" if value else "StopRecording", ({},))
        case "mark":
            return ApiCommand("MarkRecording", ({},))
        case "clip":
            return ApiCommand("SaveClip", ({},))
        case "leave":
            return ApiCommand("LeaveParty", ({},))
        case _:
            return ApiCommand("SetMaster", ({{"gain": "gain_db", "delay": "delay_ms"}[name]: value},))


def _of_a_member(member: MemberReading, name: str, value: Any) -> ApiCommand:
    request, field = {"mute": ("SetMute", "muted"), "gain": ("SetGain", "gain_db")}[name]
    return ApiCommand(request, tuple({"peer": peer, field: value} for peer in member.peers))
