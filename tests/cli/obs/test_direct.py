"""`partyline obs` without a pipeline, by the same engine and in the same words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cli.obs import obs as command
from cli.obs.direct import check_once, remove_once, set_up_once
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import ObsRemark, ObsSetup, ObsSource, ObsState
from common.obs.judge.lowering import DEPTH_DB, FILTER, GAIN
from common.obs.memory import MadeFilter, ObsMemoryFile
from tests.cli.obs.fake_obs import FakeObs, fake_obs
from tests.support.processes import free_port


@pytest.fixture
async def obs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeObs]:
    async with fake_obs() as made:
        monkeypatch.setenv("PARTYLINE_HOME", str(tmp_path))
        monkeypatch.setenv("PARTYLINE_OBS__PORT", str(made.port))
        monkeypatch.setenv("PARTYLINE_DASHBOARD__PORT", str(free_port()))
        yield made


async def test_a_set_up_is_seen_and_taken_out_again(obs: FakeObs, tmp_path: Path):
    paths = Paths(tmp_path)
    changed = await set_up_once(paths, ObsSetup(route="mix"))
    assert {one.name: one.done for one in changed.changes} == {
        "partyline voices": "created",
        "partyline overlay": "created",
    }
    obs.peaks["partyline voices"] = 0.1
    state = await check_once(paths)
    assert [one.peak_db for one in state.sources if one.carries == "mix"] == [-20.0]
    assert state.setup == ObsSetup(route="mix")
    assert [one.name for one in (await remove_once(paths)).changes] == ["partyline voices", "partyline overlay"]
    assert obs.inputs == {}
    assert ObsMemoryFile(paths.state / "obs.json").now.setup is None


async def test_members_are_unknown_without_a_pipeline(obs: FakeObs, tmp_path: Path):
    with pytest.raises(PartylineError, match="pipeline is not running"):
        await set_up_once(Paths(tmp_path), ObsSetup(route="each"))
    assert obs.inputs == {}


async def test_a_game_that_was_left_lowered_by_a_killed_pipeline_gets_its_volume_back(obs: FakeObs, tmp_path: Path):
    paths = Paths(tmp_path)
    paths.make()
    obs.add("Game", "ffmpeg_source")
    obs._create_source_filter(
        {"sourceName": "Game", "filterName": FILTER, "filterKind": GAIN, "filterSettings": {"db": -DEPTH_DB}}
    )
    ObsMemoryFile(paths.state / "obs.json").change(filters=(MadeFilter("Game", FILTER),))
    await check_once(paths)
    assert obs.filters["Game", FILTER]["filterSettings"]["db"] == 0.0


def test_the_fields_of_earlier_versions_are_in_the_json():
    remarks = (ObsRemark(code="monitored", message="is monitored", remedy="Switch it off."),)
    source = ObsSource(name="partyline voices", carries="mix", scenes=("Game",), remarks=remarks)
    plain = command._plain(ObsState(version="30.2", sources=(source,)))
    [standing] = plain["standings"]
    assert (standing["source"], standing["monitored"], standing["outdated"]) == (
        {"name": "partyline voices", "kind": "browser_source"},
        True,
        False,
    )
    assert standing["remarks"] == ["is monitored. Switch it off."]
    assert plain["obs_version"] == plain["state"]["version"] == "30.2"


def test_an_obs_that_is_not_there_is_told_by_the_command_as_by_the_worker(capsys, monkeypatch):
    state = ObsState(problem_code="obs.password", problem="OBS refused the password.", remedy="Copy it.")

    async def check() -> ObsState:
        return state

    monkeypatch.setattr(command, "_check", check)
    with pytest.raises(PartylineError, match="refused the password") as caught:
        command.show(type("Arguments", (), {"json": False}))
    assert (caught.value.code, caught.value.remedy) == ("obs.password", "Copy it.")
