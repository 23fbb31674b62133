"""When to try again with one member, and what came of the tries. No I/O; time comes in."""

from __future__ import annotations

from dataclasses import dataclass

from workers.media.actions import Failure, Reason
from workers.media.links import Link

BACKOFF_MAX_S = 60.0
HURRY_S = 2.5
"""Between two tries while the alternatives of `common.psn.unknowns` are gone through."""
MOST_SILENT_OFFERS = 3
"""So many new connections are offered to a member who is connected but silent."""
FINAL_S = 15.0
"""After a refusal that says "never": even that may be because the other side is not quite there yet."""
RETRY_S = 1.0
"""After a failure that came fast: not at once, lest two sides fail in circles."""
STEADY_S = 10.0
"""A connection that stood so long was a success; one that is lost sooner counts as a failure."""
SILENT_S = 15.0
"""A connection that stands and never carried RTP for so long is called silent."""


@dataclass(frozen=True)
class Timing:
    """In seconds, from the settings."""

    answer_timeout_s: float = 6.0
    connect_timeout_s: float = 15.0


class Patience:
    def __init__(self, timing: Timing, offer_at: float) -> None:
        self.failures = 0
        """How many tries in a row came to nothing; 0 again when a connection has stood for a while."""
        self.failure: Failure | None = None
        """The latest of them."""
        self.hurry = False
        """Whether the tries follow each other quickly, since each is made in another form."""
        self.silent = False
        """A connection stands that has not carried RTP for `SILENT_S`, nor ever before."""
        self.offer_at: float | None = offer_at
        """When we offer by ourselves; None: not while something is going on."""
        self._timing = timing
        self._silent_offers = 0

    @property
    def gave_up_on_silence(self) -> bool:
        """Whether another connection was offered because the one that stands is silent."""
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
        """Count a try that came to nothing."""
        self.failures += 1
        self.failure = Failure(reason, words, now)

    def retry(self, now: float, wait_s: float | None) -> None:
        """Offer again after `wait_s`; None: as is right after a failure, already counted, that came fast."""
        if wait_s is None:
            wait_s = max(RETRY_S, self._backoff(self.failures - 1) if self.failures > 2 and not self.hurry else 0.0)
        self.offer_at = now + wait_s

    def lost(self, stood_s: float, words: str, now: float, *, older: bool) -> None:
        """Offer again after a connection that stood; for the older member of two that is at once."""
        if stood_s >= STEADY_S:
            self.failures = 0
            self.retry(now, 0.0 if older else RETRY_S)
        else:
            self.failed("no-connection", words, now)
            self.retry(now, None)

    def judge(self, link: Link, now: float, *, may_offer: bool = True) -> None:
        """See how the connection does that stands alone; one that stays silent is to be replaced, a few times."""
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
