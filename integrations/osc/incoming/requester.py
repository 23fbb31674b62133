"""Makes the requests that wait, and tells whoever asked why one was refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Protocol

import structlog

from common.errors import PartylineError
from integrations.osc.incoming.commands import ApiCall
from integrations.osc.incoming.outbox import Outbox, Waiting
from integrations.osc.wire.osc_packets import Address

LOOK_S = 0.005
"""Interval of looks while something waits for its turn."""
TOO_OFTEN = "api.too-often"
WAIT_S = 0.1
"""Wait after such a refusal. The API gains two requests in that time."""
TOO_OLD_S = 5.0
"""A request that had no turn for so long is given up: what its user wanted then is no longer what is wanted."""

Log = structlog.stdlib.BoundLogger


class Api(Protocol):
    """What is needed of `ApiClient`."""

    async def ask(self, request: str, **fields: Any) -> Any:
        """Make one request. Raises `PartylineError`."""


class Requester:
    def __init__(self, api: Api, refused: Callable[[PartylineError, Address], None]) -> None:
        """`refused` is told each error, and for whom it is."""
        self._api = api
        self._refused = refused
        self._outbox = Outbox()
        self._wake = asyncio.Event()
        self._log: Log = structlog.get_logger("osc")

    def ask(self, call: ApiCall, source: Address) -> None:
        """Make a request as soon as it has its turn."""
        if self._outbox.put(Waiting(call, source, time.monotonic())):
            self._wake.set()
        else:
            self._refuse(call, PartylineError("Too many requests wait.", "Send less.", code="osc.too-many"), source)

    def latest(self, key: tuple[str, str, str], default: Any) -> Any:
        """Return the value that was asked for last, or `default` once the state has it."""
        return self._outbox.latest(key, default, time.monotonic())

    async def run(self) -> None:
        """Make requests until cancelled."""
        async with asyncio.TaskGroup() as group:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._outbox:
                    waiting = self._outbox.take(time.monotonic())
                    if waiting is None:
                        await asyncio.sleep(LOOK_S)
                    else:
                        group.create_task(self._make(waiting))

    async def _make(self, waiting: Waiting) -> None:
        try:
            await self._api.ask(waiting.call.request, **waiting.call.fields)
        except PartylineError as error:
            now = time.monotonic()
            if error.code == TOO_OFTEN and now - waiting.since < TOO_OLD_S:
                self._outbox.again(waiting, now, WAIT_S)
                self._wake.set()
                return
            self._refuse(waiting.call, error, waiting.source)
        self._outbox.done(waiting, time.monotonic())

    def _refuse(self, call: ApiCall, error: PartylineError, source: Address) -> None:
        self._log.warning("refused", request=call.request, error=error.message, remedy=error.remedy)
        self._refused(error, source)
