"""The integrations that there are. Only those that run are imported."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from common.config.integration_tables import IntegrationName
from common.config.tables import Settings
from common.errors import PartylineError
from common.files.paths import Paths
from integrations.client.access import ApiAccess

WORDS: dict[IntegrationName, str] = {
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
    """Return `check` of ``integrations/NAME/run.py``, which tries out the other side. It runs without the pipeline.

    Raises `PartylineError` if that integration has none.
    """
    check: Check | None = getattr(importlib.import_module(f"integrations.{name}.run"), "check", None)
    if check is None:
        raise PartylineError(f"{name} has nothing to check.", f"Run it: `partyline integration {name}`.")
    return check
