"""`partyline integration obs_rules`: OBS scene or source by speaker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from common.api.frames import Subscribe
from common.config.tables import ObsSettings
from common.obs.connection import ObsError
from integrations.catalogue import Around, CheckedPart
from integrations.client.api_client import ApiClient
from integrations.client.member_voices import WATCHED
from integrations.client.together import together
from integrations.obs_rules.party_listener import PartyListener
from integrations.obs_rules.rules import watch
from integrations.obs_rules.rules.explain import explain
from integrations.obs_rules.rules.model import RuleSet
from integrations.obs_rules.studio.compare import lacking
from integrations.obs_rules.studio.found import FoundFile
from integrations.obs_rules.studio.session import ObsSession

EXAMPLE = Path(__file__).parent / "rules" / "example.toml"
"""A rule file with comments."""
STATE = "obs_rules.json"


async def run(around: Around) -> None:
    """Follow the rules until cancelled, then set OBS back. Raises `PartylineError` for what a person has to change."""
    file = watch.place(around.settings, around.paths)
    rules = watch.load(file)
    log = structlog.get_logger("obs_rules")
    log.info("follows the rules", file=str(file), rules=len(rules.rule))
    changed = asyncio.Event()
    listener = PartyListener(rules, changed.set)
    session = ObsSession(around.settings.obs, listener, FoundFile(around.paths.state / STATE), changed)

    def use(other: RuleSet) -> None:
        listener.use(other)
        session.open_again()

    client = ApiClient(around.find, Subscribe(id=0, topics=WATCHED), listener)
    await together(client.run(), session.run(), watch.watch(file, use))


async def check(around: Around, only: str = "") -> list[CheckedPart]:
    """Return the rules in words, and what OBS lacks. Raises `PartylineError` with what is wrong in the file."""
    del only  # there is one
    file = watch.place(around.settings, around.paths)
    rules = watch.load(file)
    lines = [f"{file}:", *explain(rules), *await _compared(around.settings.obs, rules)]
    return [CheckedPart("", line) for line in lines]


async def _compared(settings: ObsSettings, rules: RuleSet) -> list[str]:
    try:
        return await lacking(settings, rules) or ["OBS has everything that the rules name."]
    except ObsError as error:
        return [f"The names were not compared with OBS. {error.message}"]
