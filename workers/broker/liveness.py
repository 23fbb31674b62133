"""Detection of supervisord's programs that do not report. No I/O, no clock. Call `LivenessCheck.check` every `EVERY_S`.

A worker reports its problems itself, unless it does not start, hangs, or has lost the bus. supervisord shows such a
worker as RUNNING, or restarts it again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from common.run.supervisor import Process

Missing = Literal["silent", "down"]

EVERY_S = 5.0
CHECKS = {"silent": 4, "down": 2}
"""Number of looks in a row before a worker counts as missing. A restart is over by then, even on a busy machine."""
WITHOUT_HEART = frozenset({"simulator"})
_FAILS = frozenset({"BACKOFF", "FATAL"})


class LivenessCheck:
    """The check. A heartbeat counts if it changed between two looks, so clock changes do not matter."""

    def __init__(self) -> None:
        self._beats: dict[str, tuple[str, float]] = {}
        self._counts: dict[str, dict[Missing, int]] = {}

    def check(self, processes: Sequence[Process], beats: Mapping[str, tuple[str, float]]) -> dict[str, Missing]:
        """Return the missing workers. `beats` is the (boot, time) of each worker's last heartbeat."""
        found: dict[str, Missing] = {}
        for process in processes:
            name = process.name
            beaten = name in beats and beats[name] != self._beats.get(name)
            missing = self._missing(process, beaten=beaten)
            counts = self._counts.setdefault(name, {})
            self._counts[name] = {missing: counts.get(missing, 0) + 1} if missing else {}
            if missing and self._counts[name][missing] >= (1 if process.state in _FAILS else CHECKS[missing]):
                found[name] = missing
        self._beats = dict(beats)
        return found

    @staticmethod
    def _missing(process: Process, *, beaten: bool) -> Missing | None:
        if process.finished or process.state == "STOPPED" or beaten:
            return None
        if process.state in _FAILS or process.state == "EXITED":
            return "down"
        return "silent" if process.state == "RUNNING" and process.name not in WITHOUT_HEART else None


def problem_text(process: Process, how: Missing, last: str) -> tuple[str, str]:
    """Return message and remedy. `last` is the end of its log and may be empty."""
    said = f" Its log ends with: {last}." if last else ""
    if how == "down":
        return (
            f"{process.name} does not start.{said}",
            f"supervisord tries again by itself. See {process.log}; `partyline restart {process.name}` tries at once.",
        )
    return (
        f"{process.name} runs, but nothing is heard of it: it hangs, or has lost the bus.{said}",
        f"`partyline restart {process.name}`; if that does not help, see {process.log}.",
    )
