"""Session's view of the push channel, i.e. whether it is open, lost events, and is ready for a party."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from common.errors import PartyError, PartylineError
from common.messages import PushEvent, PushState
from common.requests import SetVoiceChat
from workers.session.events.resync_rate import ResyncRate
from workers.session.events.sequence_gaps import GapDetector

OPEN_WAIT_S = 20.0
"""How long a join waits for an open channel."""
VOICE_CHAT_WAIT_S = 15.0
"""Longer than signaling itself waits for the push server's answer."""


class PushChannel:
    """The push channel. `ask` sends a request to signaling, `doubt` starts a resync, `reopened` reports a reconnect."""

    def __init__(
        self,
        ask: Callable[[SetVoiceChat, float], Awaitable[object]],
        doubt: Callable[[str], None],
        reopened: Callable[[], None],
    ) -> None:
        self._ask = ask
        self._doubt = doubt
        self._on_reopened = reopened
        self._counter = GapDetector()
        self._reopenings = ResyncRate()
        self._gone = False
        self._log = structlog.get_logger("session")
        self.open = asyncio.Event()

    def take(self, state: PushState) -> None:
        """Take signaling's state of the channel."""
        if state.counts_as_gone and not self._gone:
            self._doubt("the push channel has been away for longer than the presence timeout")
        self._gone = state.counts_as_gone
        if not state.connected:
            self.open.clear()
            return
        if self._counter.opened(state.epoch):
            self._reopened()
        self.open.set()

    def count(self, event: PushEvent) -> None:
        """Check whether the bus lost an event before this one."""
        if self._counter.gap(event.epoch, event.number):
            self._doubt("the bus lost a push event")

    def _reopened(self) -> None:
        """Schedule a resync because events may be missing, but not for each of many reconnects."""
        self._on_reopened()
        wait_s = self._reopenings.wait_s(time.monotonic_ns())
        if wait_s is not None:
            asyncio.get_running_loop().call_later(wait_s, self._doubt, "the push channel was opened anew")

    async def ready(self) -> None:
        """Wait until the channel is open and in voice chat, as the app does before a create or join [app].

        Without the channel, senders get a 404 for their messages [seen: 2 clients]. Raises `PartyError`.
        """
        try:
            async with asyncio.timeout(OPEN_WAIT_S):
                await self.open.wait()
        except TimeoutError:
            raise PartyError(
                "The push channel is not open, and without it nobody in the party could reach us.",
                "See `partyline status` for what it lacks and when it is tried next, then join again.",
                code="session.party-no-push",
            ) from None
        await self._ask(SetVoiceChat(active=True), VOICE_CHAT_WAIT_S)

    async def idle(self) -> None:
        """Make the channel idle after a leave. If that fails, it stays as it is [app]."""
        try:
            await self._ask(SetVoiceChat(active=False), VOICE_CHAT_WAIT_S)
        except PartylineError as error:
            self._log.info("the push channel stays in voice chat", error=error.message)
