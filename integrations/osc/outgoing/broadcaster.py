"""Sends each controller what it does not show yet."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping

import structlog

from common.config.integration_tables import OscSettings
from common.errors import PartylineError
from integrations.osc.address_table import whole
from integrations.osc.desk import Desk
from integrations.osc.outgoing.desk_feed import DeskFeed
from integrations.osc.outgoing.feedback import level_values, state_values
from integrations.osc.outgoing.targets import OscTarget, Targets
from integrations.osc.wire.endpoint import OscSender
from integrations.osc.wire.osc_packets import Address, Value, encode

GAP_S = 0.02
"""Least time between two looks at the state: 50 a second are as many as a screen shows."""
IDLE_S = 1.0
"""Longest time without a look, for controllers that are to be forgotten."""

Log = structlog.stdlib.BoundLogger


class Broadcaster:
    def __init__(self, settings: OscSettings, feed: DeskFeed, targets: Targets, sender: OscSender) -> None:
        self._settings = settings
        self._feed = feed
        self._targets = targets
        self._sender = sender
        self._levels_at = 0.0
        self._values: tuple[Desk | None, dict[str, Value]] = (None, {})
        self._log: Log = structlog.get_logger("osc")

    async def run(self) -> None:
        """Send until cancelled."""
        while True:
            self._feed.changed.clear()
            now = time.monotonic()
            for gone in self._targets.expire(now):
                self._log.info("a controller was silent and is sent nothing any more", address=str(gone.address[0]))
            self.send(now)
            await asyncio.sleep(GAP_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._until_due(time.monotonic())):
                    await self._feed.changed.wait()

    def send(self, now: float) -> None:
        """Send what is due."""
        if not len(self._targets):
            return
        levels: Mapping[str, Value] = {}
        per_s = self._settings.levels_per_s
        # A tenth of the interval is spared: the API's ten a second would else miss every other look.
        if per_s and now - self._levels_at >= 0.9 / per_s:
            self._levels_at = now
            levels = level_values(self._feed.levels, self._feed.desk, self._settings.forms)
        for target in self._targets:
            self.tell(target, {**target.due(self._state(), now), **target.due(levels, now)})

    def tell(self, target: OscTarget, values: Mapping[str, Value]) -> None:
        """Send some messages to one of them."""
        if values:
            self._sender.send(encode(values, bundles=self._settings.bundles), target.address)

    def refuse(self, error: PartylineError, source: Address) -> None:
        """Tell whoever sent something why it was not done."""
        target = self._targets.heard(source, self._settings.reply_port, time.monotonic())
        self.tell(target, {whole("error"): f"{error.message} {error.remedy}".strip()})

    def _state(self) -> dict[str, Value]:
        desk = self._feed.desk
        if self._values[0] is not desk:
            self._values = (desk, state_values(desk, self._settings.forms))
        return self._values[1]

    def _until_due(self, now: float) -> float:
        nearest = [due for target in self._targets if (due := target.next_due()) is not None]
        return max(0.001, min([IDLE_S, *(due - now for due in nearest)]))
