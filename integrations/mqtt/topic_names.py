"""The MQTT topics of one partyline. No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

from common.config.integration_tables import MqttSettings

_ACCOUNT = r"[0-9]{1,20}"


@dataclass(frozen=True)
class MqttTopics:
    """All topics, by the settings' base topic and discovery prefix."""

    base: str
    prefix: str

    @classmethod
    def of(cls, settings: MqttSettings) -> MqttTopics:
        return cls(settings.base_topic, settings.discovery_prefix)

    @property
    def node(self) -> str:
        """The id under which Home Assistant knows us. Discovery topics know no slashes within it."""
        return self.base.replace("/", "_")

    @property
    def status(self) -> str:
        """``online`` or ``offline``, our last will."""
        return f"{self.base}/status"

    @property
    def state(self) -> str:
        return f"{self.base}/state"

    def member_state(self, account: str) -> str:
        return f"{self.base}/member/{account}/state"

    def command(self, name: str) -> str:
        return f"{self.base}/set/{name}"

    def member_command(self, account: str, name: str) -> str:
        return f"{self.base}/member/{account}/set/{name}"

    @property
    def discovery(self) -> str:
        return self._config("party")

    def member_discovery(self, account: str) -> str:
        return self._config(account)

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started."""
        return f"{self.prefix}/status"

    @property
    def commands(self) -> tuple[str, ...]:
        """What to subscribe to for commands."""
        return self.command("+"), self.member_command("+", "+")

    @property
    def retained(self) -> tuple[str, ...]:
        """What to subscribe to for what an earlier run left."""
        return self._config("+"), self.member_state("+")

    def account_of(self, topic: str) -> str:
        """Return the account of a retained topic of a member, empty for any other topic."""
        for pattern in (self._config("+"), self.member_state("+")):
            if match := re.fullmatch(re.escape(pattern).replace(re.escape("+"), f"({_ACCOUNT})"), topic):
                return match[1]
        return ""

    def _config(self, name: str) -> str:
        return f"{self.prefix}/device/{self.node}/{name}/config"
