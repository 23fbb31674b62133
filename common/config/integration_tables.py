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
