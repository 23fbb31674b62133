"""`[media] latency`: what a shorter delay may cost. Judged by `benchmarks.receive.networks` (notes/receive.md)."""

from __future__ import annotations

from dataclasses import dataclass

from common.basic.values import Latency


@dataclass(frozen=True)
class LatencyPlan:
    price: float
    """Share of the sound that may be concealed to save a millisecond of delay."""
    longest_ms: int
    """The longest delay that is chosen, unless `[media] max_delay_ms` says another."""
    late_ms: int
    """Words that come later than this are dropped, unless the talker's network needs the longer delay all the time.
    Playing them moves the delay, which costs more than the words in a conversation, and less for a recording."""


PLANS: dict[Latency, LatencyPlan] = {
    "low": LatencyPlan(price=2e-4, longest_ms=200, late_ms=200),
    "balanced": LatencyPlan(price=6e-5, longest_ms=500, late_ms=200),
    "smooth": LatencyPlan(price=2e-5, longest_ms=1000, late_ms=1000),
    "steady": LatencyPlan(price=3e-5, longest_ms=500, late_ms=0),  # a late word is out of step with the lips anyway
}
