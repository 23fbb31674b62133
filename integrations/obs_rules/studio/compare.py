"""Compares the names in the rules with what OBS has, for `partyline integration obs_rules --check`."""

from __future__ import annotations

from common.config.tables import ObsSettings
from common.obs.connection import ObsRefusedError, connect
from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, RuleSet
from integrations.obs_rules.studio.obs_scenes import ObsScenes


async def lacking(settings: ObsSettings, rules: RuleSet) -> list[str]:
    """Return what the rules name and OBS does not have. Nothing is changed there. Raises `ObsError`."""
    found: list[str] = []
    async with connect(settings) as obs:
        scenes = ObsScenes(obs)
        names = {str(one["sceneName"]) for one in (await obs.call("GetSceneList"))["scenes"]}
        wanted = set(rules.scenes.when_on)
        for target, ours in rules.targets().items():
            if target in {PROGRAM, PREVIEW}:
                wanted |= set(ours)
                continue
            try:
                await scenes.get(target)
            except ObsRefusedError:
                found.append(f"OBS does not have {target}.")
    return found + [f"OBS has no scene “{name}”." for name in sorted(wanted - names)]
