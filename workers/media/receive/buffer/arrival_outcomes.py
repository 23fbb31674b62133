"""The time at which each packet's sound was there: from itself, from a copy in a later packet, or never. Bounded."""

from __future__ import annotations

REORDER_PACKETS = 5
"""A packet is lost when this many later ones have overtaken it, which are 200 ms of packets of 40 ms."""
LONGEST_LOSS_PACKETS = 20
"""A longer run of losses is an outage, which no delay could help."""

TAIL_WORTH = 0.05
"""The worth of a copy if the packet before is lost for good. It mends the end of a gap that is heard anyhow.
Set by `benchmarks.receive`, offline with seeds 1 to 6 (traces bursts-1 and loss-10-jitter-60)."""

ArrivalOutcome = list[tuple[float, float]]
"""(lateness in ms, gain): the share of the packet's worth that each lateness added."""


class ArrivalOutcomes:
    """A collector of each packet's copies until the packet is settled."""

    def __init__(self) -> None:
        self._open: dict[int, ArrivalOutcome] = {}
        self._settled: int | None = None
        """Everything up to here has been reported."""
        self._complete: set[int] = set()
        self._is_gap = False
        """Whether the packet that was settled last was lost for good."""

    def record(self, sequence: int, late_ms: float, worth: float, *, settled: bool = False) -> list[ArrivalOutcome]:
        """Record that `worth` (0..1) of a packet was there at `late_ms`. Return the outcomes that this settles.

        `settled` means that the packet needs nothing more.
        """
        if self._settled is None:
            self._settled = sequence - 1
        if sequence <= self._settled or sequence in self._complete:
            return []
        outcomes = self._overtaken(sequence)
        known = self._open.setdefault(sequence, [])
        known.append((late_ms, worth))
        if settled:
            self._complete.add(sequence)
            outcomes.append(_gains(self._open.pop(sequence)))
        return outcomes

    def _overtaken(self, sequence: int) -> list[ArrivalOutcome]:
        outcomes: list[ArrivalOutcome] = []
        assert self._settled is not None
        if sequence - REORDER_PACKETS - self._settled > LONGEST_LOSS_PACKETS:
            self._settled = sequence - REORDER_PACKETS
            self._open.clear()
            self._complete.clear()
        while self._settled < sequence - REORDER_PACKETS:
            self._settled += 1
            if self._settled in self._complete:
                self._complete.discard(self._settled)
                self._is_gap = False
            else:
                gains = _gains(self._open.pop(self._settled, []))
                outcomes.append([(late_ms, gain * TAIL_WORTH) for late_ms, gain in gains] if self._is_gap else gains)
                self._is_gap = not gains
        return outcomes


def _gains(known: ArrivalOutcome) -> ArrivalOutcome:
    gains, had = [], 0.0
    for late_ms, worth in sorted(known):
        if worth > had:
            gains.append((late_ms, worth - had))
            had = worth
    return gains
