"""The bridge as a whole: real datagrams, a real dashboard worker, and workers that the test plays."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog

from common.api.frames import Subscribe
from common.config.integration_tables import OscSettings
from common.config.pages import load_keys
from common.config.tables import Settings
from common.errors import PartyError, PartylineError
from common.messages import Recording
from common.requests import MarkRecording, SetGain, SetMaster, SetMute, StartRecording
from integrations.catalogue import Around
from integrations.client import api_client
from integrations.client.access import ApiAccess
from integrations.osc import run as bridge
from integrations.osc.desk import LEVELS
from tests.integrations.osc.controller import Controller, controller
from tests.support.waiting import until
from tests.workers.dashboard.stage import Stage, member, staged

BO, CLEO = member(1), member(2)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with staged() as stage:
        stage.furnish()
        stage.party(2)
        yield stage


def free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def bridged(stage: Stage, **settings: Any) -> AsyncIterator[int]:
    """Yield the port of a bridge that runs."""
    port = settings.pop("port", 0) or free_udp_port()
    around = Around(
        find=lambda: ApiAccess(stage.origin, load_keys(stage.paths).full),
        settings=Settings(osc=OscSettings(port=port, **settings)),
        paths=stage.paths,
    )
    running = asyncio.create_task(bridge.run(around))
    try:
        yield port
        assert not running.done(), running.exception()
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def shows(surface: Controller, **wanted: Any) -> None:
    """Wait until a controller shows this. It asks for the state until it has some: a datagram may come too early."""

    def is_so() -> bool:
        if "connected" not in surface.shown:
            surface.send("refresh")
        return all(surface.shown.get(address.replace("__", "/")) == value for address, value in wanted.items())

    await until(is_so, f"it shows {wanted}; it shows {surface.shown}")


async def test_a_controller_sees_the_party_and_moves_a_fader(stage: Stage) -> None:
    async with bridged(stage) as port, controller(port) as surface:
        await shows(surface, connected=1, talker__1__name=BO.online_id, talker__2__name=CLEO.online_id, party__count=2)
        await shows(surface, talker__1__fader=0.75, talker__1__connected=1, talker__3__name="")
        surface.send("talker/1/fader", 0.5)
        await asyncio.to_thread(stage.await_asked, SetGain(peer=BO.peer, gain_db=-20.0))
        surface.send(f"name/{CLEO.online_id}/mute", 1.0)
        await asyncio.to_thread(stage.await_asked, SetMute(peer=CLEO.peer, muted=True))
        surface.send("/partyline/*/[12]/mute", True)
        await asyncio.to_thread(stage.await_asked, SetMute(peer=BO.peer, muted=True))
        surface.send_bundle(("master/delay", 120), ("record/start",), ("record/mark", "goal"))
        for wanted in (SetMaster(delay_ms=120.0), StartRecording(), MarkRecording(text="goal")):
            await asyncio.to_thread(stage.await_asked, wanted)
        stage.speak(BO)
        await shows(surface, talker__1__speaking=1)
        stage.levels((BO, CLEO), loud=0)
        await until(lambda: surface.shown.get("talker/1/level", 0) > 0.7, "the level is shown")
        stage.publish("recorder", Recording(state="recording", seconds=61.0))
        await shows(surface, record=1, record__time="1:01")
        surface.send("ping")
        await until(lambda: "pong" in surface.shown, "the ping is answered")


async def test_the_state_is_sent_in_few_bundles_or_in_plain_messages(stage: Stage) -> None:
    async with bridged(stage) as port, controller(port) as surface:
        await shows(surface, connected=1)
        await until(lambda: "talker/16/name" in surface.shown, "all is sent")
        assert surface.datagrams < 20
    async with bridged(stage, bundles=False) as port, controller(port) as surface:
        await shows(surface, connected=1)
        await until(lambda: "talker/16/name" in surface.shown, "all is sent")
        assert surface.datagrams > 100


async def test_a_refusal_is_told_to_who_asked_and_the_switch_is_set_back(stage: Stage) -> None:
    def refuse(_: Any) -> Any:
        raise PartyError("The disk is full.", "Make room.", code="recorder.disk")

    stage.publish("recorder", Recording(state="idle"))
    async with bridged(stage) as port, controller(port) as surface, controller(port) as other:
        await shows(surface, record=0)
        await shows(other, record=0)
        stage.answers["StartRecording"] = refuse
        before = len(surface.of("record"))
        try:
            surface.send("record", 1)
            await until(lambda: surface.shown.get("error") == "The disk is full. Make room.", "the refusal is told")
        finally:
            del stage.answers["StartRecording"]
        await until(lambda: surface.of("record")[before:] == [0], "the button is set back, once")
        surface.send("talker/1/fader", "loud")
        await until(lambda: "no number" in surface.shown["error"], "a wrong value is told")
        assert "error" not in other.shown


async def test_targets_of_the_settings_and_a_port_of_ones_own(stage: Stage) -> None:
    async with controller(1) as fixed, controller(1) as named:
        async with bridged(stage, targets=(f"127.0.0.1:{fixed.port}",), levels_per_s=0) as port:
            await until(
                lambda: fixed.shown.get("connected") == 1, "the target is sent the state without a word from it"
            )
            async with controller(port) as surface:
                surface.send("register", named.port)
                await until(lambda: named.shown.get("party/count") == 2, "the state goes to the port that was named")
                surface.send("unregister")
                stage.levels((BO, CLEO))
                stage.speak(CLEO)
                await until(lambda: fixed.shown.get("talker/2/speaking") == 1, "the target is sent changes")
                assert "talker/2/speaking" not in [address for address, value in named.history if value == 1]
                assert surface.shown == {}
            assert fixed.of("talker/1/level") == [0.0] * len(fixed.of("talker/1/level"))
        stage.speak(CLEO, speaking=False)


async def test_strangers_and_nonsense_are_told_once_and_change_nothing(stage: Stage) -> None:
    asked = len(stage.asked)
    with structlog.testing.capture_logs() as logs:
        async with bridged(stage, allow=("10.0.0.1",)) as port, controller(port) as stranger:
            for _ in range(500):
                stranger.send("talker/1/mute", 1)
            await until(lambda: any("not allowed" in one["event"] for one in logs), "the stranger is told of")
            assert stranger.shown == {}
        async with bridged(stage) as port, controller(port) as surface:
            await shows(surface, connected=1)
            for junk in (b"", b"x" * 60000, b"#bundle\0" + bytes(8) + b"\xff\xff\xff\xfc", b"/a\0\0,i\0\0", b"\0" * 16):
                surface.raw(junk)
            surface.send("/1/fader1", 0.5)
            surface.send("/1/fader1", 0.6)
            surface.send("ping")
            await until(lambda: "pong" in surface.shown, "it goes on")
    assert len(stage.asked) == asked
    told = [one["event"] for one in logs]
    assert told.count("somebody who is not allowed sends OSC") == 1
    assert told.count("what this host sends is no OSC") == 1
    assert told.count("there is no such address") == 1


async def test_a_port_that_is_taken_is_said_with_a_remedy(stage: Stage) -> None:
    async with bridged(stage) as port, controller(port) as surface:
        await shows(surface, connected=1)
        around = Around(find=lambda: None, settings=Settings(osc=OscSettings(port=port)), paths=stage.paths)
        with pytest.raises(PartylineError) as refused:
            await bridge.run(around)
    assert str(port) in refused.value.message
    assert "[osc] port" in refused.value.remedy


async def test_when_the_dashboard_goes_away_it_is_said_and_comes_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_client, "WAITS_S", (0.1,))
    stage.speak(BO)
    async with bridged(stage) as port, controller(port) as surface:
        await shows(surface, connected=1, talker__1__speaking=1)
        await asyncio.to_thread(stage.dashboard.kill)
        await shows(surface, connected=0, talker__1__speaking=0)
        surface.send("talker/1/mute", 1)
        await until(lambda: "not connected" in surface.shown.get("error", ""), "it is said that nothing was done")
        await asyncio.to_thread(stage.start_dashboard)
        await shows(surface, connected=1, talker__1__speaking=1)


async def test_levels_are_subscribed_to_while_somebody_is_sent_them(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    subscribe = api_client.ApiClient.subscribe

    async def noted(self: Any, wanted: Subscribe) -> None:
        asked.append(LEVELS in wanted.topics)
        await subscribe(self, wanted)

    monkeypatch.setattr(api_client.ApiClient, "subscribe", noted)
    monkeypatch.setattr(bridge, "LOOK_S", 0.02)
    async with bridged(stage) as port, controller(port) as surface:
        await shows(surface, connected=1)
        await until(lambda: asked == [True], "levels are asked for")
        surface.send("unregister")
        await until(lambda: asked == [True, False], "they are not any more")
    async with bridged(stage, levels_per_s=0) as port, controller(port) as surface:
        await shows(surface, connected=1)
    assert asked == [True, False]
