"""Brings events to one webhook, in order: a bounded queue, retries, the receiver's wish to be left alone."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import stamina
import structlog

from common.basic.clock import boot_s
from common.config.integration_tables import Webhook
from common.errors import PartylineError
from integrations.webhooks import bodies
from integrations.webhooks.occurrences import HookEvent, wants
from integrations.webhooks.posting import HookMessage, Post, opened
from integrations.webhooks.verdicts import ReceiverVerdict

MOST_WAITING = 256
"""Events that wait for one webhook, 200 kB. The oldest are dropped. A party of 16 makes so many in a quarter of an
hour, speech included."""
FIRST_WAIT_S, LONGEST_WAIT_S, JITTER_S = 1.0, 300.0, 1.0
"""Waits before a message is tried again, doubled from the first to the longest: a receiver that is back is found within
5 min."""
KEEP_S = 3600.0
"""An event that waited for longer is dropped. Who joined an hour ago is no news."""
LONGEST_SILENCE_S = 86_400.0
"""A receiver that asks for more is asked again after a day."""


class _NotTakenError(Exception):
    """A receiver did not take a message."""

    def __init__(self, verdict: ReceiverVerdict) -> None:
        super().__init__(verdict.words)
        self.verdict = verdict


@dataclass(frozen=True)
class _Queued:
    event: HookEvent
    at: float


class HookDelivery:
    """Everything about one webhook. None of them waits for another."""

    def __init__(
        self,
        name: str,
        hook: Webhook,
        open_post: Callable[[Webhook], AbstractAsyncContextManager[Post]] = opened,
        clock: Callable[[], float] = boot_s,
    ) -> None:
        """`clock` counts seconds, also while the machine sleeps."""
        self.stopped = False
        """The receiver wants no more of it."""
        self.dropped = 0
        """Events that were not sent since the last message that was."""
        self._hook, self._open_post, self._clock = hook, open_post, clock
        self._waiting: deque[_Queued] = deque()
        self._wake = asyncio.Event()
        self._not_before = 0.0
        self._failing = False
        self._log = structlog.get_logger("webhooks").bind(integration="webhooks", webhook=name)

    def put(self, event: HookEvent) -> None:
        """Queue an event if this webhook wants it."""
        if self.stopped or not wants(self._hook, event):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.popleft()
            self._missed(1, "Too many events wait for this receiver.")
        self._waiting.append(_Queued(event, self._clock()))
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled, or until the receiver wants no more."""
        try:
            async with self._open_post(self._hook) as post:
                while not self.stopped:
                    await self._wake.wait()
                    await self._left_alone()
                    events = self._next()
                    if events:
                        await self._deliver(post, events)
        except PartylineError as error:  # the environment's proxy or certificates, which may concern this one only
            self._stop(0, error.message, error.remedy)

    async def send_once(self, event: HookEvent) -> ReceiverVerdict:
        """Send one event now, whatever else waits. Raises `PartylineError` for a proxy that cannot be used."""
        async with self._open_post(self._hook) as post:
            return await post(self._message([event]))

    # --- messages ----------------------------------------------------------------------------------

    def _next(self) -> list[_Queued]:
        """Take the events of the next message, after what is too old was dropped."""
        old = 0
        while self._waiting and self._too_old(self._waiting[0]):
            self._waiting.popleft()
            old += 1
        if old:
            self._missed(old, "They waited for too long.")
        most = min(bodies.batch(self._hook.format), len(self._waiting))
        events = [self._waiting.popleft() for _ in range(most)]
        if not self._waiting:
            self._wake.clear()
        return events

    def _too_old(self, queued: _Queued) -> bool:
        return self._clock() - queued.at >= KEEP_S

    def _message(self, events: Sequence[HookEvent]) -> HookMessage:
        return HookMessage(f"msg_{secrets.token_hex(12)}", bodies.body(self._hook.format, events, self.dropped))

    async def _deliver(self, post: Post, queued: list[_Queued]) -> None:
        """Send a message, again and again where that may help."""

        def may_help(error: Exception) -> bool:
            return isinstance(error, _NotTakenError) and error.verdict.do == "later" and not self._too_old(queued[0])

        message = self._message([one.event for one in queued])
        first_s = LONGEST_WAIT_S if self._failing else FIRST_WAIT_S  # the one before it was tried for long already
        tries = stamina.retry_context(
            may_help, attempts=None, timeout=None, wait_initial=first_s, wait_max=LONGEST_WAIT_S, wait_jitter=JITTER_S
        )
        try:
            async for attempt in tries:
                with attempt:
                    await self._try(post, message)
        except _NotTakenError as error:
            self._give_up(len(queued), error.verdict)
            return
        self._log.info(
            "sent", events=[one.event.type for one in queued], ms=round((self._clock() - queued[0].at) * 1e3)
        )

    async def _try(self, post: Post, message: HookMessage) -> None:
        await self._left_alone()
        self._not_before = self._clock() + self._hook.min_interval_s
        verdict = await post(message)
        if verdict.wait_s is not None:
            until = self._clock() + min(verdict.wait_s, LONGEST_SILENCE_S)
            self._not_before = max(self._not_before, until)
        if verdict.do == "done":
            if self._failing:
                self._log.info("works again")
            self._failing, self.dropped = False, 0
            return
        if verdict.do == "later" and not self._failing:
            self._failing = True
            self._log.warning("tries again", error=verdict.words, remedy=verdict.remedy, asked_s=verdict.wait_s)
        raise _NotTakenError(verdict)

    def _give_up(self, count: int, verdict: ReceiverVerdict) -> None:
        if verdict.do != "stop":
            self._missed(count, verdict.words, verdict.remedy)
            return
        self._stop(count, verdict.words, verdict.remedy)

    def _stop(self, count: int, why: str, remedy: str) -> None:
        self.stopped = True
        count += len(self._waiting)
        self._waiting.clear()
        self._log.error("is not used any more", error=why, remedy=remedy, dropped=count)

    def _missed(self, count: int, why: str, remedy: str = "") -> None:
        self.dropped += count
        self._log.warning("events were dropped", count=count, dropped=self.dropped, error=why, remedy=remedy)

    async def _left_alone(self) -> None:
        """Wait as long as the receiver, or the setting, wants no request."""
        await asyncio.sleep(max(0.0, self._not_before - self._clock()))
