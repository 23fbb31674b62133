"""Rules followed in OBS: set, told by hand, away and back, set back at the end and after a kill."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog

from common.config.tables import ObsSettings
from integrations.obs_rules.decide.engine import AS_FOUND, Decision, Wanted
from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, Target
from integrations.obs_rules.studio import session as session_module
from integrations.obs_rules.studio.found import FoundFile
from integrations.obs_rules.studio.session import ObsSession
from tests.integrations.obs_rules.studio.scene_obs import SceneObs, served
from tests.support.waiting import until

BO = Target("item", scene="Game", source="Bo")
FACE = Target("item", scene="Faces", source="Face")
FRAME = Target("filter", source="Bo", filter="Frame")
TEXT = Target("text", source="Speaker")
NOT_THERE = Target("item", scene="Game", source="Nobody")


class Wishes:
    """Rules that want what the test says."""

    def __init__(self, wanted: dict[Target, Wanted]) -> None:
        self.wanted = wanted
        self.is_over = False
        self.scenes = ("Guests",)
        self.paused: list[Target] = []
        self.chosen: list[str] = []

    def targets(self) -> dict[Target, tuple[str, ...]]:
        return {target: self.scenes if target in {PROGRAM, PREVIEW} else () for target in self.wanted}

    def decide(self, now: float) -> Decision:  # that of the protocol
        if self.is_over:
            return Decision({}, None, is_over=True)
        return Decision({target: value for target, value in self.wanted.items() if target not in self.paused}, None)

    def scene_is(self, scene: str) -> None:
        self.chosen.append(scene)

    def pause(self, slot: Target, now: float) -> float:  # that of the protocol
        self.paused.append(slot)
        return 60.0


class World:
    def __init__(self, folder: Path, obs: SceneObs, wishes: Wishes) -> None:
        self.obs = obs
        self.wishes = wishes
        self.file = folder / "obs_rules.json"
        self.changed = asyncio.Event()
        self.session = ObsSession(ObsSettings(port=obs.port), wishes, FoundFile(self.file), self.changed)
        self.task = asyncio.create_task(self.session.run())

    def want(self, **changes: Wanted) -> None:
        """Want something else of the things that are called like these constants."""
        self.wishes.wanted |= {globals()[name]: value for name, value in changes.items()}
        self.changed.set()

    async def stop(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.task

    async def see(self, condition: Callable[[], bool], what: str) -> None:
        await until(condition, what)

    async def rest(self) -> None:
        """Let everything be done that is to be done now: OBS is asked for nothing from one look to the next."""
        asked = -1

        def is_quiet() -> bool:
            nonlocal asked
            before, asked = asked, len(self.obs.asked)
            return before == asked

        await until(is_quiet, "OBS is asked for nothing more", every_s=0.05)


@asynccontextmanager
async def following(folder: Path, obs: SceneObs, wishes: Wishes) -> AsyncIterator[World]:
    world = World(folder, obs, wishes)
    try:
        yield world
    finally:
        await world.stop()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "WAITS_S", (0.05,))


@pytest.fixture
async def obs() -> AsyncIterator[SceneObs]:
    async with served(SceneObs()) as obs:
        yield obs


async def test_everything_is_set_and_set_back_at_the_end(obs: SceneObs, tmp_path: Path) -> None:
    obs.preview = "Game"
    wishes = Wishes({BO: True, FACE: False, FRAME: False, TEXT: "Bo", PROGRAM: "Guests", PREVIEW: "Guests"})
    async with following(tmp_path, obs, wishes) as world:
        await world.see(lambda: obs.scene == obs.preview == "Guests", "the scenes are switched")
        assert "Bo" in obs.shown("Game")
        assert obs.shown("Faces") == set()
        assert (obs.filters["Bo", "Frame"]["filterEnabled"], obs.text) == (False, "Bo")
        hidden, shown = (
            next(number for number, (_, data) in enumerate(obs.sets) if data.get("sceneItemEnabled") is value)
            for value in (False, True)
        )
        assert hidden < shown, "nobody sees two at a time"
    assert (obs.scene, obs.preview, obs.text) == ("Game", "Game", "before")
    assert "Bo" not in obs.shown("Game")
    assert obs.shown("Faces") == {"Face"}
    assert obs.filters["Bo", "Frame"]["filterEnabled"]
    assert FoundFile(world.file).of("Untitled") == {}


async def test_nothing_is_set_that_is_so_already(obs: SceneObs, tmp_path: Path) -> None:
    async with following(tmp_path, obs, Wishes({BO: False, TEXT: "before", PROGRAM: AS_FOUND})) as world:
        await world.see(lambda: "GetInputSettings" in obs.asked, "it looks")
        await world.rest()
    assert obs.sets == []


async def test_after_a_kill_the_next_start_knows_what_was_found(obs: SceneObs, tmp_path: Path) -> None:
    first = World(tmp_path, obs, Wishes({BO: True, TEXT: "Bo", PROGRAM: "Guests"}))
    await first.see(lambda: obs.scene == "Guests" and obs.text == "Bo", "it is set")
    memory = first.file.read_bytes()
    await first.stop()
    first.file.write_bytes(memory)  # as a kill leaves it, and OBS too
    obs.scene, obs.inputs["Speaker"]["settings"]["text"] = "Guests", "Bo"
    obs.scenes["Game"][0]["sceneItemEnabled"] = True

    async with following(tmp_path, obs, Wishes({BO: False, PROGRAM: AS_FOUND})) as world:  # a rule for TEXT is gone
        await world.see(lambda: obs.scene == "Game", "the scene comes back")
        await world.see(lambda: obs.text == "before", "what no rule sets any more is set back")
        await world.see(lambda: "Bo" not in obs.shown("Game"), "the rules hold")
    assert (obs.scene, obs.shown("Game")) == ("Game", {"Speaker"})


async def test_after_a_kill_it_is_set_back_without_partyline_too(obs: SceneObs, tmp_path: Path) -> None:
    first = World(tmp_path, obs, Wishes({BO: True}))
    await first.see(lambda: "Bo" in obs.shown("Game"), "it is shown")
    memory = first.file.read_bytes()
    await first.stop()
    first.file.write_bytes(memory)
    obs.scenes["Game"][0]["sceneItemEnabled"] = True
    wishes = Wishes({BO: True})
    wishes.is_over = True
    async with following(tmp_path, obs, wishes) as world:
        await world.see(lambda: "Bo" not in obs.shown("Game"), "it is set back")


async def test_a_scene_chosen_by_hand_after_a_kill_is_left_alone(obs: SceneObs, tmp_path: Path) -> None:
    first = World(tmp_path, obs, Wishes({PROGRAM: "Guests"}))
    await first.see(lambda: obs.scene == "Guests", "it is set")
    memory = first.file.read_bytes()
    await first.stop()
    first.file.write_bytes(memory)
    obs.scene = "Break"
    async with following(tmp_path, obs, Wishes({PROGRAM: AS_FOUND})) as world:
        await world.see(lambda: bool(world.wishes.chosen), "it has looked")
        await world.rest()
        assert world.wishes.chosen == ["Break"]
    assert obs.scene == "Break"


async def test_a_scene_chosen_by_hand_wins_and_is_the_one_to_come_back_to(obs: SceneObs, tmp_path: Path) -> None:
    with structlog.testing.capture_logs() as logs:
        async with following(tmp_path, obs, Wishes({PROGRAM: "Guests"})) as world:
            await world.see(lambda: obs.scene == "Guests", "it is set")
            await world.rest()
            assert world.wishes.paused == [], "our own change is no choice of a person's"
            await obs.choose("Break")
            await world.see(lambda: world.wishes.paused == [PROGRAM], "the rules pause")
            assert world.wishes.chosen[-1] == "Break"
            world.wishes.paused.clear()
            world.want(PROGRAM=AS_FOUND)
            await world.rest()
            assert obs.scene == "Break"
            world.want(PROGRAM="Guests")
            await world.see(lambda: obs.scene == "Guests", "the rules go on")
        assert obs.scene == "Break"
    (told,) = [one for one in logs if "by hand" in one["event"]]
    assert (told["scene"], told["seconds"]) == ("Break", 60.0)


async def test_what_obs_tells_when_studio_mode_ends_is_no_choice(obs: SceneObs, tmp_path: Path) -> None:
    async with following(tmp_path, obs, Wishes({PROGRAM: "Guests"})) as world:
        await world.see(lambda: obs.scene == "Guests", "it is set")
        await world.rest()  # OBS has told of it
        await obs.send("CurrentProgramSceneChanged", sceneName="Break")
        await obs.send("CurrentProgramSceneChanged", sceneName="Guests")
        await obs.choose("Game")
        await world.see(lambda: bool(world.wishes.paused), "a real choice counts")
        assert world.wishes.chosen == ["Game", "Game"]
        assert obs.scene == "Game", "and was not overruled meanwhile"


async def test_a_source_changed_by_hand_stays_until_something_else_is_wanted(obs: SceneObs, tmp_path: Path) -> None:
    async with following(tmp_path, obs, Wishes({BO: True})) as world:
        await world.see(lambda: "Bo" in obs.shown("Game"), "it is shown")
        obs.hide("Bo")
        world.changed.set()
        await world.rest()
        assert "Bo" not in obs.shown("Game")
        world.want(BO=False)
        await world.rest()
        world.want(BO=True)
        await world.see(lambda: "Bo" in obs.shown("Game"), "it is shown again")
        obs.scenes["Game"][0]["sceneItemEnabled"] = False
    assert "Bo" not in obs.shown("Game")


async def test_obs_is_waited_for_and_has_the_right_state_after_a_restart(tmp_path: Path) -> None:
    obs = SceneObs()
    with structlog.testing.capture_logs() as logs:
        async with following(tmp_path, obs, Wishes({BO: True})) as world:
            await world.see(lambda: any(one["event"] == "waits for OBS" for one in logs), "that it waits is told")
            async with served(obs):
                await world.see(lambda: "Bo" in obs.shown("Game"), "it is set")
                await obs.close_clients()
            obs.hide("Bo")
            async with served(obs):
                await world.see(lambda: "Bo" in obs.shown("Game"), "it is set again")
                world.want(BO=False)
                await world.see(lambda: "Bo" not in obs.shown("Game"), "and it goes on")
    assert all(one["remedy"] for one in logs if one["event"] == "waits for OBS")


async def test_what_obs_does_not_have_is_told_once_and_found_when_it_comes(obs: SceneObs, tmp_path: Path) -> None:
    wishes = Wishes({NOT_THERE: True, PREVIEW: "Guests", BO: True})
    with structlog.testing.capture_logs() as logs:
        async with following(tmp_path, obs, wishes) as world:
            await world.see(lambda: "Bo" in obs.shown("Game"), "the others are set")
            world.changed.set()
            await world.rest()
            obs.add("Nobody", "color_source", scene="Game")
            obs.hide("Nobody")
            await obs.send("SceneItemCreated", sceneName="Game", sourceName="Nobody")
            await world.see(lambda: "Nobody" in obs.shown("Game"), "it is set when it is there")
        assert "Nobody" not in obs.shown("Game")
    told = [one["what"] for one in logs if one["event"] == "a rule cannot be followed"]
    assert sorted(told) == ["the preview scene", "“Nobody” in “Game”"]


async def test_another_scene_collection_is_looked_at_anew(obs: SceneObs, tmp_path: Path) -> None:
    async with following(tmp_path, obs, Wishes({BO: True})) as world:
        await world.see(lambda: "Bo" in obs.shown("Game"), "it is set")
        await obs.send("CurrentSceneCollectionChanging", sceneCollectionName="Untitled")
        obs.collection = "Other"
        obs.hide("Bo")
        asked = len(obs.asked)
        await obs.send("SceneItemCreated", sceneName="Game", sourceName="Bo")
        await world.rest()
        assert len(obs.asked) == asked, "what is found while OBS loads belongs to neither"
        await obs.send("CurrentSceneCollectionChanged", sceneCollectionName="Other")
        await world.see(lambda: "Bo" in obs.shown("Game"), "it is set there too")
    assert "Bo" not in obs.shown("Game")
    assert list(FoundFile(world.file).of("Untitled")) == [BO], "the first one is set back when it is loaded again"


async def test_when_partyline_is_gone_everything_is_set_back(obs: SceneObs, tmp_path: Path) -> None:
    async with following(tmp_path, obs, Wishes({BO: True, PROGRAM: "Guests"})) as world:
        await world.see(lambda: obs.scene == "Guests", "it is set")
        world.wishes.is_over = True
        world.changed.set()
        await world.see(lambda: obs.scene == "Game" and "Bo" not in obs.shown("Game"), "it is set back")
        await obs.choose("Break")
        # told as a choice, or found when everything is looked at anew, whichever comes first
        await world.see(lambda: world.wishes.chosen[-1] == "Break", "the choice by hand is seen")
        world.wishes.paused.clear()
        world.wishes.is_over = False
        world.changed.set()
        await world.see(lambda: obs.scene == "Guests", "and set again")
    assert obs.scene == "Break"


async def test_rules_that_are_gone_are_set_back(obs: SceneObs, tmp_path: Path) -> None:
    async with following(tmp_path, obs, Wishes({BO: True, TEXT: "Bo"})) as world:
        await world.see(lambda: obs.text == "Bo", "it is set")
        world.wishes.wanted = {TEXT: "Bo"}
        world.session.open_again()
        await world.see(lambda: "Bo" not in obs.shown("Game"), "its source is as it was")
        assert obs.text == "Bo"
    assert obs.text == "before"
