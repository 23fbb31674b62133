"""What is wrong with one worker at the moment, counted, and said no more often than is of use. No I/O."""

from __future__ import annotations

from typing import Any

from common.messages import Problem

LOG_PROBLEM_S = 5.0
"""The same problem is logged and published at most once in so many seconds; it is counted each time."""


class Problems:
    """The open problems of one worker: counts each, and says when to publish it again."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._counts: dict[str, int] = {}
        self._open: dict[str, Problem] = {}

    def raise_(
        self, code: str, message: str, remedy: str, *, now: float, anew: bool = True, **more: Any
    ) -> Problem | None:
        """Count a problem, unless it stands and this is not `anew`; return it when it is to be published.

        That is: when it is new, changed, or was not said for a while.
        """
        if anew or not self.stands(code):
            self._counts[code] = self._counts.get(code, 0) + 1
        problem = Problem(
            worker=self._worker,
            code=code,
            message=message,
            remedy=remedy,
            count=self._counts[code],
            at=now,
            **more,
        )
        before = self._open.get(code)
        if before is not None and before.message == message and now - before.at < LOG_PROBLEM_S:
            return None
        self._open[code] = problem
        return problem

    def clear(self, code: str) -> bool:
        return self._open.pop(code, None) is not None

    def stands(self, code: str) -> bool:
        return code in self._open

    def count(self, code: str) -> int:
        return self._counts.get(code, 0)
