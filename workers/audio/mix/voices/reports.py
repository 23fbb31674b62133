"""What is reported of noise suppression that does not work."""

from __future__ import annotations

from typing import Literal, NamedTuple, Protocol

from workers.audio.mix.voices.lanes import ProcessingLanes

CODE = "audio.no-suppression"
Severity = Literal["error", "warning", "note"]


class SuppressionReport(NamedTuple):
    """What is published of it, see `MixerState`."""

    why_not: str = ""
    pauses: int = 0
    paused_at: float = 0.0


WORKS = SuppressionReport()


class Reporter(Protocol):
    """What a report needs of the worker."""

    def publish_problem(self, code: str, message: str, remedy: str, *, severity: Severity) -> None: ...

    def clear_problem(self, code: str) -> None: ...


def why_not(lanes: ProcessingLanes) -> str:
    """Return why noise is not suppressed although it is wanted, as a sentence, or ""."""
    if lanes.is_paused:
        return "This machine did not keep up, so noise suppression is paused for half a minute."
    return lanes.fault_of_suppression()


def report(worker: Reporter, lanes: ProcessingLanes) -> SuppressionReport:
    """Publish or clear the problem. Return what else is to be published."""
    reason = why_not(lanes)
    if not reason:
        worker.clear_problem(CODE)
    elif lanes.is_paused:
        remedy = "It goes on by itself. Switch it off for some members if this comes back."
        worker.publish_problem(CODE, reason, remedy, severity="warning")
    else:
        remedy = "The voices are heard with their noise. Call `make setup` in the checkout, then restart audio."
        worker.publish_problem(CODE, reason, remedy, severity="warning")
    return SuppressionReport(reason, lanes.pauses, round(lanes.paused_at, 1))
