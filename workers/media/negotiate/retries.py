"""The retry policy for one member, and the results of its tries. No I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass

from workers.media.negotiate.actions import Failure, Reason
from workers.media.negotiate.connection import Link

BACKOFF_MAX_S = 60.0
HURRY_S = 2.5
"""Between two tries while the alternatives of `common.psn.unknowns` are tried."""
MOST_SILENT_OFFERS = 3
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
class Timing:
    """Timeouts in seconds, from the settings."""

    answer_timeout_s: float = 6.0
    connect_timeout_s: float = 15.0


class Patience:
    def __init__(self, timing: Timing, offer_at: float) -> None:
        self.failures = 0
        """Failed tries in a row. Reset when a connection has been up for `STEADY_S`."""
        self.failure: Failure | None = None
        """The latest failure."""
        self.hurry = False
        """Whether retries follow quickly because each is made in another form."""
        self.silent = False
        """Whether a connection is up that has never carried RTP, for at least `SILENT_S`."""
        self.offer_at: float | None = offer_at
        """When the next local offer is due. None while a negotiation is under way."""
        self._timing = timing
        self._silent_offers = 0

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

    def failed(self, reason: Reason, words: str, now: float) -> None:
        """Count a failed try."""
        self.failures += 1
        self.failure = Failure(reason, words, now)

    def retry(self, now: float, wait_s: float | None) -> None:
        """Schedule the next offer after `wait_s`. None means the delay after a fast failure that is already counted."""
        if wait_s is None:
            wait_s = max(RETRY_S, self._backoff(self.failures - 1) if self.failures > 2 and not self.hurry else 0.0)
        self.offer_at = now + wait_s

    def lost(self, stood_s: float, words: str, now: float, *, older: bool) -> None:
        """Schedule the next offer after a connection was lost, at once if we are the older member."""
        if stood_s >= STEADY_S:
            self.failures = 0
            self.retry(now, 0.0 if older else RETRY_S)
        else:
            self.failed("no-connection", words, now)
            self.retry(now, None)

    def judge(self, link: Link, now: float, *, may_offer: bool = True) -> None:
        """Judge a connection that is up alone. A silent one is replaced, a few times."""
        stood_s = now - (link.up_at or 0.0)
        if stood_s >= STEADY_S:
            self.failures = 0
        if link.rtp_at >= 0:
            self._silent_offers = 0
        silent = link.rtp_at < 0 and stood_s >= SILENT_S
        if silent and not self.silent:
            self.failure = Failure("silent", "connected, but no sound came", now)
        patient = stood_s >= SILENT_S * float(1 << self._silent_offers)
        if may_offer and silent and patient and self._silent_offers < MOST_SILENT_OFFERS:
            self._silent_offers += 1
            self.offer_at = now
        self.silent = silent

    def _backoff(self, failures: int) -> float:
        if self.hurry and failures:
            return min(HURRY_S, self._timing.answer_timeout_s)
        return min(self._timing.answer_timeout_s * float(1 << min(failures, 8)), BACKOFF_MAX_S)
