"""When a talker's packets were late, and since when they are not: evidence that the network has changed. No clock."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

LATE_MS = 10.0
"""Less than this, a tick, is not lateness."""
CLASSES_MS = (640.0, 320.0, 160.0, 80.0, 40.0, 20.0, LATE_MS)
"""Episodes are of one kind if the lateness is alike. Rare stalls come by themselves, whatever jitter does."""
LONGEST_MS = 1000.0
"""An episode that lasts longer counts again."""
APART_MS = 320.0
"""Speech in time that ends an episode. What is late sooner belongs to it, as the packets behind a stall do."""
KEPT = 64
LEAST = 3
"""Fewer episodes say nothing of how often they come. They count with those of lesser lateness."""
SURE = 7.0
"""A network has changed when by chance so few episodes would come once in exp(7) = 1100 times. With 5 a rare loss that
goes on is forgotten too soon (0.15 PESQ-WB on bad starts)."""
EACH_MS = 800.0
"""How often the question is put."""


@dataclass(slots=True, eq=False)
class Episode:
    first_ms: float
    last_ms: float
    latest_ms: float
    """The greatest lateness in it."""


class LateEpisodes:
    """The last episodes of one talker. Times are in ms of speech since the beginning."""

    def __init__(self) -> None:
        self._episodes: deque[Episode] = deque(maxlen=KEPT)
        self._asked_ms = 0.0

    def record(self, spoken_ms: float, late_ms: float) -> None:
        """Take the lateness of a packet that ended `spoken_ms` after the beginning."""
        if late_ms <= LATE_MS:
            return
        last = self._episodes[-1] if self._episodes else None
        if last is None or spoken_ms - last.last_ms > APART_MS or spoken_ms - last.first_ms >= LONGEST_MS:
            self._episodes.append(Episode(spoken_ms, spoken_ms, late_ms))
        else:
            last.last_ms, last.latest_ms = spoken_ms, max(last.latest_ms, late_ms)

    def past(self, spoken_ms: float) -> list[Episode]:
        """Return the episodes of a network that has become better since, and forget them.

        Empty if it has not, or if the question was put a moment ago.
        """
        if spoken_ms - self._asked_ms < EACH_MS:
            return []
        self._asked_ms = spoken_ms
        below_ms = math.inf
        gone: set[Episode] = set()
        known = {next(each for each in CLASSES_MS if episode.latest_ms >= each) for episode in self._episodes}
        for from_ms in sorted(known, reverse=True):
            alike = [episode for episode in self._episodes if from_ms <= episode.latest_ms < below_ms]
            if len(alike) < LEAST:
                continue
            over = _over(alike, spoken_ms)
            gone.update(over)
            if not over:
                below_ms = from_ms
        found = [episode for episode in self._episodes if episode in gone]
        self._episodes = deque((episode for episode in self._episodes if episode not in gone), maxlen=KEPT)
        return found


def _over(episodes: list[Episode], spoken_ms: float) -> list[Episode]:
    """Return the episodes before the moment since which too few have come, if there is one."""
    found, least = 0, math.exp(-SURE)
    for count in range(LEAST, len(episodes) + 1):
        usual_ms = max((episodes[count - 1].first_ms - episodes[0].first_ms) / (count - 1), APART_MS)
        expected = (spoken_ms - episodes[count - 1].last_ms) / usual_ms
        if expected > SURE and (chance := _at_most(len(episodes) - count, expected)) < least:
            found, least = count, chance
    return episodes[:found]


def _at_most(count: int, expected: float) -> float:
    """Return the chance of at most `count` events where `expected` are expected (Poisson)."""
    term = total = math.exp(-expected)
    for number in range(1, count + 1):
        term *= expected / number
        total += term
    return total
