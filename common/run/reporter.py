"""The problems of one worker, counted (`problems`), logged and published."""

from __future__ import annotations

import time
from typing import Any

import structlog

from common.bus import Bus
from common.errors import BusUnreachableError
from common.log import logs
from common.messages import Problem
from common.run.problems import Problems


class ProblemReporter:
    """Publishes and clears the problems of one worker. A code is the part of `Problem.key` after the worker's name."""

    def __init__(self, worker: str, bus: Bus, log: structlog.stdlib.BoundLogger) -> None:
        self._worker = worker
        self._bus = bus
        self._log = log
        self._problems = Problems(worker)

    def publish(self, code: str, message: str, remedy: str, *, new_occurrence: bool = False, **more: Any) -> None:
        """Count, log and publish a problem. `more`: severity, reference_id."""
        now, clock = time.time(), time.monotonic()
        problem = self._problems.record(
            code, logs.redact(message), remedy, now=now, clock=clock, new_occurrence=new_occurrence, **more
        )
        if problem is not None:
            self._publish(problem)

    def publish_due(self) -> None:
        """Publish the latest change of each problem that was held back for long enough. Call it once a second."""
        for problem in self._problems.due(time.monotonic()):
            self._publish(problem)

    def clear(self, code: str) -> None:
        """Clear a problem, if it is open."""
        if self._problems.clear(code):
            self._log.info("solved", code=code)
            self._bus.clear(Problem, f"{self._worker}.{code}")

    def is_open(self, code: str) -> bool:
        return self._problems.is_open(code)

    def count(self, code: str) -> int:
        """Return how often a problem has occurred since the start."""
        return self._problems.count(code)

    async def clear_of_earlier_run(self) -> None:
        """Clear open problems of an earlier run that was killed before it could clear them."""
        try:
            left = await self._bus.snapshot(f"{Problem.TOPIC}/{self._worker}.", wait_s=5.0)
        except BusUnreachableError:
            return  # no broker, so no retained problems
        for received in left:
            code = received.key.removeprefix(f"{self._worker}.")
            if received.header.boot != self._bus.boot and not self._problems.is_open(code):
                self._bus.clear(Problem, received.key)

    def _publish(self, problem: Problem) -> None:
        more = {"reference_id": problem.reference_id} if problem.reference_id else {}
        self._log.warning(
            "problem",
            code=problem.code,
            message=problem.message,
            remedy=problem.remedy,
            count=problem.count,
            severity=problem.severity,
            **more,
        )
        self._bus.publish(problem)
