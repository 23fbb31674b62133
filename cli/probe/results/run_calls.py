"""The calls of a run, from the trace that every worker writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from cli.probe.results.run_record import CallRecord
from common.psn.http import trace
from common.psn.http.trace import Traced

WINDOW_S = 900.0
KNOWN_LIMIT = 300
"""Calls that an account may make in 10 to 15 minutes [seen]."""
LIMIT = KNOWN_LIMIT // 10
"""Calls that a run may make, besides messages to members and bridges."""
_TRYING = re.compile(r"/customMessage$|/rtcBridge/|/bridges\b")


def since(file: Path, began: float) -> list[Traced]:
    """Return the calls since `began` (Unix seconds), the oldest first."""
    return sorted((call for call in trace.read(file) if call.at >= began), key=lambda call: call.at)


def is_trying(call: Traced) -> bool:
    """Return whether it is a message to a member or about a bridge, whose number depends on what must be tried."""
    return _TRYING.search(call.path) is not None


def busiest(calls: Sequence[Traced], *, trying: bool = False) -> int:
    """Return the calls of the busiest 15 minutes, without those of `is_trying` unless `trying`."""
    times = [call.at for call in calls if trying or not is_trying(call)]
    return max((sum(start <= at < start + WINDOW_S for at in times) for start in times), default=0)


def shown(call: Traced) -> str:
    """Return a call as a line for the terminal, with Sony's reference id and without ids of persons or parties."""
    reply = " ".join(
        part
        for part in (
            call.message,
            f"(code {call.code})" if call.code else "",
            f"reference {call.reference_id}" if call.reference_id else "",
        )
        if part
    )
    return f"{call.method} {call.host}:{call.path} → {call.status or 'no answer'} in {call.ms} ms  {reply}".rstrip()


class RunCallLog:
    """The calls of a run by step. `began`: Unix seconds."""

    def __init__(self, trace_file: Path, began: float) -> None:
        self.calls: list[Traced] = []
        self._trace_file = trace_file
        self._began = began
        self._steps: list[str] = []

    def collect(self, step: str) -> list[Traced]:
        """Return the calls since the last time, and record them as calls of `step`."""
        fresh = since(self._trace_file, self._began)[len(self.calls) :]
        self.calls += fresh
        self._steps += [step] * len(fresh)
        return fresh

    def summary(self) -> str:
        return (
            f"{busiest(self.calls)} calls in the busiest 15 min, of {LIMIT} allowed for a run, without messages to "
            f"members and bridges. {busiest(self.calls, trying=True)} calls in all."
        )

    def records(self) -> tuple[CallRecord, ...]:
        return tuple(
            CallRecord(
                step=step,
                at=round(call.at - self._began, 1),
                call=f"{call.method} {call.host}:{call.path}",
                status=call.status,
                ms=call.ms,
                code=call.code,
                said=call.message,
            )
            for call, step in zip(self.calls, self._steps, strict=True)
        )
