"""The whole integration as a process beside a real dashboard: a speaker is shown, and a kill -9 leaves no trace."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from common.config.tables import ObsSettings, Settings
from common.errors import PartylineError
from common.files.paths import Paths
from integrations import catalogue
from integrations.catalogue import Around
from integrations.client.access import ApiAccess
from integrations.obs_rules.rules.rule_file import read
from integrations.obs_rules.run import check, run
from integrations.obs_rules.studio.compare import lacking
from tests.integrations.obs_rules.studio.scene_obs import SceneObs, served
from tests.support.processes import free_port, running
from tests.support.waiting import until
from tests.workers.dashboard.stage import member, staged

BO = member(1)
SETTINGS = msgspec.structs.replace(Settings(), obs=ObsSettings(port=free_port()))
RULES = f"""
[[rule]]
who = "{BO.online_id}"
show = {{ scene = "Game", source = "Bo" }}
text = {{ source = "Speaker" }}
scene = "Guests"
attack_s = 0.0
hold_s = 0.2
minimum_s = 0.0
"""


async def test_a_speaker_is_shown_and_a_kill_leaves_nothing_behind() -> None:
    async with served(SceneObs()) as obs:
        await asyncio.to_thread(_play, obs, asyncio.get_running_loop())


def _play(obs: SceneObs, loop: asyncio.AbstractEventLoop) -> None:
    def see(condition: str, holds: object) -> None:
        asyncio.run_coroutine_threadsafe(until(holds, condition), loop).result()  # type: ignore[arg-type]

    with staged() as stage, running() as start:
        stage.furnish()
        stage.party(2)
        file = stage.paths.settings_file.parent / "obs-rules.toml"
        file.write_text(RULES)
        env = {
            "PARTYLINE_INTEGRATIONS__RUN": "obs_rules", "PARTYLINE_OBS__PORT": str(obs.port),
            "PARTYLINE_DASHBOARD__PORT": str(stage.settings.port),
        }  # fmt: skip
        first = start("integrations", stage.paths.home, env, "--managed")
        see("his rule is followed at rest", lambda: obs.text == "")
        stage.speak(BO)
        see("he is shown", lambda: obs.scene == "Guests" and "Bo" in obs.shown("Game") and obs.text == BO.online_id)
        stage.speak(BO, speaking=False)
        see("he is hidden again", lambda: obs.scene == "Game" and "Bo" not in obs.shown("Game"))
        stage.speak(BO)
        see("he is shown", lambda: obs.scene == "Guests" and "Bo" in obs.shown("Game") and obs.text == BO.online_id)
        first.kill()
        stage.speak(BO, speaking=False)
        assert obs.scene == "Guests"
        file.write_text(RULES.replace('text = { source = "Speaker" }', ""))
        second = start("integrations", stage.paths.home, env, "--managed")
        see("all is as it was", lambda: obs.scene == "Game" and "Bo" not in obs.shown("Game") and obs.text == "before")
        stage.speak(BO)
        see("he is shown", lambda: obs.scene == "Guests" and "Bo" in obs.shown("Game"))
        assert second.stop() == 0
        assert (obs.scene, obs.shown("Game")) == ("Game", {"Speaker"})


@pytest.fixture
def around(tmp_path: Path) -> Around:
    return Around(find=lambda: ApiAccess("http://here", "k"), settings=SETTINGS, paths=Paths(tmp_path))


async def test_what_obs_does_not_have_is_told() -> None:
    rules = read(
        '[[rule]]\nwho = "Bo"\nscene = "Guests"\npreview = "Gests"\nshow = [{ scene = "Game", source = "Bo" }, '
        '{ scene = "Game", source = "Boo" }]\n[scenes]\nwhen_on = ["Game", "Gaming"]\n', "f",
    )  # fmt: skip
    async with served(SceneObs()) as obs:
        assert await lacking(obs.settings, rules) == [
            "OBS does not have “Boo” in “Game”.", "OBS has no scene “Gaming”.", "OBS has no scene “Gests”.",
        ]  # fmt: skip
        assert obs.sets == []


async def test_without_a_rule_file_it_says_how_to_begin(around: Around) -> None:
    with pytest.raises(PartylineError, match="no rule file") as missing:
        await run(around)
    assert "--example" in missing.value.remedy


async def test_the_example_becomes_rules_in_words(around: Around, tmp_path: Path) -> None:
    (tmp_path / "obs-rules.toml").write_text(catalogue.load_example("obs_rules"))
    lines = [part.words for part in await check(around)]
    assert lines[0] == f"{tmp_path / 'obs-rules.toml'}:"
    assert len(lines) == 11
    assert lines[-1].startswith("The names were not compared with OBS. OBS does not answer")
    assert catalogue.load_check("obs_rules") is check
