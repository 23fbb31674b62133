"""The push channel as session sees it: whether it is open, what was lost, and what signaling does with it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from common.errors import PartyError, PartylineError
from common.messages import PushEvent, PushState
from common.requests import EndSignals, SetVoiceChat
from workers.session.events.resync_rate import ResyncRate
from workers.session.events.sequence_gaps import GapDetector

OPEN_WAIT_S = 20.0
"""How long a join waits for an open channel. Somebody waits for its answer."""
VOICE_CHAT_WAIT_S = 15.0
"""Longer than signaling itself waits for the push server's answer."""
END_SIGNALS_WAIT_S = 1.5
"""How long a leave waits for the party's bridge to be left. It must fit into the time of a stopping worker."""


class PushChannelEvents(Protocol):
    """What hears of the channel."""

    def request_resync(self, reason: str) -> None:
        """Read the party by REST, since events may be missing."""

    def on_channel_reopened(self) -> None:
        """Hear that the channel is open after a new connection."""


class PushChannel:
    """The push channel. `ask` sends a request to signaling."""

    def __init__(
        self, ask: Callable[[SetVoiceChat | EndSignals, float], Awaitable[object]], events: PushChannelEvents
    ) -> None:
        self._ask = ask
        self._events = events
        self._gaps = GapDetector()
        self._rate = ResyncRate()
        self._gone = False
        self._log = structlog.get_logger("session")
        self.open = asyncio.Event()

    def on_push_state(self, state: PushState) -> None:
        if state.counts_as_gone and not self._gone:
            self._events.request_resync("the push channel has been away for longer than the presence timeout")
        self._gone = state.counts_as_gone
        if not state.connected:
            self.open.clear()
            return
        if self._gaps.on_opened(state.epoch):
            self._on_reopened()
        self.open.set()

    def on_push_event(self, event: PushEvent) -> None:
        """Check whether the bus lost an event before this one."""
        if self._gaps.on_event(event.epoch, event.number):
            self._events.request_resync("the bus lost a push event")

    def _on_reopened(self) -> None:
        """Schedule a resync because events may be missing, but not for each of many reconnects."""
        self._events.on_channel_reopened()
        wait_s = self._rate.wait_s(time.monotonic_ns())
        if wait_s is not None:
            reason = "the push channel was reopened"
            asyncio.get_running_loop().call_later(wait_s, self._events.request_resync, reason)

    async def start_voice_chat(self) -> None:
        """Wait until the channel is open and in voice chat, as the app does before a create or join [app].

        Without the channel, senders get a 404 for their messages [seen: 2 clients]. Raises `PartyError`.
        """
        try:
            async with asyncio.timeout(OPEN_WAIT_S):
                await self.open.wait()
        except TimeoutError:
            raise PartyError(
                "The push channel is not open. Without it, nobody in the party could reach us.",
                "See what it lacks and when it is tried next (`partyline status`), then join again.",
                code="session.party-no-push",
            ) from None
        await self._ask(SetVoiceChat(active=True), VOICE_CHAT_WAIT_S)

    async def end_voice_chat(self) -> None:
        """Make the channel idle after a leave. If that fails, it stays as it is [app]."""
        try:
            await self._ask(SetVoiceChat(active=False), VOICE_CHAT_WAIT_S)
        except PartylineError as error:
            self._log.info("the push channel stays in voice chat", error=error.message)

    async def end_signals(self, session_id: str) -> None:
        """Make signaling stop sending to that party, since messages and bridges are for members only. Never raises."""
        try:
            await self._ask(EndSignals(session_id=session_id), END_SIGNALS_WAIT_S)
        except PartylineError as error:
            self._log.info("the party is left before signaling has confirmed its end", error=error.message)
