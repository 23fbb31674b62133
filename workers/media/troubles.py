"""What media tells a person of connections and packets, and when it takes it back."""

from __future__ import annotations

import time
from collections.abc import Iterable

import structlog

from common.errors import PartylineError
from common.messages import Member
from common.paths import Paths
from common.psn.trace import Trace, no_connection
from common.worker import Worker
from workers.media.guard.explain import Explanation, tell
from workers.media.talker import Talker

FAILURES_TO_TELL = 3
FORGET_S = 30.0
"""Malformed packets, or far too many, are no open problem any more after so long without one."""


class Troubles:
    """Problems of one media worker."""

    def __init__(self, worker: Worker, paths: Paths) -> None:
        self._worker = worker
        self._trace = Trace(paths.trace_file)
        self._bad_rtp_at = self._flood_at = 0.0
        self._log = structlog.get_logger("media")

    def complain(self, error: PartylineError) -> None:
        self._worker.problem_of(error, severity="warning")

    def bad_rtp(self, what: str) -> None:
        self._bad_rtp_at = time.monotonic()
        self._worker.problem(
            "media.bad-rtp",
            f"A packet could not be used ({what}).",
            "Nothing to do if it stays rare; it is counted in `partyline status`.",
            severity="note",
        )

    def explained(self, member: Member, why: Explanation) -> None:
        """Keep why a connection did not come up: in full in the log, and for a bug report."""
        self._log.warning("no connection", peer=member.peer, why=why.sentence, **why.record)
        self._trace.add(no_connection(why.sentence, why.record, time.time()))

    def floods(self, who: str, dropped: int) -> None:
        self._flood_at = time.monotonic()
        self._worker.problem(
            "media.flood",
            f"{who} sends far too much ({dropped} packets were dropped so far).",
            "Nobody else is disturbed. If it goes on, take them out of the party.",
            severity="warning",
        )

    def each_second(self, talkers: Iterable[Talker]) -> None:
        """Tell who is not reached, and take back what is over."""
        talkers = list(talkers)
        failing = {
            talker.member.online_id or talker.member.peer: talker.why
            for talker in talkers
            if talker.negotiation.tries.failures >= FAILURES_TO_TELL
            and talker.negotiation.connection != "connected"
            and talker.way != "bridge"
        }
        if failing:
            message, remedy = tell(failing)
            self._worker.problem("media.no-connection", message, remedy, severity="warning")
        else:
            self._worker.solved("media.no-connection")
        if all(talker.negotiation.connection == "connected" for talker in talkers):
            self._worker.solved("psn.bad-sdp")
            self._worker.solved("media.connection-fault")
        now = time.monotonic()
        if now - self._bad_rtp_at > FORGET_S:
            self._worker.solved("media.bad-rtp")
        if now - self._flood_at > FORGET_S:
            self._worker.solved("media.flood")
