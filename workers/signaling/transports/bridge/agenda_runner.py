"""Runs the actions of the agenda, one after the other. So nothing queues up."""

from __future__ import annotations

import asyncio
import time
from typing import assert_never

from common.basic.clock import Moment
from common.errors import PartylineError
from workers.signaling.transports import TRANSIENT, TransportEvents
from workers.signaling.transports.bridge.actions import (
    Action,
    AddPeer,
    CreateBridge,
    ForgetOwn,
    ForwardSignal,
    LeaveBridge,
    ReadPeers,
    ViewParty,
)
from workers.signaling.transports.bridge.agenda import Agenda
from workers.signaling.transports.bridge.bridge_calls import BridgeCalls
from workers.signaling.transports.bridge.bridge_client import PROBLEM, BridgeClient
from workers.signaling.transports.bridge.memory import OwnBridgeFile

RETRY_S = 10.0
"""Wait after a fault."""
POLL_S = 0.5
"""How often deadlines are polled."""


class AgendaRunner:
    """Does the actions. An action ends with the membership in which it was begun, by `cancel_action`."""

    def __init__(
        self, agenda: Agenda, client: BridgeClient, calls: BridgeCalls, own: OwnBridgeFile, events: TransportEvents
    ) -> None:
        self._agenda = agenda
        self._client = client
        self._calls = calls
        self._own = own
        self._events = events
        self._changed = asyncio.Event()
        self._action: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Ask the agenda again, since it has changed."""
        self._changed.set()

    def cancel_action(self) -> None:
        if self._action is not None:
            self._action.cancel()

    async def run(self) -> None:
        while True:
            self._changed.clear()
            now = time.monotonic()
            action = self._agenda.next(now, self._own.now, Moment.now())
            if isinstance(action, CreateBridge | None) and self._agenda.is_unneeded(now):
                self._events.on_usable(PROBLEM)
            if action is None:
                await self._pause()
                continue
            task = self._action = asyncio.create_task(self._do(action))
            try:
                await asyncio.wait({task})
            finally:
                task.cancel()
                self._action = None
            if not task.cancelled():
                task.result()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._changed.wait()
        except TimeoutError:
            return

    async def _do(self, action: Action) -> None:
        """Do an action. A fault postpones the next ones."""
        try:
            await self._try(action)
        except PartylineError as error:
            self._client.report_unusable(error)
            self._agenda.postpone(time.monotonic() + RETRY_S)

    async def _try(self, action: Action) -> None:
        match action:
            case ForwardSignal(signal):
                await self._client.forward(signal)
            case ViewParty():
                await self._view()
            case ForgetOwn():
                self._own.keep(self._own.now.ended(0.0))
            case CreateBridge(session_id, for_members):
                await self._client.create(session_id, for_members)
            case AddPeer(attachment):
                await self._client.add_peer(attachment)
            case ReadPeers(attachment, keep_alone):
                await self._client.read_peers(attachment, keep_alone=keep_alone)
            case LeaveBridge(attachment, why, useless=True):
                await self._client.give_up(attachment, why)
            case LeaveBridge(attachment, why):
                await self._client.leave(attachment, why)
            case unknown:
                assert_never(unknown)

    async def _view(self) -> None:
        """Read the party's bridges. If the server refuses, only push events report them."""
        try:
            found = await self._calls.of_party(self._agenda.session_id)
        except PartylineError as error:
            if not isinstance(error, TRANSIENT):
                self._agenda.on_view(())
            raise
        self._agenda.on_view(found)
