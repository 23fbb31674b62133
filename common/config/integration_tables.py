"""The settings' tables of the integrations: which of them run with the pipeline, and what each needs."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from common.config.settings_table import SettingsTable
from common.log.secret import Secret

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


class ObsRulesSettings(SettingsTable, frozen=True, kw_only=True):
    """OBS scene or source by speaker (notes/integrations/obs_rules.md). OBS itself is that of `[obs]`."""

    file: str = ""
    """The rule file, relative to the folder of this file. Empty means `obs-rules.toml`."""


class VeadoAvatar(SettingsTable, frozen=True, kw_only=True):
    """What one person's voice does in veadotube."""

    speaking: str = ""
    """Name or id of the state while he speaks. It lies on top of the present one, unless `silent` is named."""
    silent: str = ""
    """Name or id of the state while he does not."""
    node: str = "mini"
    """Id of the node with these states. veadotube mini has one, which is called so."""
    boolean: str = ""
    """Id of a boolean node that is true while he speaks."""
    number: str = ""
    """Id of a number node that follows the level of his voice, from its least to its greatest value."""
    address: str = ""
    """Host and port of the veadotube, if it is another one than `[veadotube] address`."""
    instance: str = ""
    """Part of its name or id, if it is another one than `[veadotube] instance`."""


class VeadotubeSettings(SettingsTable, frozen=True, kw_only=True):
    """Avatars in veadotube by who speaks (notes/integrations/veadotube.md)."""

    address: str = ""
    """Host and port of veadotube's WebSocket server. Empty: found on this machine by itself."""
    instance: str = ""
    """Part of its name or id, if several run."""
    hold_ms: Annotated[float, msgspec.Meta(ge=0, le=5000)] = 250.0
    """So long an avatar goes on speaking after the voice. Chosen so that a mouth does not shut between two words."""
    avatars: dict[str, VeadoAvatar] = msgspec.field(default_factory=dict)
    """Online id, account id, place, `anyone`, `others` or `me` → its avatar. E.g.
    `avatars = { "Bo-Streams" = { speaking = "talking", number = "mouth" } }`."""


PartyEventName = Literal[
    "joined", "left", "speaks", "silent", "party_joined", "party_left", "recording_started", "recording_stopped"
]
"""What happens in a party, as other programs are told it."""


class StreamerbotSettings(SettingsTable, frozen=True, kw_only=True):
    """Triggers and actions of Streamer.bot (notes/integrations/streamerbot.md)."""

    host: str = "127.0.0.1"
    """Name or address of its machine."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 8080
    """TCP port of its WebSocket server."""
    endpoint: str = "/"
    """Endpoint of its WebSocket server."""
    password: Secret = ""
    """Password of its WebSocket server, if it has one."""
    triggers: tuple[PartyEventName, ...] = (
        "joined", "left", "speaks", "silent", "party_joined", "party_left", "recording_started", "recording_stopped",
    )  # fmt: skip
    """What becomes a trigger, which is called `partyline_` and this."""
    actions: dict[PartyEventName, str] = msgspec.field(default_factory=dict)
    """What runs an action of Streamer.bot directly → its name or id. E.g. `actions = { speaks = "Show speaker" }`."""
