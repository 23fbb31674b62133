"""The integrations that there are. Only those that run are imported."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from common.config.integration_tables import IntegrationName
from common.config.tables import Settings
from common.files.paths import Paths
from integrations.client.access import ApiAccess

WORDS: dict[IntegrationName, str] = {
    "osc": "Faders, mutes and state for TouchOSC and other programs, by Open Sound Control",
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


def load(name: str) -> Run:
    """Return `run` of ``integrations/NAME/run.py``.

    It runs until cancelled, and raises `PartylineError` for what a person has to change.
    """
    run: Run = importlib.import_module(f"integrations.{name}.run").run
    return run
