"""The settings' tables of the integrations: which of them run with the pipeline, and what each needs."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from common.config.settings_table import SettingsTable

IntegrationName = Literal["osc", "webhooks", "mqtt", "obs_rules", "streamerbot", "veadotube"]
"""Names of the folders in `integrations/` that are written in Python, and of their tables."""


class IntegrationsSettings(SettingsTable, frozen=True, kw_only=True):
    """Bridges to other programs. `partyline integration` lists them and runs one in the foreground."""

    run: tuple[IntegrationName, ...] = ()
    """Those that are started with the pipeline, e.g. `["osc", "mqtt"]`."""


class OscSettings(SettingsTable, frozen=True, kw_only=True):
    """Open Sound Control (notes/integrations/osc.md). It has no password: `allow` is all that keeps others out."""

    listen: str = "127.0.0.1"
    """Own address at which OSC is received. 0.0.0.0 for all of this machine's, so that a tablet reaches it."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8771
    """UDP port at which OSC is received."""
    allow: tuple[str, ...] = ("127.0.0.1", "::1")
    """Who may send: addresses and networks, e.g. `["192.168.1.20", "10.0.0.0/24"]`."""
    targets: tuple[str, ...] = ()
    """Who is always sent the state, e.g. `["192.168.1.20:9000"]`. Whoever sends something gets it too, for a while."""
    reply_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """Port to which whoever sent something gets the state. 0 means the port that they sent from. TouchOSC: 9000."""
    forget_s: Annotated[int, msgspec.Meta(ge=5, le=86400)] = 600
    """Seconds after which somebody who sends nothing gets nothing any more."""
    levels_per_s: Annotated[int, msgspec.Meta(ge=0, le=10)] = 10
    """How often levels are sent. 0 means never."""
    forms: tuple[Literal["talker", "name", "account"], ...] = ("talker",)
    """Addresses under which a talker's state is sent: by place, by name, by account id. All three are always taken."""
    bundles: bool = True
    """Send several messages as one bundle. Switch it off for a controller that does not know bundles."""
