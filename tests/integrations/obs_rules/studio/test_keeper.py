"""What is read of OBS while somebody switches scenes."""

from __future__ import annotations

from pathlib import Path

import pytest
import structlog

from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, Target
from integrations.obs_rules.studio.found import FoundFile
from integrations.obs_rules.studio.keeper import SceneKeeper


class Studio:
    """OBS, in which somebody switches scenes right after the program scene was read."""

    def __init__(self) -> None:
        self.scene = "Game"
        self.keeper: SceneKeeper | None = None
        self.told: list[bool] = []

    async def collection(self) -> str:
        return "Untitled"

    async def get(self, target: Target) -> bool | str:
        read = self.scene
        if self.keeper is not None and target == PROGRAM:
            self.scene = "Break"
            self.told.append(self.keeper.tell(PROGRAM, "Break"))
            self.keeper = None
        return read

    async def set(self, target: Target, value: bool | str) -> None:
        raise AssertionError(f"{target} is set to {value}")


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def keeper(studio: Studio, tmp_path: Path) -> SceneKeeper:
    return SceneKeeper(studio, FoundFile(tmp_path / "found.json"), structlog.get_logger("obs_rules"))


async def test_a_scene_chosen_while_all_is_read_is_looked_for_anew(studio: Studio, keeper: SceneKeeper) -> None:
    studio.keeper = keeper
    await keeper.open({PROGRAM: ("Guests",)})
    assert (studio.told, keeper.program) == ([False], "Game"), "what was read is older than what was told"
    await keeper.open({PROGRAM: ("Guests",)})
    assert keeper.program == "Break"


async def test_a_scene_that_no_rule_chooses_is_no_reason_to_look_anew(keeper: SceneKeeper) -> None:
    await keeper.open({PROGRAM: ("Guests",)})
    assert keeper.tell(PREVIEW, "Break")
    assert keeper.tell(PROGRAM, "Break")
