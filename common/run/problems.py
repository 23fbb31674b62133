"""The open problems of one worker, counted and rate-limited. No I/O."""

from __future__ import annotations

from typing import Any

import msgspec

from common.basic.bucket import Bucket
from common.messages import Problem

LOG_PROBLEM_S = 5.0
"""Least interval in which a repeated problem is logged and published. Every occurrence is counted."""
REWORDED_AT_ONCE = 3
"""Changes of an open problem's words that are published at once. Then the newest is, once in `LOG_PROBLEM_S`."""


class _Published:
    """The publishing state of an open problem."""

    def __init__(self) -> None:
        self.problem: Problem | None = None
        """The problem as last published."""
        self.at = 0.0
        self.words = Bucket(per_s=1 / LOG_PROBLEM_S, at_once=REWORDED_AT_ONCE)


class Problems:
    """The open problems of one worker by code. It counts each and decides when to publish it. `clock`: monotonic."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._counts: dict[str, int] = {}
        self._open: dict[str, Problem] = {}
        self._published: dict[str, _Published] = {}

    def record(  # noqa: PLR0913  # two clocks
        self,
        code: str,
        message: str,
        remedy: str,
        *,
        now: float,
        clock: float,
        new_occurrence: bool = False,
        **more: Any,
    ) -> Problem | None:
        """Return the problem if it must be published: it is new, or it changed and was not published just now.

        A new problem or a new occurrence is counted. A mere change of words is not. `now`: Unix seconds.
        """
        standing = self._open.get(code)
        counts = new_occurrence or standing is None
        if counts:
            self._counts[code] = self._counts.get(code, 0) + 1
        at = now if counts or standing is None else standing.at
        self._open[code] = Problem(
            worker=self._worker, code=code, message=message, remedy=remedy, count=self._counts[code], at=at, **more
        )
        if standing is None:
            self._published[code] = _Published()
        return self._publish(code, clock)

    def due(self, clock: float) -> list[Problem]:
        """Return the problems whose latest change was held back and must be published now."""
        return [found for code in self._open if (found := self._publish(code, clock)) is not None]

    def clear(self, code: str) -> bool:
        self._published.pop(code, None)
        return self._open.pop(code, None) is not None

    def is_open(self, code: str) -> bool:
        return code in self._open

    def count(self, code: str) -> int:
        return self._counts.get(code, 0)

    def _publish(self, code: str, clock: float) -> Problem | None:
        problem, published = self._open[code], self._published[code]
        before = published.problem
        if before == problem:
            return None
        if before is not None and clock - published.at < LOG_PROBLEM_S:
            same_words = msgspec.structs.replace(before, count=problem.count, at=problem.at) == problem
            if same_words or not published.words.take(clock):
                return None
        published.problem, published.at = problem, clock
        return problem
