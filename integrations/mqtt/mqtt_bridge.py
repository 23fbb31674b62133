"""Keeps a broker's retained messages true to the party, and carries commands to the API."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Mapping
from typing import Any

import structlog
from aiomqtt import Client, Message, MqttError

from common.config.integration_tables import MqttSettings
from common.errors import PartylineError
from common.files.paths import Paths
from integrations.client.api_client import ApiClient
from integrations.client.together import together
from integrations.mqtt import broker_connection
from integrations.mqtt.broker_connection import COMMAND_QOS, QOS, BrokerAwayError
from integrations.mqtt.control_commands import ApiCommand, CommandRefusedError
from integrations.mqtt.party_picture import OFFLINE, ONLINE, PartyPicture
from integrations.mqtt.retained_messages import RetainedMessages

WAITS_S = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Waits between two tries to reach the broker, the last one for all further ones, each up to half as long again. Chosen
so that a broker that restarts with Home Assistant is found soon, and one that is gone costs little."""
PACE_S = 0.05
"""Least time between two rounds of messages: changes that come together are sent together."""
FAREWELL_S = 2.0


class MqttBridge:
    """A listener of the API, and a client of the broker. Call `run` beside the API client's."""

    def __init__(self, settings: MqttSettings, paths: Paths) -> None:
        self._settings, self._paths = settings, paths
        self._api: ApiClient | None = None
        self._picture = PartyPicture(settings, lambda request: self._api is not None and self._api.may(request))
        self._retained = RetainedMessages()
        self._news = asyncio.Event()
        self._commands: dict[str, ApiCommand] = {}
        """By topic, the latest of each: there are never more than there are controls."""
        self._commanded = asyncio.Event()
        self._log = structlog.get_logger("integrations.mqtt").bind(integration="mqtt")  # aiomqtt's own is called "mqtt"

    # --- the API's listener --------------------------------------------------------------------------

    def on_state(self, topics: Mapping[str, Any]) -> None:
        self._picture.set_state(topics)
        self._news.set()

    def on_event(self, topic: str, message: Any) -> None:
        if self._api is not None:  # it may have come back without a new state
            self._picture.set_state(self._api.topics)
        if topic != "audio.levels/":
            self._news.set()
        elif message is not None:
            self._picture.levels(message)
            if self._picture.loudest_changed(self._now()):
                self._news.set()

    def on_lost(self) -> None:
        self._picture.set_state(None)
        self._news.set()

    # --- the broker's client -------------------------------------------------------------------------

    async def run(self, api: ApiClient) -> None:
        """Run until cancelled. A broker that is away is told of once. Raises `PartylineError` if it refuses us."""
        self._api = api
        tries = 0
        while True:
            try:
                async with broker_connection.client(self._settings, self._paths.home) as mqtt:
                    self._log.info("connected", host=self._settings.host)
                    tries = 0
                    await self._serve(mqtt)
            except MqttError as error:
                told = broker_connection.in_words(error, self._settings)
                if not isinstance(told, BrokerAwayError):
                    raise told from error
                if not tries:
                    self._log.warning("waits for the broker", error=told.message, remedy=told.remedy)
            await asyncio.sleep(WAITS_S[min(tries, len(WAITS_S) - 1)] * random.uniform(1.0, 1.5))  # noqa: S311  # no secret
            tries += 1

    async def _serve(self, mqtt: Client) -> None:
        """Serve one connection until it is lost."""
        self._retained = RetainedMessages()
        topics = self._picture.topics
        for topic in (*topics.retained, topics.status, topics.birth):
            await mqtt.subscribe(topic, qos=QOS)
        for topic in topics.commands:
            await mqtt.subscribe(topic, qos=COMMAND_QOS)
        try:
            await together(self._receive(mqtt), self._publish(mqtt), self._carry_out())
        except asyncio.CancelledError:
            with contextlib.suppress(MqttError, TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await mqtt.publish(topics.status, OFFLINE, qos=QOS, retain=True)
            raise

    async def _publish(self, mqtt: Client) -> None:
        status = self._picture.topics.status
        while True:
            self._news.clear()
            if self._picture.known:
                changes = self._retained.changes(self._picture.wanted(self._now()))
            else:
                changes = self._retained.change(status, OFFLINE)
            for topic, payload in changes:
                await mqtt.publish(topic, payload, qos=QOS, retain=True)
                self._retained.sent(topic, payload)
            await asyncio.sleep(PACE_S)
            end = self._picture.next_change()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if end is None else max(0.0, end - self._now())):
                    await self._news.wait()

    async def _receive(self, mqtt: Client) -> None:
        async for message in mqtt.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            self._take(message, message.topic.value, payload)

    def _take(self, message: Message, topic: str, payload: bytes) -> None:
        topics = self._picture.topics
        if topic == topics.birth:
            if payload == ONLINE:
                self._retained.send_again()
                self._news.set()
        elif topic == topics.status:
            self._retained.changed_by_others(topic, payload)
            self._news.set()
        elif any(map(message.topic.matches, topics.commands)):
            self._take_command(topic, payload, old=message.retain)
        elif message.retain:
            self._picture.adopt(topic, payload)
            self._retained.found(topic, payload)
            self._news.set()

    # --- commands ------------------------------------------------------------------------------------

    def _take_command(self, topic: str, payload: bytes, *, old: bool) -> None:
        if old:
            self._log.warning("a retained command is not carried out", remedy="Send commands without `retain`.")
            return
        try:
            self._commands[topic] = self._picture.command(topic, payload)
        except CommandRefusedError as error:
            self._log.warning("a command is not carried out", error=str(error))
            return
        self._commanded.set()

    async def _carry_out(self) -> None:
        self._commands.clear()
        while True:
            await self._commanded.wait()
            self._commanded.clear()
            while self._commands:
                await self._ask(self._commands.pop(next(iter(self._commands))))

    async def _ask(self, command: ApiCommand) -> None:
        assert self._api is not None
        for fields in command.fields:
            try:
                await self._api.ask(command.request, **fields)
            except PartylineError as error:
                self._log.warning("a command failed", request=command.request, error=error.message, remedy=error.remedy)
            else:
                self._log.info("carried out", request=command.request)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
