"""The settings' tables of the integrations: which of them run with the pipeline, and what each needs."""

from __future__ import annotations

from typing import Literal

from common.config.settings_table import SettingsTable

IntegrationName = Literal["osc", "webhooks", "mqtt", "obs_rules", "streamerbot", "veadotube"]
"""Names of the folders in `integrations/` that are written in Python, and of their tables."""


class IntegrationsSettings(SettingsTable, frozen=True, kw_only=True):
    """Bridges to other programs. `partyline integration` lists them and runs one in the foreground."""

    run: tuple[IntegrationName, ...] = ()
    """Those that are started with the pipeline, e.g. `["osc", "mqtt"]`."""


class ObsRulesSettings(SettingsTable, frozen=True, kw_only=True):
    """OBS scene or source by speaker (notes/integrations/obs_rules.md). OBS itself is that of `[obs]`."""

    file: str = ""
    """The rule file, relative to the folder of this file. Empty means `obs-rules.toml`."""
