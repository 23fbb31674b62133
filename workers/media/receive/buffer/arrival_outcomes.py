"""The time at which each packet's sound was there: from itself, from a copy in a later packet, or never. Bounded."""

from __future__ import annotations

WAIT = 5
"""A packet is lost when this many later ones have overtaken it."""
LONGEST = 20
"""A longer run of losses is an outage, which no delay could help."""

TAIL_WORTH = 0.05
"""The worth of a copy if the packet before is lost for good. It mends the end of a hole that is heard anyhow."""

Outcome = list[tuple[float, float]]
"""(lateness in ms, gain): the share of the packet's worth that each lateness added."""


class Outcomes:
    """A collector of each packet's copies until the packet is settled."""

    def __init__(self) -> None:
        self._open: dict[int, Outcome] = {}
        self._settled: int | None = None
        """Everything up to here has been reported."""
        self._done: set[int] = set()
        self._hole = False
        """Whether the packet that was settled last was lost for good."""

    def note(self, sequence: int, late_ms: float, worth: float, *, settled: bool = False) -> list[Outcome]:
        """Record that `worth` (0..1) of a packet was there at `late_ms`. Return the outcomes that this settles.

        `settled` says that the packet needs nothing more.
        """
        if self._settled is None:
            self._settled = sequence - 1
        if sequence <= self._settled or sequence in self._done:
            return []
        told = self._overtaken(sequence)
        known = self._open.setdefault(sequence, [])
        known.append((late_ms, worth))
        if settled:
            self._done.add(sequence)
            told.append(_gains(self._open.pop(sequence)))
        return told

    def _overtaken(self, sequence: int) -> list[Outcome]:
        told: list[Outcome] = []
        assert self._settled is not None
        if sequence - WAIT - self._settled > LONGEST:
            self._settled = sequence - WAIT
            self._open.clear()
            self._done.clear()
        while self._settled < sequence - WAIT:
            self._settled += 1
            if self._settled in self._done:
                self._done.discard(self._settled)
                self._hole = False
            else:
                gains = _gains(self._open.pop(self._settled, []))
                told.append([(late_ms, gain * TAIL_WORTH) for late_ms, gain in gains] if self._hole else gains)
                self._hole = not gains
        return told


def _gains(known: Outcome) -> Outcome:
    gains, had = [], 0.0
    for late_ms, worth in sorted(known):
        if worth > had:
            gains.append((late_ms, worth - had))
            had = worth
    return gains
