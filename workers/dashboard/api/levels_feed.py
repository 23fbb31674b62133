"""The levels for the API's clients: as often as each wants, each frame made once for all that want the same. No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from common.messages import Levels
from workers.dashboard.api.feed import EventSubscription, event_frame


class LevelsFeed:
    """Thins the levels out. A peak between two frames is in the next one."""

    def __init__(self) -> None:
        self._rates: dict[int, _Rate] = {}
        """Times a second → what is collected for those who want that many."""

    def frames(
        self, levels: Levels, wanted: set[EventSubscription], now: float
    ) -> Iterator[tuple[EventSubscription, bytes]]:
        """Yield each subscription that gets a frame now, with the frame. `now`: seconds of any clock."""
        made: dict[tuple[int, frozenset[str]], bytes] = {}
        self._rates = {rate: self._rates.get(rate) or _Rate(rate) for rate in {one.levels_hz for one in wanted}}
        due = {rate: collected.add(levels, now) for rate, collected in self._rates.items()}
        for one in wanted:
            collected = due[one.levels_hz]
            if collected is None:
                continue
            same = (one.levels_hz, one.members)
            if same not in made:
                made[same] = event_frame(levels.topic(), one.levels(collected), None)
            yield one, made[same]


class _Rate:
    """What is collected for one rate."""

    def __init__(self, per_s: int) -> None:
        self._every_s = 1 / per_s
        self._next = 0.0
        self._talkers: dict[str, float] = {}
        self._mix: float | None = None
        self._since = 0.0

    def add(self, levels: Levels, now: float) -> Levels | None:
        """Take the levels of an interval. Return the peaks since the last frame if one is due."""
        if self._mix is None or now - self._since > 2 * self._every_s:  # what is older would come too late
            self._talkers, self._mix, self._since = {}, levels.mix, now
        self._mix = max(self._mix, levels.mix)
        self._talkers = {peer: max(db, self._talkers.get(peer, db)) for peer, db in levels.talkers.items()}
        if now < self._next - self._every_s / 4:  # a worker's own interval is not exact
            return None
        self._next = (self._next if now - self._next < self._every_s else now) + self._every_s
        collected = Levels(talkers=self._talkers, mix=self._mix)
        self._mix = None
        return collected
