"""The choice of which remote offers are answered, and when. No I/O, no clock.

A member may be hostile, and each answer is a call to Sony's servers. Answers are therefore rate-limited.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from common.basic.bucket import Bucket

STALE_S = 5.0
"""For this long an offer with a lower number than the latest counts as late, not as new."""
ANSWERS_AT_ONCE = 5
ANSWER_EVERY_S = 5.0
"""The burst of answers and the interval after it, whatever a member offers. All members together leave a third of the
pace to other calls (`yields` in `workers.signaling.transports.miranda_transport`)."""


@dataclass(frozen=True)
class Offer:
    sequence: int
    sdp: str


class RemoteOffers:
    """The offers of one member."""

    def __init__(self) -> None:
        self.latest: Offer | None = None
        """The latest one that was answered."""
        self.ignored = 0
        """Those that came late or too often."""
        self.answers_ignored = 0
        """Answers that match no local offer."""
        self._latest_at = 0.0
        self._old: deque[Offer] = deque(maxlen=8)
        self._waiting: Offer | None = None
        self._answers = Bucket(per_s=1 / ANSWER_EVERY_S, at_once=ANSWERS_AT_ONCE)

    def is_late(self, offer: Offer, now: float) -> bool:
        """Return whether a later offer overtook this one."""
        if self.latest is None or offer == self.latest:
            return False
        lower = offer.sequence < self.latest.sequence and now - self._latest_at < STALE_S
        return offer in self._old or lower

    def take(self, offer: Offer, now: float) -> bool:
        """Return whether to answer this offer now. If not, it is late, or it waits in place of an earlier one."""
        if self.is_late(offer, now):
            self.ignored += 1
            return False
        if not self.may_answer(now):
            self.ignored += self._waiting not in (None, offer)
            self._waiting = offer
            return False
        self._record(offer, now)
        return True

    def due(self, now: float) -> Offer | None:
        """Return the waiting offer if it may be answered now."""
        if self._waiting is None or not self.may_answer(now):
            return None
        offer = self._waiting
        self._record(offer, now)
        return offer

    def record_ignored_answer(self) -> None:
        self.answers_ignored += 1

    def may_answer(self, now: float) -> bool:
        """Return whether one more answer is allowed, and count it if so."""
        return self._answers.take(now)

    def _record(self, offer: Offer, now: float) -> None:
        if self.latest is not None and self.latest != offer:
            self._old.append(self.latest)
        self.latest, self._latest_at, self._waiting = offer, now, None
