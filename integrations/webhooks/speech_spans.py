"""Who speaks, with pauses left out, so that one sentence is one event. No I/O, and the caller passes the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from integrations.webhooks.observed import ObservedMember
from integrations.webhooks.occurrences import HookEvent, of_member


@dataclass
class _Span:
    member: ObservedMember
    began: float
    silent_since: float | None = None


class SpeechSpans:
    """What somebody says begins at once, and ends after a silence of `hold_s`."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._spans: dict[str, _Span] = {}

    def update(
        self, speaking: Mapping[str, ObservedMember], now: float, unix: float, party: str = ""
    ) -> list[HookEvent]:
        """Return the events. `now` is in seconds of a monotonic clock, `unix` the same moment in Unix seconds."""
        events = []
        for peer, member in speaking.items():
            span = self._spans.get(peer)
            if span is None:
                self._spans[peer] = _Span(member, now)
                events.append(of_member("speech.started", unix, member, f"{member.name} speaks.", party=party))
            else:
                span.silent_since = None
        for peer, span in list(self._spans.items()):
            if peer in speaking:
                continue
            if span.silent_since is None:
                span.silent_since = now
            if now >= span.silent_since + self._hold_s:  # as `next_end` adds it, to the last bit
                del self._spans[peer]
                spoke_s = round(span.silent_since - span.began, 2)
                words = f"{span.member.name} spoke for {spoke_s:.0f} s."
                events.append(of_member("speech.stopped", unix, span.member, words, party=party, seconds=spoke_s))
        return events

    def next_end(self) -> float | None:
        """Return when `update` has to be called at the latest, None for no such time."""
        ends = (span.silent_since + self._hold_s for span in self._spans.values() if span.silent_since is not None)
        return min(ends, default=None)
