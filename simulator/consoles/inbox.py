"""What comes to a console: frames of its push channel, and messages through a relay."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from common.psn.miranda.frames import MirandaMessage
from simulator.consoles.negotiate.signals import Reply
from simulator.parties.party import Device
from simulator.push.registry import KINDS, VOICE_CHAT, OpenPushChannel


@dataclass(frozen=True)
class RelayedMessage:
    """A message through a relay, and how to answer there."""

    peer: str
    message: MirandaMessage
    reply: Reply


class ConsoleInbox:
    """The queue of one console."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._waiting: asyncio.Queue[bytes | RelayedMessage | None] = asyncio.Queue()

    def connection(self) -> OpenPushChannel:
        """Return the console's push channel."""
        return OpenPushChannel(
            key=self._device.key,
            protocol="3.0",
            keep_alive=KINDS[VOICE_CHAT],
            kind=VOICE_CHAT,
            opened_at=time.monotonic(),
            send=self._waiting.put_nowait,
            close=lambda _: None,
            authorised=True,
            permanent=True,
        )

    def put(self, message: RelayedMessage) -> None:
        self._waiting.put_nowait(message)

    def close(self) -> None:
        """Let `next` return None after what waits."""
        self._waiting.put_nowait(None)

    async def next(self, within_s: float) -> bytes | RelayedMessage | None:
        """Return what came, or None at the end. Raises `TimeoutError`."""
        async with asyncio.timeout(within_s):
            return await self._waiting.get()
