"""The retry policy for one member, and the results of its tries. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from workers.media.negotiate.actions import FailedTry, FailureReason
from workers.media.negotiate.negotiated_connection import NegotiatedConnection

BACKOFF_MAX_S = 60.0
"""The longest wait between two tries. Each try is a call to Sony's servers."""
HURRY_S = 2.5
"""Between two tries while the alternatives of `common.psn.unknowns` are tried. `benchmarks.party.ladder` measures how
long all of them take."""
MAX_SILENT_OFFERS = 3
"""How many new connections are offered to a member that is connected but silent."""
FINAL_S = 15.0
"""After a refusal that says "never". Even that may mean that the other side is not ready yet."""
RETRY_S = 1.0
"""After a fast failure. An immediate retry could make two sides fail in circles."""
STEADY_S = 10.0
"""A connection that was up for this long was a success. One that is lost sooner counts as a failure."""
SILENT_S = 15.0
"""A connection that is up and has not carried RTP for this long is silent."""


@dataclass(frozen=True)
class Timeouts:
    """Timeouts in seconds, from the settings."""

    answer_timeout_s: float = 6.0
    connect_timeout_s: float = 15.0


class RetryPolicy:
    """When the next offer to one member is due, by what became of the earlier ones."""

    def __init__(self, timeouts: Timeouts, offer_at: float) -> None:
        self.failures = 0
        """Failed tries in a row. Reset when a connection has been up for `STEADY_S`."""
        self.failure: FailedTry | None = None
        """The latest failure."""
        self.hurry = False
        """Whether retries follow quickly because each is made in another form."""
        self.silent = False
        """Whether a connection is up that has never carried RTP, for at least `SILENT_S`."""
        self.offer_at: float | None = offer_at
        """When the next local offer is due. None while a negotiation is under way."""
        self._timeouts = timeouts
        self._silent_offers = 0
        self._offers_at_once = False

    def use_order(self, *, offers_at_once: bool) -> None:
        """Set which side offers at once after a loss."""
        self._offers_at_once = offers_at_once

    def use_hurry(self, *, hurry: bool) -> None:
        self.hurry = hurry

    @property
    def gave_up_on_silence(self) -> bool:
        """Whether another connection was offered because the current one is silent."""
        return self._silent_offers > 0

    def backoff(self) -> float:
        """Return how long to wait for an answer, or after a failure: 6 s, 12 s, … 60 s."""
        return self._backoff(self.failures)

    def after_refusal(self, *, final: bool) -> float:
        if self.hurry:
            return HURRY_S
        return max(FINAL_S, self.backoff()) if final else self.backoff()

    def after_long_try(self) -> float:
        return 0.0 if self.failures == 0 else self.backoff()

    def record_failure(self, reason: FailureReason, words: str, now: float) -> None:
        """Count a failed try."""
        self.failures += 1
        self.failure = FailedTry(reason, words, now)

    def schedule(self, now: float, wait_s: float | None) -> None:
        """Schedule the next offer after `wait_s`. None means the delay after a fast failure that is already counted."""
        if wait_s is None:
            wait_s = max(RETRY_S, self._backoff(self.failures - 1) if self.failures > 2 and not self.hurry else 0.0)
        self.offer_at = now + wait_s

    def schedule_after_loss(self, up_s: float, words: str, now: float) -> None:
        """Schedule the next offer after a connection was lost that had been up for `up_s`."""
        if up_s >= STEADY_S:
            self.failures = 0
            self.schedule(now, 0.0 if self._offers_at_once else RETRY_S)
        else:
            self.record_failure("no-connection", words, now)
            self.schedule(now, None)

    def check_media(self, connection: NegotiatedConnection, now: float, *, may_offer: bool = True) -> None:
        """Check whether a connection that is up alone carries sound. A silent one is replaced, a few times."""
        up_s = now - (connection.up_at or 0.0)
        if up_s >= STEADY_S:
            self.failures = 0
        if connection.rtp_at >= 0:
            self._silent_offers = 0
        silent = connection.rtp_at < 0 and up_s >= SILENT_S
        if silent and not self.silent:
            self.failure = FailedTry("silent", "connected, but no sound came", now)
        waited = up_s >= SILENT_S * float(1 << self._silent_offers)
        if may_offer and silent and waited and self._silent_offers < MAX_SILENT_OFFERS:
            self._silent_offers += 1
            self.offer_at = now
        self.silent = silent

    def clear_offer(self) -> None:
        self.offer_at = None

    def advance(self, now: float) -> None:
        """Make the scheduled offer now."""
        if self.offer_at is not None:
            self.offer_at = min(self.offer_at, now)

    def clear_silent(self) -> None:
        self.silent = False

    def _backoff(self, failures: int) -> float:
        if self.hurry and failures:
            return min(HURRY_S, self._timeouts.answer_timeout_s)
        return min(self._timeouts.answer_timeout_s * float(1 << min(failures, 8)), BACKOFF_MAX_S)
