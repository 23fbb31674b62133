"""The sync offsets of our sources in a fake OBS follow the party's common delay."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from common.obs.change.sync_offsets import MOST_KEPT, keep_in_step
from common.obs.connection import ObsConnection, connect
from common.obs.memory import ObsMemoryFile
from tests.cli.obs.fake_obs import FakeObs, fake_obs

Place = tuple[FakeObs, ObsConnection, ObsMemoryFile]


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with fake_obs() as obs, connect(obs.settings) as there:
        obs.add("a", "browser_source")
        obs.add("b", "browser_source")
        obs.inputs["a"]["sync"] = 200
        yield obs, there, ObsMemoryFile(tmp_path / "obs.json", must=True)


async def test_only_what_has_an_offset_is_moved_and_nothing_is_set_without_need(place: Place) -> None:
    obs, there, memory = place
    await keep_in_step(there, memory, ["a", "b"], 90)
    await keep_in_step(there, memory, ["a", "b"], 120)
    await keep_in_step(there, memory, ["a", "b"], 120)
    assert (obs.inputs["a"]["sync"], obs.inputs["b"]["sync"]) == (170, 0)
    assert obs.asked.count("SetInputAudioSyncOffset") == 1


async def test_what_the_user_set_between_two_looks_belongs_to_the_delay_of_the_first(place: Place) -> None:
    obs, there, memory = place
    await keep_in_step(there, memory, ["a"], 90)
    obs.inputs["a"]["sync"] = 300
    await keep_in_step(there, memory, ["a"], 110)
    assert obs.inputs["a"]["sync"] == 280


class KilledError(Exception):
    pass


class Dying:
    """OBS for a worker that is killed when it has set an offset, or just before."""

    def __init__(self, there: ObsConnection, *, has_set: bool) -> None:
        self._there, self._has_set = there, has_set

    async def find(self, name: str, **fields: Any) -> Any:
        if name != "SetInputAudioSyncOffset":
            return await self._there.find(name, **fields)
        if self._has_set:
            await self._there.find(name, **fields)
        raise KilledError


@pytest.mark.parametrize("has_set", [True, False])
async def test_whoever_is_killed_on_the_way_knows_its_own_offset_though_the_delay_is_another_by_then(
    place: Place, has_set: bool
) -> None:
    obs, there, memory = place
    await keep_in_step(there, memory, ["a"], 90)
    with pytest.raises(KilledError):
        await keep_in_step(cast(ObsConnection, Dying(there, has_set=has_set)), memory, ["a"], 120)
    assert obs.inputs["a"]["sync"] == (170 if has_set else 200)
    again = ObsMemoryFile(memory._file, must=True)
    await keep_in_step(there, again, ["a"], 100)
    assert obs.inputs["a"]["sync"] == 190
    obs.inputs["a"]["sync"] = 200  # by the user
    await keep_in_step(there, again, ["a"], 100)
    assert obs.inputs["a"]["sync"] == 200


async def test_a_source_that_is_gone_is_remembered_and_followed_when_it_is_back(place: Place) -> None:
    obs, there, memory = place
    await keep_in_step(there, memory, ["a"], 90)
    obs.drop("a")
    await keep_in_step(there, memory, ["a"], 120)
    obs.add("a", "browser_source")
    obs.inputs["a"]["sync"] = 200  # as it was when it was removed
    await keep_in_step(there, memory, ["a"], 120)
    assert obs.inputs["a"]["sync"] == 170


async def test_no_more_sources_are_remembered_than_are_of_use(place: Place) -> None:
    obs, there, memory = place
    names = [f"s{number}" for number in range(MOST_KEPT + 5)]
    for name in names:
        obs.add(name, "browser_source")
        await keep_in_step(there, memory, [name], 90)
    assert list(memory.now.sync) == names[-MOST_KEPT:]
