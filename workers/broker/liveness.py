"""Detection of supervisord's programs that do not report. No I/O, no clock. Call `LivenessCheck.check` every `CHECK_S`.

A worker reports its problems itself, unless it does not start, hangs, or has lost the bus. supervisord shows such a
worker as RUNNING, or restarts it again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from common.run.programs import WITHOUT_HEARTBEAT
from common.run.supervisor import Process

Missing = Literal["silent", "down"]

CHECK_S = 5.0
FAILED_CHECKS = {"silent": 4, "down": 2}
"""Failed checks in a row that make a worker missing. Chosen so that a restart on a busy machine is over by then."""
_FAILS = frozenset({"BACKOFF", "FATAL"})


class LivenessCheck:
    """The check. A heartbeat counts if it changed between two checks, so clock changes do not matter."""

    def __init__(self) -> None:
        self._beats: dict[str, tuple[str, float]] = {}
        self._counts: dict[str, dict[Missing, int]] = {}

    def check(self, processes: Sequence[Process], beats: Mapping[str, tuple[str, float]]) -> dict[str, Missing]:
        """Return the missing workers. `beats` is the (boot, time) of each worker's last heartbeat."""
        found: dict[str, Missing] = {}
        for process in processes:
            name = process.name
            beating = name in beats and beats[name] != self._beats.get(name)
            missing = self._missing(process, beating=beating)
            counts = self._counts.setdefault(name, {})
            self._counts[name] = {missing: counts.get(missing, 0) + 1} if missing else {}
            if missing and self._counts[name][missing] >= (1 if process.state in _FAILS else FAILED_CHECKS[missing]):
                found[name] = missing
        self._beats = dict(beats)
        return found

    @staticmethod
    def _missing(process: Process, *, beating: bool) -> Missing | None:
        if process.finished or process.state == "STOPPED" or beating:
            return None
        if process.state in _FAILS or process.state == "EXITED":
            return "down"
        return "silent" if process.state == "RUNNING" and process.name not in WITHOUT_HEARTBEAT else None


def problem_text(process: Process, missing: Missing, last: str) -> tuple[str, str]:
    """Return message and remedy. `last` is the end of its log and may be empty."""
    ending = f" Its log ends with: {last}." if last else ""
    if missing == "down":
        return (
            f"{process.name} does not start.{ending}",
            f"supervisord retries. `partyline restart {process.name}` retries at once. Its log is {process.log}.",
        )
    return (
        f"{process.name} runs, but sends no heartbeat. It hangs, or has lost the bus.{ending}",
        f"Restart it with `partyline restart {process.name}`. If that does not help, see {process.log}.",
    )
