"""The bridge between a real broker and a real dashboard worker, with a client that stands for Home Assistant."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from aiomqtt import Client, MqttError

from common.config.integration_tables import MqttSettings
from common.config.pages import load_keys
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from common.log import logs
from common.requests import SetMute, StartRecording
from integrations.catalogue import Around
from integrations.client.access import ApiAccess
from integrations.mqtt import broker_connection, mqtt_bridge
from integrations.mqtt.run import check, run
from tests.integrations.mqtt.broker import MOSQUITTO, PASSWORD, USER, Broker
from tests.support.waiting import until
from tests.workers.dashboard.stage import Stage, member, staged

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="there is no mosquitto here")
BO, CY = member(1), member(2)
CONFIG = "homeassistant/device/partyline/{}/config"
STATE = "partyline/member/{}/state"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    broker = Broker(tmp_path_factory.mktemp("broker"))
    yield broker
    broker.kill()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as stage:
        stage.furnish()
        stage.party(2)
        yield stage


class Home:
    """Home Assistant: it knows the last message of each topic."""

    def __init__(self) -> None:
        self.last: dict[str, bytes] = {}
        self.heard: list[str] = []
        self._client: Client | None = None

    @contextlib.asynccontextmanager
    async def connected(self, broker: Broker) -> AsyncIterator[Home]:
        async with Client("127.0.0.1", broker.port) as self._client:
            await self._client.subscribe("#", qos=1)
            listening = asyncio.create_task(self._listen())
            try:
                yield self
            finally:
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError, MqttError):  # the broker may be gone
                    await listening

    async def _listen(self) -> None:
        async for message in self._client.messages:
            self.heard.append(message.topic.value)
            self.last[message.topic.value] = message.payload

    async def says(self, topic: str, payload: str | bytes, *, retain: bool = False) -> None:
        await self._client.publish(topic, payload, qos=1, retain=retain)

    async def hears(self, topic: str, condition: Callable[[Any], object], what: str) -> None:
        def heard() -> object:
            payload = self.last.get(topic, b"")
            return payload and condition(json.loads(payload))

        await until(heard, f"{what}; last: {self.last.get(topic)}")


@contextlib.asynccontextmanager
async def bridged(stage: Stage, **settings: Any) -> AsyncIterator[list[Any]]:
    around = Around(
        find=lambda: ApiAccess(stage.origin, load_keys(stage.paths).full),
        settings=Settings(mqtt=MqttSettings(host="127.0.0.1", **settings)),
        paths=stage.paths,
    )
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(run(around))
        try:
            yield logs
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running


async def test_home_assistant_sees_and_commands_a_party(
    stage: Stage, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt_bridge, "WAITS_S", (0.1,))
    home = Home()
    async with home.connected(broker):
        old = json.dumps({"device": {"name": "partyline Olga"}})
        await home.says(CONFIG.format("555"), old, retain=True)
        await home.says(STATE.format("555"), "{}", retain=True)
        await home.says(CONFIG.format("777"), json.dumps({"device": {"name": "partyline Pete"}}), retain=True)
        await home.says("partyline/set/recording", "ON", retain=True)
        async with bridged(stage, port=broker.port, regulars=("pete",)) as logs:
            await until(lambda: home.last.get("partyline/status") == b"online", "it is online")
            await home.hears("partyline/state", lambda state: state["party"] == "Friday raid", "the party is told")
            await home.hears(CONFIG.format("party"), lambda device: "clip" in device["components"], "it is a device")
            await home.hears(CONFIG.format(BO.account_id), lambda device: device["device"]["via_device"], "so is Bo")
            await until(lambda: home.last[CONFIG.format("555")] == b"", "who is not here any more is removed")
            await until(lambda: home.last[STATE.format("555")] == b"", "with the state")
            await home.hears(STATE.format("777"), lambda state: not state["present"], "a regular stays, and is away")

            stage.speak(BO)
            await home.hears(STATE.format(BO.account_id), lambda state: state["speaking"], "Bo speaks")
            await home.hears("partyline/state", lambda state: state["loudest"] == BO.online_id, "and is the loudest")
            stage.levels((BO, CY), loud=1)
            stage.speak(BO, speaking=False)
            await home.hears("partyline/state", lambda state: state["loudest"] is None, "he ends")

            for payload in (b"\xff", b"on", b"ON" * 1000, b"{{ states('sensor.x') }}"):
                await home.says(f"partyline/member/{CY.account_id}/set/mute", payload)
            await home.says("partyline/set/leave", "PRESS")
            await home.says(f"partyline/member/{CY.account_id}/set/mute", "ON")
            await until(lambda: SetMute(peer=CY.peer, muted=True) in stage.asked, "a command arrives")
            assert [type(one).__name__ for one in stage.asked] == ["SetMute"], "and nothing else does"
            assert StartRecording() not in stage.asked, "a retained one is not carried out"
            stage.mixer((BO, CY), **{CY.peer: {"muted": True}})
            await home.hears(STATE.format(CY.account_id), lambda state: state["muted"], "the switch shows it")

            def refuse(_: Any) -> Any:
                raise PartylineError("Nothing is kept.", "Switch it on.", code="clip.off")

            stage.answers["SaveClip"] = refuse
            await home.says("partyline/set/clip", "PRESS")
            await until(lambda: any(log.get("error") == "Nothing is kept." for log in logs), "a refusal is told")

            before = home.heard.count(CONFIG.format("party"))
            await home.says("homeassistant/status", "online")
            await until(lambda: home.heard.count(CONFIG.format("party")) > before, "it is discovered again")
            stage.party(1)
            await home.hears(STATE.format(CY.account_id), lambda state: not state["present"], "Cy left")

            broker.kill()
            await until(lambda: any(log["event"] == "waits for the broker" for log in logs), "the loss is told")
            stage.party(2)
            await asyncio.to_thread(broker.start)
            async with Home().connected(broker) as again:
                await again.hears(STATE.format(CY.account_id), lambda state: state["present"], "it is there again")
                await until(lambda: again.last.get("partyline/status") == b"online", "and online")
                assert sum(log["event"] == "waits for the broker" for log in logs) == 1

                await asyncio.to_thread(stage.dashboard.kill)
                await until(lambda: again.last["partyline/status"] == b"offline", "without the API it is not")
                await asyncio.to_thread(stage.start_dashboard)
                await until(lambda: again.last["partyline/status"] == b"online", "with it, it is")
        async with Home().connected(broker) as last:
            await until(lambda: last.last.get("partyline/status") == b"offline", "it said farewell")
    assert "a retained command is not carried out" in [log["event"] for log in logs]
    assert sum(log["event"] == "a command is not carried out" for log in logs) == 5


@pytest.mark.parametrize(("more", "words"), [
    ({}, ""),
    ({"password": "planted-wrong"}, "does not let us in"),
    ({"ca_file": ""}, "certificate that is not trusted"),
    ({"tls": False}, "does not answer"),
    ({"port": 1}, "does not answer"),
])  # fmt: skip
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket")  # paho leaves one whose handshake failed
async def test_a_check_says_whether_the_broker_lets_us_in(
    broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(broker_connection, "ANSWER_S", 0.5 if words == "does not answer" else 20.0)
    settings = MqttSettings(
        host="127.0.0.1", port=broker.tls_port, tls=True, user=USER, password=PASSWORD, ca_file=str(broker.ca_file)
    )
    around = Around(
        find=lambda: ApiAccess("", ""),
        settings=Settings(mqtt=msgspec.structs.replace(settings, **more)),
        paths=Paths(tmp_path),
    )
    (found,) = await check(around)
    assert found.works is (words == "")
    assert words in found.words
    assert found.works or found.remedy
    assert "planted" not in repr(found)


def test_what_the_bridge_says_is_not_silenced_by_its_library(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    """aiomqtt sets the logger `mqtt` to warnings."""
    logs.setup("integrations", "info")
    try:
        mqtt_bridge.MqttBridge(MqttSettings(), Paths(tmp_path))._log.info("connected")
    finally:
        structlog.reset_defaults()
    assert '"integration": "mqtt"' in capsys.readouterr().err
