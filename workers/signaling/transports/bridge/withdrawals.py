"""Withdrawals from bridges: our peer is removed, our own bridge unlinked and ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any

import structlog

from common.errors import PartylineError
from workers.signaling.transports.bridge.attachment import Attachment
from workers.signaling.transports.bridge.bridge_calls import FAREWELL, FAREWELL_S, BridgeCalls
from workers.signaling.transports.bridge.memory import OwnBridgeFile


class Withdrawals:
    """The withdrawals under way. They go on after the party was left."""

    def __init__(self, calls: BridgeCalls, own: OwnBridgeFile) -> None:
        self._calls = calls
        self._own = own
        self._tasks: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("signaling")

    def start(self, attachment: Attachment) -> asyncio.Task[None]:
        task = asyncio.create_task(self._withdraw(attachment))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait(self) -> None:
        """Wait for all withdrawals, `FAREWELL_S` at most."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FAREWELL_S)

    async def _withdraw(self, attachment: Attachment) -> None:
        """Remove our peer from the bridge. Unlink and end the bridge if it is our own. Never raises."""
        ref = attachment.ref
        try:
            async with asyncio.timeout(FAREWELL_S):
                first = []
                if attachment.peer_id:
                    first.append(self._quietly(self._calls.remove_peer(ref, attachment.peer_id)))
                if attachment.own and attachment.linked:
                    first.append(self._quietly(self._unlink(attachment)))
                await asyncio.gather(*first)
                if attachment.own:
                    await self._quietly(self._calls.end(ref))
        except TimeoutError:
            self._log.info("the bridge did not confirm that we left it", error="it took too long")
        if attachment.own and self._own.now.bridge_id == ref.bridge_id:
            self._own.keep(self._own.now.ended(attachment.useful_s(time.monotonic())))

    async def _unlink(self, attachment: Attachment) -> None:
        ref = attachment.ref
        if not ref.etag:  # its event has not come
            found = await self._calls.of_party(attachment.session_id, **FAREWELL)
            ref = next((one for one in found if one.bridge_id == ref.bridge_id), ref)
        await self._calls.unlink(attachment.session_id, ref)

    async def _quietly(self, call: Coroutine[Any, Any, None]) -> None:
        try:
            await call
        except PartylineError as error:
            self._log.info("the bridge did not confirm that we left it", error=error.message)
