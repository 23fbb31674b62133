"""Runs the bridge to MQTT, and tries the broker out."""

from __future__ import annotations

from aiomqtt import MqttError

from common.api.frames import Subscribe
from integrations.catalogue import Around, CheckedPart
from integrations.client.api_client import ApiClient
from integrations.client.together import together
from integrations.mqtt import broker_connection
from integrations.mqtt.mqtt_bridge import MqttBridge
from integrations.mqtt.readings import TOPICS


async def run(around: Around) -> None:
    """Run until cancelled."""
    bridge = MqttBridge(around.settings.mqtt, around.paths)
    api = ApiClient(around.find, Subscribe(id=0, topics=TOPICS), bridge)
    await together(api.run(), bridge.run(api))


async def check(around: Around, only: str = "") -> list[CheckedPart]:
    """Connect to the broker once. Nothing is published."""
    del only  # there is one
    settings = around.settings.mqtt
    try:
        async with broker_connection.client(settings, around.paths.home):
            return [CheckedPart(settings.host, "The broker lets us in.")]
    except MqttError as error:
        told = broker_connection.in_words(error, settings)
        return [CheckedPart(settings.host, told.message, told.remedy, works=False)]
