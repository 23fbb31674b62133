"""Turns the API's events into those of webhooks, at the right time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from integrations.webhooks.observed import PartyObservation, observe
from integrations.webhooks.occurrences import HookEvent, carried, occurrences
from integrations.webhooks.speech_spans import SpeechSpans

SETTLE_S = 2.0
"""How long after a new connection the state is not looked at. A dashboard that was restarted has the bus's state within
a second, and topics that come meanwhile did not happen just now."""


class Notifier:
    """A listener of the API that calls `tell` for each event."""

    def __init__(self, hold_s: float, tell: Callable[[HookEvent], None]) -> None:
        self._tell = tell
        self._topics: Mapping[str, Any] = {}
        self._spans = SpeechSpans(hold_s)
        self._last = PartyObservation()
        self._first = True
        self._timer: asyncio.TimerHandle | None = None
        self._settling = False

    def on_state(self, topics: Mapping[str, Any]) -> None:
        self._topics = topics
        self._settling = True
        self._again_in(SETTLE_S)

    def on_event(self, topic: str, message: Any) -> None:
        del topic, message  # the topics have it
        if not self._settling:
            self._look()

    def on_lost(self) -> None:
        """Nothing happens here: what changes meanwhile is seen at the next connection."""

    def _look(self) -> None:
        """Tell what happened since the last look."""
        now, unix = asyncio.get_running_loop().time(), time.time()
        seen = carried(self._last, observe(self._topics))
        events = [] if self._first else occurrences(self._last, seen, unix)
        party = seen.party.name if seen.party is not None else ""
        events += self._spans.update(seen.speaking or {}, now, unix, party)
        self._last, self._first, self._settling = seen, False, False
        for event in events:
            self._tell(event)
        end = self._spans.next_end()
        if end is not None:
            self._again_in(max(0.0, end - now))

    def _again_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)
