"""`run` of the OSC bridge."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Sequence

import structlog

from common.api.frames import Subscribe
from common.basic.addresses import host_and_port
from common.config.integration_tables import OscSettings
from integrations.catalogue import Around
from integrations.client.api_client import ApiClient
from integrations.client.together import together
from integrations.osc.desk import LEVELS, TOPICS
from integrations.osc.incoming.receiver import OscReceiver
from integrations.osc.incoming.requester import Requester
from integrations.osc.outgoing.broadcaster import Broadcaster
from integrations.osc.outgoing.desk_feed import DeskFeed
from integrations.osc.outgoing.targets import Targets
from integrations.osc.wire.endpoint import OscSender, listening
from integrations.osc.wire.osc_packets import Address

AGAIN_S = 30.0
"""Wait before the name of a target is looked up again."""
LOOK_S = 0.5
"""Interval of looks whether somebody wants levels."""


async def run(around: Around) -> None:
    """Receive and send OSC until cancelled."""
    await OscBridge(around).run()


class OscBridge:
    def __init__(self, around: Around) -> None:
        self._settings = around.settings.osc
        self._feed = DeskFeed()
        self._targets = Targets(self._settings.forget_s)
        self._client = ApiClient(around.find, _wanted(levels=False), self._feed)
        self._sender = OscSender()
        self._broadcaster = Broadcaster(self._settings, self._feed, self._targets, self._sender)
        self._requester = Requester(self._client, self._broadcaster.refuse)
        self._receiver = OscReceiver(self._settings, self._feed, self._targets, self._requester, self._broadcaster.tell)
        self._log: structlog.stdlib.BoundLogger = structlog.get_logger("osc")

    async def run(self) -> None:
        async with listening(self._settings.listen, self._settings.port, self._sender, self._receiver.take):
            self._log.info("receives OSC", listen=self._settings.listen, port=self._settings.port)
            await together(
                self._client.run(), self._requester.run(), self._broadcaster.run(), self._fix(), self._want_levels()
            )

    async def _want_levels(self) -> None:
        """Subscribe to levels while somebody is sent them."""
        subscribed = False
        while True:
            wanted = bool(self._settings.levels_per_s) and len(self._targets) > 0
            if wanted != subscribed:
                subscribed = wanted
                await self._client.subscribe(_wanted(levels=wanted))
            await asyncio.sleep(LOOK_S)

    async def _fix(self) -> None:
        """Find the addresses of the settings' targets. A name that is not known yet is looked for again."""
        left, tried = list(self._settings.targets), False
        while left:
            for text in list(left):
                address = await _address(text, self._settings)
                if address is not None:
                    self._targets.fix(address, time.monotonic())
                    self._feed.changed.set()
                    left.remove(text)
                elif not tried:
                    self._log.warning("the name of a target is not known", target=text, again_in_s=AGAIN_S)
            tried = True
            if left:
                await asyncio.sleep(AGAIN_S)
        await asyncio.Event().wait()


def _wanted(*, levels: bool) -> Subscribe:
    return Subscribe(id=0, topics=(*TOPICS, LEVELS) if levels else TOPICS)


async def _address(text: str, settings: OscSettings) -> Address | None:
    """Return the socket address of ``host:port``, in the family of the own socket. None if the name is not known."""
    host, port = host_and_port(text) or ("", 0)
    family = socket.AF_INET6 if ":" in settings.listen else socket.AF_INET
    try:
        found: Sequence[tuple[object, object, object, object, Address]] = await asyncio.get_running_loop().getaddrinfo(
            host, port, family=family, type=socket.SOCK_DGRAM
        )
    except OSError:
        return None
    return found[0][4] if found else None
