"""The settings' tables of the integrations: which of them run with the pipeline, and what each needs."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal
from urllib.parse import parse_qsl, urlsplit

import msgspec

from common.config.settings_table import SettingsTable
from common.log import logs
from common.log.secret import Secret

IntegrationName = Literal["osc", "webhooks", "mqtt", "obs_rules", "streamerbot", "veadotube"]
"""Names of the folders in `integrations/` that are written in Python, and of their tables."""
HookName = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9-]{0,31}$")]
"""Name of a webhook, by which logs and commands call it."""
HookEventName = Literal[
    "party.joined", "party.left", "member.joined", "member.left", "speech.started", "speech.stopped",
    "recording.started", "recording.stopped", "clip.saved", "problem.opened", "problem.closed", "follow.changed",
]  # fmt: skip
"""What a webhook can tell."""
SPEECH_EVENTS: tuple[HookEventName, ...] = ("speech.started", "speech.stopped")
"""Sent to those webhooks only that name them: they tell another service who speaks when."""
TopicPath = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$", max_length=64)]
"""The first part of MQTT topics, without wildcards."""
MOST_HOOKS = 16
"""Webhooks. Each has a queue and a connection of its own. Chosen for every channel that one person runs."""
_SECRET_PART = 12
"""Parts of a webhook's path of this length and more are hidden alone too. Shorter ones are words as `webhooks`."""


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


class Webhook(SettingsTable, frozen=True, kw_only=True):
    """One address that is told of events, `[webhooks.hooks.NAME]`."""

    url: Secret
    """Where to POST. Hidden as a whole, since such addresses often contain a token."""
    events: tuple[HookEventName, ...] = ()
    """What is sent. Empty for all but who speaks when."""
    members: tuple[str, ...] = ()
    """Online ids or account ids. Events of one member are then sent for these only. Empty for everybody."""
    secret: Secret = ""
    """Signs what is sent, as Standard Webhooks does: `whsec_` and base64. Empty for no signature."""
    format: Literal["json", "discord", "slack"] = "json"
    """The body: JSON for programs, or a sentence for a channel of Discord or Slack."""
    min_interval_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 0.0
    """Least time between two requests. What happens meanwhile waits."""

    def __post_init__(self) -> None:
        super().__post_init__()
        try:
            parts = urlsplit(self.url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise ValueError("url must be an address as https://host/path")
        if self.secret and not _is_signing_secret(self.secret):
            raise ValueError("secret must be whsec_ followed by the base64 of 24 to 64 bytes")
        for part in (*parts.path.split("/"), *(value for _, value in parse_qsl(parts.query))):
            if len(part) >= _SECRET_PART:
                logs.remember(part)
        logs.remember(parts.password or "")


def _is_signing_secret(text: str) -> bool:
    """Return whether it is a secret as Standard Webhooks writes it."""
    encoded = text.removeprefix("whsec_").rstrip("=")
    try:
        found = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return text.startswith("whsec_") and 24 <= len(found) <= 64


class WebhooksSettings(SettingsTable, frozen=True, kw_only=True):
    """Addresses that are told what happens. They learn who is in the party, and, if you choose so, who speaks when."""

    hooks: Annotated[dict[HookName, Webhook], msgspec.Meta(max_length=MOST_HOOKS)] = msgspec.field(default_factory=dict)
    """By a name of your choice. E.g. `hooks = { lights = { url = "http://10.0.0.5:1880/party" } }`."""
    speech_hold_s: Annotated[float, msgspec.Meta(ge=0, le=60)] = 2.0
    """Pauses shorter than this do not end what somebody says, so that one sentence is one event, 0 … 60."""


class MqttSettings(SettingsTable, frozen=True, kw_only=True):
    """An MQTT broker, and Home Assistant behind it. Whoever reads the broker learns who is in the party."""

    host: str = "homeassistant.local"
    """Name or address of the broker. The default is what Home Assistant calls itself in its network."""
    port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """TCP port. 0 means 8883 with TLS and 1883 without."""
    user: str = ""
    """User of the broker, or empty for none."""
    password: Secret = ""
    """Its password."""
    tls: bool = False
    """Encrypt, and check the broker's certificate."""
    ca_file: str = ""
    """File with the certificate authority of the broker, relative to `$PARTYLINE_HOME`. Empty for the usual ones."""
    base_topic: TopicPath = "partyline"
    """First part of our topics. Two partylines on one broker need two."""
    discovery_prefix: TopicPath = "homeassistant"
    """Home Assistant's discovery prefix."""
    allow: Literal["read", "control", "admin"] = "control"
    """What whoever can write to the broker may do here: nothing, the mix and recordings, or leave the party too."""
    speech: bool = True
    """Publish who speaks when. Without it, only who is here."""
    regulars: tuple[str, ...] = ()
    """Online ids or account ids of people whose entities stay when they leave, for automations that wait for them."""
