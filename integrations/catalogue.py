"""The integrations that there are. Only those that run are imported."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.config.integration_tables import IntegrationName
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from integrations.client.access import ApiAccess

WORDS: dict[IntegrationName, str] = {
    "osc": "Faders, mutes and state for TouchOSC and other programs, by Open Sound Control",
    "obs_rules": "OBS scene or source by speaker, by a rule file",
    "streamerbot": "what happens in the party as triggers and actions of Streamer.bot",
    "veadotube": "avatars in veadotube by who speaks",
    "webhooks": "POSTs what happens to addresses of your choice, also into channels of Discord and Slack",
    "mqtt": "brings party and mix to an MQTT broker, and so to Home Assistant",
}
"""Name, which is that of the folder and of the settings' table → what it does, for a list."""


@dataclass(frozen=True)
class Around:
    """What an integration is given."""

    find: Callable[[], ApiAccess]
    """For `ApiClient`."""
    settings: Settings
    paths: Paths


@dataclass(frozen=True)
class CheckedPart:
    """What a check found about one part of an integration, as one webhook."""

    name: str
    """Empty for what only says what is set."""
    words: str
    remedy: str = ""
    works: bool = True


Run = Callable[[Around], Coroutine[Any, Any, None]]
Check = Callable[[Around, str], Coroutine[Any, Any, list[CheckedPart]]]
"""It is given the name of the only part to check, or an empty one for all."""


def load(name: str) -> Run:
    """Return `run` of ``integrations/NAME/run.py``.

    It runs until cancelled, and raises `PartylineError` for what a person has to change.
    """
    run: Run = importlib.import_module(f"integrations.{name}.run").run
    return run


def load_check(name: str) -> Check:
    """Return `check` of ``integrations/NAME/run.py``. It runs without the pipeline.

    It says in words what the integration is set to do, tries out the other side where it can, and raises
    `PartylineError` for what is wrong. This raises `PartylineError` if that integration has none.
    """
    check: Check | None = getattr(importlib.import_module(f"integrations.{name}.run"), "check", None)
    if check is None:
        raise PartylineError(f"{name} has nothing to check.", f"Run it: `partyline integration {name}`.")
    return check


def load_example(name: str) -> str:
    """Return the example of its file, with comments, or empty if it has none."""
    file: Path | None = getattr(importlib.import_module(f"integrations.{name}.run"), "EXAMPLE", None)
    return "" if file is None else file.read_text("utf-8")
