"""All that the broker should hold, made from the API's topics. No I/O, and the caller passes the time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from common.config.integration_tables import MqttSettings
from integrations.mqtt import control_commands, discovery, readings
from integrations.mqtt.control_commands import OF_A_MEMBER, OF_THE_PARTY, ApiCommand
from integrations.mqtt.loudest import LoudestTalker
from integrations.mqtt.member_roster import MemberRoster
from integrations.mqtt.topic_names import MqttTopics

ONLINE, OFFLINE = b"online", b"offline"
_DeviceKey = tuple[str, str, frozenset[str]]
"""Account (empty for the party), name, controls."""


class PartyPicture:
    """The party as MQTT has it."""

    def __init__(self, settings: MqttSettings, may: Callable[[str], bool]) -> None:
        """`may` tells whether the API key allows a request."""
        self.topics = MqttTopics.of(settings)
        self._settings = settings
        self._may = may
        self._state: Mapping[str, Any] | None = None
        self._roster = MemberRoster(settings.regulars)
        self._loudest = LoudestTalker()
        self._devices: dict[_DeviceKey, bytes] = {}

    @property
    def known(self) -> bool:
        return self._state is not None

    def set_state(self, topics: Mapping[str, Any] | None) -> None:
        """Take the API's topics, which change in place, or None while nothing is known."""
        self._state = topics

    def levels(self, levels: Mapping[str, Any]) -> None:
        self._loudest.levels(levels["talkers"])

    def loudest_changed(self, now: float) -> bool:
        """Return whether another one is the loudest now."""
        before = self._loudest.peer
        return self._loudest.choose(readings.speaking_peers(self._state or {}), now) != before

    def adopt(self, topic: str, payload: bytes) -> None:
        """Take what an earlier run left on the broker: regulars stay known by it."""
        account = self.topics.account_of(topic)
        if not account or topic != self.topics.member_discovery(account):
            return
        try:
            name = discovery.name_of(self.topics, msgspec.json.decode(payload))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        self._roster.adopt(account, name)

    def wanted(self, now: float) -> dict[str, bytes]:
        """Return topic → payload of all retained messages. Only while something is known."""
        state = self._state or {}
        speech = self._settings.speech
        members = readings.members(state)
        self._roster.update({account: one.name for account, one in members.items()}, now)
        loudest = self._loudest.choose(readings.speaking_peers(state), now)
        party_controls, member_controls = self._allowed()
        names = self._roster.names
        states: dict[str, Any] = {
            self.topics.member_state(account): readings.member_state(members.get(account), speech=speech)
            for account in names
        }
        states[self.topics.state] = readings.party_state(state, loudest, speech=speech)
        return {
            self.topics.status: ONLINE,
            **self._devices_of(names, party_controls, member_controls),
            **{topic: msgspec.json.encode(one) for topic, one in states.items()},
        }

    def _devices_of(
        self, names: Mapping[str, str], party_controls: frozenset[str], member_controls: frozenset[str]
    ) -> dict[str, bytes]:
        """Return topic → discovery message. They seldom change, and states do many times a second."""
        before, self._devices = self._devices, {}
        topics, speech = self.topics, self._settings.speech
        key: _DeviceKey = ("", "", party_controls)
        self._devices[key] = before.get(key) or msgspec.json.encode(
            discovery.party_device(topics, party_controls, speech=speech)
        )
        found = {topics.discovery: self._devices[key]}
        for account, name in names.items():
            key = (account, name, member_controls)
            self._devices[key] = before.get(key) or msgspec.json.encode(
                discovery.member_device(topics, account, name, member_controls, speech=speech)
            )
            found[topics.member_discovery(account)] = self._devices[key]
        return found

    def next_change(self) -> float | None:
        """Return when `wanted` changes by itself, None for no such time."""
        return self._roster.next_removal()

    def command(self, topic: str, payload: bytes) -> ApiCommand:
        """Return what a command means. Raises `CommandRefusedError`."""
        party_controls, member_controls = self._allowed()
        return control_commands.parse(
            topic, payload, topics=self.topics, members=readings.members(self._state or {}),
            party_controls=party_controls, member_controls=member_controls,
        )  # fmt: skip

    def _allowed(self) -> tuple[frozenset[str], frozenset[str]]:
        right = self._settings.allow
        return (
            control_commands.allowed(right, self._may, OF_THE_PARTY),
            control_commands.allowed(right, self._may, OF_A_MEMBER),
        )
