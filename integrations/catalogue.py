"""The integrations that there are. Only those that run are imported."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.config.integration_tables import IntegrationName
from common.config.tables import Settings
from common.files.paths import Paths
from integrations.client.access import ApiAccess

WORDS: dict[IntegrationName, str] = {
    "osc": "Faders, mutes and state for TouchOSC and other programs, by Open Sound Control",
    "obs_rules": "OBS scene or source by speaker, by a rule file",
    "streamerbot": "what happens in the party as triggers and actions of Streamer.bot",
    "veadotube": "avatars in veadotube by who speaks",
}
"""Name, which is that of the folder and of the settings' table → what it does, for a list."""


@dataclass(frozen=True)
class Around:
    """What an integration is given."""

    find: Callable[[], ApiAccess]
    """For `ApiClient`."""
    settings: Settings
    paths: Paths


Run = Callable[[Around], Coroutine[Any, Any, None]]
Check = Callable[[Around], list[str]]


def load(name: str) -> Run:
    """Return `run` of ``integrations/NAME/run.py``.

    It runs until cancelled, and raises `PartylineError` for what a person has to change.
    """
    run: Run = importlib.import_module(f"integrations.{name}.run").run
    return run


def load_check(name: str) -> Check | None:
    """Return `check` of ``integrations/NAME/run.py``, or None if it has none.

    It returns in words what the integration is set to do, and raises `PartylineError` for what is wrong.
    """
    check: Check | None = getattr(importlib.import_module(f"integrations.{name}.run"), "check", None)
    return check


def load_example(name: str) -> str:
    """Return the example of its file, with comments, or empty if it has none."""
    file: Path | None = getattr(importlib.import_module(f"integrations.{name}.run"), "EXAMPLE", None)
    return "" if file is None else file.read_text("utf-8")
