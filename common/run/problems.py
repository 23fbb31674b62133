"""What is wrong with one worker at the moment, counted, and said no more often than is of use. No I/O."""

from __future__ import annotations

from typing import Any

import msgspec

from common.basic.bucket import Bucket
from common.messages import Problem

LOG_PROBLEM_S = 5.0
"""A problem that happens again is logged and published at most once in so many seconds; it is counted each time."""
REWORDED_AT_ONCE = 3
"""So many changes of a standing problem's words are told at once; then one in `LOG_PROBLEM_S`, always the newest."""


class _Told:
    """How a problem that stands was told."""

    def __init__(self) -> None:
        self.problem: Problem | None = None
        """As it was last published."""
        self.at = 0.0
        self.words = Bucket(per_s=1 / LOG_PROBLEM_S, at_once=REWORDED_AT_ONCE)


class Problems:
    """The open problems of one worker by code: counts each, and says when to publish it again. `clock`: monotonic."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._counts: dict[str, int] = {}
        self._open: dict[str, Problem] = {}
        self._told: dict[str, _Told] = {}

    def raise_(  # noqa: PLR0913  # two clocks
        self, code: str, message: str, remedy: str, *, now: float, clock: float, anew: bool = False, **more: Any
    ) -> Problem | None:
        """Return the problem when it is to be published: when it is new, or changed and not said just now.

        It is counted when it did not stand, or happened `anew`; other words alone are no occurrence.
        `now`: Unix seconds.
        """
        standing = self._open.get(code)
        counts = anew or standing is None
        if counts:
            self._counts[code] = self._counts.get(code, 0) + 1
        at = now if counts or standing is None else standing.at
        self._open[code] = Problem(
            worker=self._worker, code=code, message=message, remedy=remedy, count=self._counts[code], at=at, **more
        )
        if standing is None:
            self._told[code] = _Told()
        return self._publish(code, clock)

    def late(self, clock: float) -> list[Problem]:
        """Return those that changed too soon after they had been said, and are to be published now."""
        return [found for code in self._open if (found := self._publish(code, clock)) is not None]

    def clear(self, code: str) -> bool:
        self._told.pop(code, None)
        return self._open.pop(code, None) is not None

    def stands(self, code: str) -> bool:
        return code in self._open

    def count(self, code: str) -> int:
        return self._counts.get(code, 0)

    def _publish(self, code: str, clock: float) -> Problem | None:
        problem, told = self._open[code], self._told[code]
        before = told.problem
        if before == problem:
            return None
        if before is not None and clock - told.at < LOG_PROBLEM_S:
            same_words = msgspec.structs.replace(before, count=problem.count, at=problem.at) == problem
            if same_words or not told.words.take(clock):
                return None
        told.problem, told.at = problem, clock
        return problem
