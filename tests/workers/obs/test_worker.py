"""The obs worker as a process, beside a broker and a fake OBS: idle, set up, followed, lowered, and killed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from common.basic.clock import boot_s
from common.errors import PartylineError
from common.messages import Ducking, ObsState, PlayoutDelay, Speaking, WorkerHealth
from common.obs.judge.lowering import DEPTH_DB, FILTER
from common.requests import CheckObs, Done, RemoveFromObs, SetUpObs, TestObs, TestTone
from tests.cli.obs.fake_obs import FakeObs, fake_obs
from tests.common.psn.rig import Rig, rig
from tests.support.made import BO, CLEO, ME, health, party
from tests.support.processes import free_port, short_folder

pytestmark = pytest.mark.asyncio(loop_scope="module")
ASK_S = 30.0


class World:
    def __init__(self, made: Rig, obs: FakeObs, env: dict[str, str]) -> None:
        self.made = made
        self.obs = obs
        self.env = env

    def state(self) -> ObsState | None:
        return self.made.now(ObsState)

    async def connected(self) -> ObsState:
        found = await self.made.until(
            lambda: (now := self.state()) and now.connected and now, lambda: f"OBS is connected: {self.state()}"
        )
        assert isinstance(found, ObsState)
        return found

    def members(self, *others) -> None:
        self.made.bus.publish(party(ME, *others))

    def duck(self, *, active: bool) -> None:
        self.made.bus.publish(health("audio", beat_s=boot_s()))
        self.made.bus.publish(Ducking(active=active, at=time.time()))

    def delay(self, common_ms: int) -> None:
        self.made.bus.publish(PlayoutDelay(latency="steady", common_ms=common_ms))

    async def has_offset(self, name: str, offset_ms: int) -> None:
        def now() -> int:
            return self.obs.inputs[name]["sync"]

        await self.made.until(lambda: now() == offset_ms, lambda: f"{name} is at {offset_ms} ms: {now()}")

    def gain(self) -> float:
        return float(self.obs.filters["Game", FILTER]["filterSettings"]["db"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    with short_folder() as home:
        async with fake_obs() as obs, rig(home) as made:
            env = {"PARTYLINE_OBS__PORT": str(obs.port), "PARTYLINE_DASHBOARD__PORT": str(free_port())}
            made.up("broker")
            made.up("obs", env=env)
            yield World(made, obs, env)


async def test_it_is_idle_and_silent_before_anybody_asks(world: World):
    await world.made.until(lambda: world.made.now(WorkerHealth, "obs"), "it beats")
    await world.made.until(world.state, "it has told its state")
    assert world.state() == ObsState()
    assert world.obs.asked == []


async def test_a_look_without_a_set_up_changes_nothing(world: World):
    world.members(BO)
    state = await world.made.bus.request(CheckObs(), ASK_S)
    assert (state.connected, state.setup, state.sources) == (True, None, ())
    assert not [request for request in world.obs.asked if request.startswith(("Set", "Create", "Remove"))]
    assert world.state() == ObsState()


async def test_a_set_up_is_followed(world: World):
    world.obs.add("Game", "ffmpeg_source")
    request = SetUpObs(route="each", overlay=False, duck=True, duck_source="Game")
    changed = await world.made.bus.request(request, ASK_S)
    assert [(one.name, one.done) for one in changed.changes] == [("partyline Bo-Streams", "created")]
    assert changed.state.ducked_by == "volume"
    await world.connected()
    world.members(BO, CLEO)
    await world.made.until(lambda: "partyline Cleo_99" in world.obs.shown(), "Cleo has a source")
    world.members(CLEO)
    await world.made.until(lambda: "partyline Bo-Streams" not in world.obs.shown(), "Bo's is hidden")
    world.members(BO, CLEO)
    await world.made.until(lambda: "partyline Bo-Streams" in world.obs.shown(), "Bo's is shown again")


async def test_the_levels_of_obs_are_told_while_somebody_is_heard(world: World):
    world.obs.peaks["partyline Bo-Streams"] = 0.1

    def level() -> float:
        return next((one.peak_db for one in world.state().sources if one.name == "partyline Bo-Streams"), -120.0)

    await world.made.until(lambda: level() == -20.0, "its level is told")
    world.obs.peaks.clear()


async def test_the_game_is_lowered_while_the_party_speaks_and_comes_back(world: World):
    world.duck(active=True)
    await world.made.until(lambda: world.gain() == -DEPTH_DB, "the game is lowered")
    world.duck(active=False)
    await world.made.until(lambda: world.gain() == 0.0, "it is back")


async def test_a_kill_9_while_the_game_is_lowered_leaves_it_at_its_volume_after_the_restart(world: World):
    world.duck(active=True)
    await world.made.until(lambda: world.gain() == -DEPTH_DB, "the game is lowered")
    world.made.processes["obs"].kill()
    world.duck(active=False)
    assert world.gain() == -DEPTH_DB
    world.made.again("obs", world.env)
    await world.made.until(lambda: world.gain() == 0.0, "it is back")
    await world.connected()


async def test_a_kill_9_of_all_that_would_restart_it_gives_the_game_its_volume_back_too(world: World):
    world.duck(active=True)
    await world.made.until(lambda: world.gain() == -DEPTH_DB, "the game is lowered")
    world.made.processes["obs"].kill()
    assert world.gain() == -DEPTH_DB
    await world.made.until(lambda: world.gain() == 0.0, "it is back, though no worker runs", within_s=60)
    world.duck(active=False)
    world.made.again("obs", world.env)
    await world.connected()


async def test_an_audio_that_died_in_mid_word_lets_the_game_go(world: World):
    world.duck(active=True)
    await world.made.until(lambda: world.gain() < 0.0, "the game is lowered")
    await world.made.until(lambda: world.gain() == 0.0, "it is back, though nobody said so", within_s=30)


async def test_a_sync_offset_follows_the_common_delay_also_over_a_kill_9_and_gives_way_to_the_user(world: World):
    bo, cleo = "partyline Bo-Streams", "partyline Cleo_99"
    await world.connected()
    world.obs.inputs[bo]["sync"] = 200
    world.delay(90)
    await world.made.until(lambda: "GetInputAudioSyncOffset" in world.obs.asked, "the offsets are looked at")
    world.delay(120)
    await world.has_offset(bo, 170)
    world.made.processes["obs"].kill()
    world.delay(100)
    world.made.again("obs", world.env)
    await world.has_offset(bo, 190)
    world.obs.inputs[bo]["sync"] = 300
    world.obs.asked.clear()
    await world.obs.send("InputAudioSyncOffsetChanged", inputName=bo, inputAudioSyncOffset=300)
    await world.made.until(lambda: "GetInputAudioSyncOffset" in world.obs.asked, "the offsets are looked at")
    world.delay(160)
    await world.has_offset(bo, 240)
    assert world.obs.inputs[cleo]["sync"] == 0


async def test_the_test_tone_is_judged_by_obs_meters(world: World):
    async def tone(request: TestTone) -> Done:
        world.obs.peaks.update({"partyline Bo-Streams": 0.1, "Desktop Audio": 0.09})
        return Done(message=f"{request.seconds}")

    world.obs.add("Desktop Audio", "pulse_output_capture", {"device_id": "default"})
    world.made.bus.publish(Speaking(account_id=BO.account_id, platform=BO.platform, speaking=True, at=time.time()))
    from common.bus import Bus  # noqa: PLC0415

    audio = Bus("audio", world.made.paths.run)
    audio.serve(TestTone, tone)
    await audio.start()
    try:
        found = await world.made.bus.request(TestObs(seconds=0.5), ASK_S)
    finally:
        await audio.close()
        world.obs.peaks.clear()
    assert not found.heard
    assert [one.name for one in found.sources if one.peak_db == -20.0] == ["partyline Bo-Streams"]
    assert found.also_heard_in == ("Desktop Audio",)
    assert "partyline Cleo_99" in found.message


async def test_an_obs_that_is_closed_is_found_again(world: World):
    await world.obs.close_clients()
    await world.made.until(lambda: not world.state().connected, "it is told")
    assert world.state().problem_code == "obs.not-running"
    await world.connected()
    assert world.made.problems() == {}


async def test_a_removal_leaves_the_users_things_and_is_silent_again(world: World):
    await world.made.bus.request(RemoveFromObs(), ASK_S)
    assert set(world.obs.inputs) == {"Game", "Desktop Audio"}
    assert world.obs.filters == {}
    await world.made.until(lambda: world.state() == ObsState(), "its state is empty")


async def test_a_refused_set_up_says_why(world: World):
    with pytest.raises(PartylineError) as caught:
        await world.made.bus.request(SetUpObs(route="mix", scene="Nowhere"), ASK_S)
    assert caught.value.code == "obs.no-scene"
    assert world.state().setup is None


async def test_it_stops_in_order_also_while_the_game_is_lowered(world: World):
    await world.made.bus.request(SetUpObs(route="each", overlay=False, duck=True, duck_source="Game"), ASK_S)
    world.duck(active=True)
    await world.made.until(lambda: world.gain() == -DEPTH_DB, "the game is lowered")
    assert await asyncio.to_thread(world.made.processes["obs"].stop) == 0
    assert world.gain() == 0.0
