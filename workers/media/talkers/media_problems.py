"""Media's problems with connections and packets, raised and cleared."""

from __future__ import annotations

import time
from collections.abc import Iterable

import structlog

from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import Member
from common.psn.http.trace import CallTrace, no_connection
from common.run.worker import Worker
from common.system import local_network, qos
from workers.media.guard.diagnosis import Diagnosis, unreachable_problem
from workers.media.talkers.late_ticks import LateTicks
from workers.media.talkers.talker import Talker

LOCAL_NETWORK = "media.local-network"
FAILURES_TO_REPORT = 3
TRACE_EVERY_S = 60.0
"""Interval of records with the same cause and member."""
FORGET_S = 30.0
"""A problem with malformed or too many packets is cleared after this time without one."""


class MediaProblems:
    """The problems of one media worker."""

    def __init__(self, worker: Worker, paths: Paths) -> None:
        self._worker = worker
        self._trace = CallTrace(paths.trace_file)
        self._traced: dict[tuple[str, str], float] = {}
        self._bad_rtp: dict[str, float] = {}
        self._floods: dict[str, float] = {}
        """Name → time of the latest one."""
        self._late_ticks = LateTicks()
        self._log = structlog.get_logger("media")

    def on_connection_fault(self, error: PartylineError) -> None:
        self._worker.publish_error(error, severity="warning", new_occurrence=True)

    def on_bad_rtp(self, who: str) -> None:
        """Record an unusable packet."""
        self._bad_rtp[who] = time.monotonic()

    def on_no_connection(self, member: Member, why: Diagnosis) -> None:
        """Record why a connection did not come up, in the log and in the trace for bug reports."""
        now = time.monotonic()
        self._traced = {what: at for what, at in self._traced.items() if now - at < TRACE_EVERY_S}
        if (member.peer, why.cause) in self._traced:
            return  # many retries must not push out other entries
        self._traced[member.peer, why.cause] = now
        self._log.warning("no connection", peer=member.peer, why=why.sentence, **why.record)
        self._trace.add(no_connection(why.sentence, why.record, time.time()))

    def on_flood(self, who: str) -> None:
        """Record that packets were dropped because there were far too many."""
        self._floods[who] = time.monotonic()

    def on_lateness(self, late_ms: float, *, is_in_party: bool) -> None:
        """Report ticks that are late for a minute. Called once a second with the 99th percentile."""
        if not is_in_party:
            self._late_ticks.clear()
        if is_in_party and self._late_ticks.record(late_ms, time.monotonic()):
            self._worker.publish_problem(
                "media.late-ticks",
                "This machine gives partyline its time too late, so voices may crackle.",
                qos.late_remedy(),
                severity="warning",
            )
        else:
            self._worker.clear_problem("media.late-ticks")

    def update(self, talkers: Iterable[Talker]) -> None:
        """Report unreachable members, and clear resolved problems."""
        talkers = list(talkers)
        self._publish_local_network([_name(talker) for talker in talkers if _is_blocked(talker)])
        failing = {
            _name(talker): talker.why
            for talker in talkers
            if talker.negotiation.retries.failures >= FAILURES_TO_REPORT
            and talker.negotiation.status.connection != "connected"
            and talker.publisher.way != "bridge"
            and not _is_blocked(talker)
        }
        if failing:
            message, remedy = unreachable_problem(failing)
            self._worker.publish_problem("media.no-connection", message, remedy, severity="warning")
        else:
            self._worker.clear_problem("media.no-connection")
        if all(talker.negotiation.status.connection == "connected" for talker in talkers):
            self._worker.clear_problem("psn.bad-sdp")
            self._worker.clear_problem("media.connection-fault")
        self._publish_packet_problems(time.monotonic())

    def _publish_local_network(self, names: list[str]) -> None:
        """Report members in the local network whom this machine does not let us reach."""
        if not names:
            self._worker.clear_problem(LOCAL_NETWORK)
            return
        self._worker.publish_problem(
            LOCAL_NETWORK,
            f"{local_network.blocked_by()} does not let partyline send into the local network, so there is no way to "
            f"{', '.join(sorted(names))}.",
            local_network.remedy(),
            severity="warning",
        )

    def _publish_packet_problems(self, now: float) -> None:
        """Report all affected names in one problem of each kind, whose text stays the same meanwhile."""
        if names := _lately(self._bad_rtp, now):
            self._worker.publish_problem(
                "media.bad-rtp",
                f"Packets of {names} could not be used.",
                "Nothing to do if it is rare. `partyline status` counts these packets.",
                severity="note",
            )
        else:
            self._worker.clear_problem("media.bad-rtp")
        if names := _lately(self._floods, now):
            self._worker.publish_problem(
                "media.flood",
                f"Far too many packets come from {names}. The excess is dropped.",
                "Other voices are not affected. If it continues, remove the sender from the party.",
                severity="warning",
            )
        else:
            self._worker.clear_problem("media.flood")


def _name(talker: Talker) -> str:
    return talker.member.online_id or talker.member.peer


def _is_blocked(talker: Talker) -> bool:
    """Return whether the latest try failed because this machine lets nothing out into the local network."""
    why = talker.why
    return talker.negotiation.status.connection != "connected" and why is not None and why.cause == "local network"


def _lately(seen: dict[str, float], now: float) -> str:
    """Return the names seen lately, and drop the others."""
    for name in [name for name, at in seen.items() if now - at > FORGET_S]:
        del seen[name]
    return ", ".join(sorted(seen))
