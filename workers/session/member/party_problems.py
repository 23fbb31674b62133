"""The problems of joins and resyncs. A success clears them."""

from __future__ import annotations

from typing import Any, Literal, Protocol

from common.errors import PartylineError
from workers.session import end_reasons
from workers.session.member.membership import Membership

UNREAD = "session.party-unread"
REJOINED = "session.party-rejoined"
Severity = Literal["note", "warning", "error"]


class ProblemPublisher(Protocol):
    """The worker, which publishes problems."""

    def publish_error(self, error: PartylineError, **more: Any) -> None: ...

    def clear_problem(self, code: str) -> None: ...


class PartyProblems:
    """The problems that are open."""

    def __init__(self, publisher: ProblemPublisher, membership: Membership) -> None:
        self._publisher = publisher
        self._membership = membership
        self._open: set[str] = set()

    def on_join_failed(self, error: PartylineError) -> None:
        """Publish the failure of a join that nobody asked for."""
        self._publish(error, "error")

    def on_resync_failed(self, error: PartylineError) -> None:
        known = self._membership.party is None or self._membership.memory.known
        self._publish(error if known else end_reasons.unread(error, UNREAD), "warning")

    def on_success(self) -> None:
        """Clear the problems that a join or resync resolves."""
        for code in self._open:
            self._publisher.clear_problem(code)
        self._open.clear()

    def on_rejoined(self, away_s: float) -> None:
        """Report that we are in the party again, as a note that stays until we leave."""
        self._publisher.publish_error(end_reasons.rejoined(away_s, REJOINED), severity="note")

    def on_out(self) -> None:
        """Clear what concerns the party that we were in."""
        self._publisher.clear_problem(REJOINED)
        self._publisher.clear_problem(UNREAD)

    def _publish(self, error: PartylineError, severity: Severity) -> None:
        self._open.add(error.code)
        self._publisher.publish_error(error, severity=severity, new_occurrence=True)
