"""Who offers, who answers, and when again: the negotiation with one member. No I/O; time comes in.

- Whatever is offered is answered. We offer by ourselves when nothing came for a while.
- Glare (both offered): the offer of the numerically smaller account id stands. Who offers in Sony's apps
  is [open]; a stranger may know no such rule, so an offer set aside is answered when ours got no answer.
- A new offer makes a new connection; the one that works goes on until the new one does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Connection = Literal["waiting", "connecting", "connected", "lost", "failed"]
"""As in `common.messages.PeerState`."""

BACKOFF_MAX_S = 60.0
FINAL_S = 15.0
"""After a refusal that says "never": even that may be because the other side is not quite there yet."""
RETRY_S = 1.0
"""After a failure that came fast: not at once, lest two sides fail in circles."""


@dataclass(frozen=True)
class Timing:
    """All in seconds, from the settings."""

    offer_after_s: float = 1.0
    answer_timeout_s: float = 6.0
    connect_timeout_s: float = 15.0


@dataclass(frozen=True)
class MakeOffer:
    """Make a new connection and offer it."""

    sequence: int
    attempt: int = 1
    """How often we have tried in a row, this time included."""


@dataclass(frozen=True)
class AnswerOffer:
    """Make a new connection that answers this offer."""

    sequence: int
    sdp: str


@dataclass(frozen=True)
class AcceptAnswer:
    """Give this answer to the connection that was offered."""

    sdp: str


@dataclass(frozen=True)
class RepeatAnswer:
    """The same offer came again: perhaps our answer never arrived."""

    sequence: int


Action = MakeOffer | AnswerOffer | AcceptAnswer | RepeatAnswer


@dataclass
class _Attempt:
    role: Literal["offering", "answering"]
    sequence: int
    deadline: float
    answered: bool = False


class Negotiation:
    """With one member. Methods return what is to be done now, None for nothing.

    `MakeOffer` and `AnswerOffer` replace a connection that is not up yet; `dropped` says that one is to be
    closed without a successor for now.
    """

    def __init__(self, timing: Timing, *, smaller: bool, offer_at: float, sequence: int = 1) -> None:
        """`smaller`: we win a glare (`wins_glare`); `offer_at`: wait so long for theirs; `sequence`: our first."""
        self._smaller = smaller
        self._timing = timing
        self._next_sequence = sequence
        self._attempt: _Attempt | None = None
        self._offer_at: float | None = offer_at
        self._set_aside: AnswerOffer | None = None
        self._answered_offer: AnswerOffer | None = None
        self._tries = 0
        self._live = False
        self.state: Connection = "waiting"
        self.detail = "waiting for an offer"
        self.ignored = 0
        """Answers that match no offer of ours, and offers that lost a glare."""

    # --- what comes from the other side ---------------------------------------------------------

    def offered(self, sequence: int, sdp: str, now: float) -> Action | None:
        """Take an offer."""
        offer = AnswerOffer(sequence, sdp)
        attempt = self._attempt
        if offer == self._answered_offer and (self._live or attempt is not None):
            return RepeatAnswer(sequence)
        if attempt is not None and attempt.role == "offering" and not attempt.answered and self._smaller:
            self._set_aside = offer
            self.ignored += 1
            return None
        return self._answer(offer, now)

    def answered(self, sequence: int, sdp: str, now: float) -> Action | None:
        """Take an answer."""
        attempt = self._attempt
        if attempt is None or attempt.role != "offering" or attempt.answered or attempt.sequence != sequence:
            self.ignored += 1
            return None
        attempt.answered = True
        attempt.deadline = now + self._timing.connect_timeout_s
        self._say("connecting", "answered: connecting")
        return AcceptAnswer(sdp)

    def refused(self, kind: str, sequence: int, message: str, now: float, *, final: bool) -> bool:
        """Take the server's refusal of a signal; return whether the connection it was for is dropped."""
        attempt = self._attempt
        role = "offering" if kind == "offer" else "answering"
        if attempt is None or attempt.role != role or attempt.sequence != sequence or attempt.answered:
            return False
        wait_s = max(FINAL_S, self._backoff()) if final else self._backoff()
        self._fail(f"the server refused our {kind}: {message}", now, wait_s)
        return True

    # --- what comes from the connection ----------------------------------------------------------

    def connected(self) -> None:
        """Learn that the attempted connection is up."""
        self._attempt = self._offer_at = self._set_aside = None
        self._tries = 0
        self._live = True
        self._say("connected", "")

    def failed(self, why: str, now: float) -> None:
        """Learn that the attempted connection will not come up."""
        self._fail(why, now, max(RETRY_S, self._backoff() if self._tries > 1 else 0.0))

    def lost(self, why: str, now: float) -> None:
        """Learn that the connection that was up is gone.

        libwebrtc ends the old one as soon as its own new offer is answered: then the new one is on its way already.
        """
        self._live = False
        if self._attempt is None:
            self._answered_offer = None
            self._offer_at = now + self._timing.offer_after_s
            self._say("lost", why)
        else:
            self._say("connecting", f"{why}: the next one is being made")

    # --- time ------------------------------------------------------------------------------------

    def tick(self, now: float) -> Action | None:
        """Return what time brings; to be called a few times a second."""
        attempt = self._attempt
        if attempt is not None and now >= attempt.deadline:
            if attempt.role == "offering" and not attempt.answered:
                return self._unanswered(now)
            self._fail("no connection within the time allowed", now, 0.0 if self._tries == 0 else self._backoff())
        if self._attempt is None and self._offer_at is not None and now >= self._offer_at:
            return self._offer(now)
        return None

    @property
    def failures(self) -> int:
        """How many tries in a row came to nothing."""
        return self._tries

    @property
    def attempting(self) -> bool:
        """Whether a connection is being made."""
        return self._attempt is not None

    # --- inside ----------------------------------------------------------------------------------

    def _offer(self, now: float) -> MakeOffer:
        sequence, self._next_sequence = self._next_sequence, self._next_sequence + 1
        self._attempt = _Attempt("offering", sequence, now + self._backoff())
        self._offer_at = None
        self._say("connecting", "offered: waiting for the answer")
        return MakeOffer(sequence, self._tries + 1)

    def _answer(self, offer: AnswerOffer, now: float) -> AnswerOffer:
        self._attempt = _Attempt("answering", offer.sequence, now + self._timing.connect_timeout_s)
        self._answered_offer = offer
        self._offer_at = self._set_aside = None
        self._say("connecting", "answered: connecting")
        return offer

    def _unanswered(self, now: float) -> Action:
        self._tries += 1
        if self._set_aside is not None:
            return self._answer(self._set_aside, now)
        return self._offer(now)

    def _fail(self, why: str, now: float, wait_s: float) -> None:
        self._attempt = None
        self._answered_offer = None
        self._tries += 1
        self._offer_at = None if self._live else now + wait_s
        self._say("failed", why)

    def _backoff(self) -> float:
        """Return how long to wait for an answer, or after a failure: 6 s, 12 s, … 60 s."""
        return min(self._timing.answer_timeout_s * float(1 << min(self._tries, 8)), BACKOFF_MAX_S)

    def _say(self, state: Connection, detail: str) -> None:
        # one that works stays "connected" while its successor is being made
        self.state = "connected" if self._live else state
        self.detail = detail


def wins_glare(mine: str, theirs: str) -> bool:
    """Tell whether our offer stands when both offered; `mine` and `theirs` are peer keys."""
    return _order(mine) < _order(theirs)


def _order(peer: str) -> tuple[int, str]:
    """Return the order of peer keys in a glare: numeric account ids, then the platform."""
    account, _, platform = peer.partition(".")
    return (int(account) if account.isdecimal() else 0, platform)
