"""The offer/answer negotiation with one member. No I/O, no clock. The caller carries out the actions.

- Every offer is answered on its own connection, even while a local offer is out (glare). Whose offer wins in Sony's
  apps is [open]. The first connection that comes up is therefore used at once, and no rule costs time.
- There are never more than two connections. When both are up, one is closed. The older member's offer stays, so that
  two clients of our kind choose the same one. A connection that carries the voice wins over one that does not, since
  an app with a single connection moves it to the latest offer that it took.
- `workers.media.negotiate.states` has the states and the transitions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from workers.media.negotiate.actions import AcceptAnswer, Action, AnswerOffer, Close, MakeOffer, Reason, RepeatAnswer
from workers.media.negotiate.connection import Link, loser, worse
from workers.media.negotiate.offer_hold import Held
from workers.media.negotiate.offers import Offer, Offers
from workers.media.negotiate.retries import Patience, Timing
from workers.media.negotiate.states import TABLE, WORDS, Do, Event, State

Connection = Literal["waiting", "connecting", "connected", "lost", "failed"]
"""As in `common.messages.PeerState`."""

LEFTOVER_S = 5.0
"""How long the other connection of a glare has to come up once one is up. Longer than the slowest answer seen."""
_ONE_UP = (State.UP, State.UP_OFFERED)
_TOO_LONG = "no connection within the time allowed"


@dataclass(frozen=True)
class _Happening:
    """The data of an event."""

    now: float
    sequence: int = 0
    sdp: str = ""
    link: Link | None = None
    """The connection of the event."""
    reason: Reason = "no-connection"
    words: str = ""
    wait_s: float | None = None
    """Time until the next offer. None means the delay after a fast failure."""


class Negotiation:
    """The negotiation with one member. Methods return the actions to carry out, in order."""

    def __init__(self, timing: Timing, *, older: bool, offer_at: float, sequence: int = 1) -> None:
        """Wait for a remote offer until `offer_at`. `older`: we joined first. `sequence`: of our first offer."""
        self.older = older
        self.state = State.APART
        self.tries = Patience(timing, offer_at)
        """The failed tries and the schedule of the next offer."""
        self._timing = timing
        self.next_sequence = sequence
        """The sequence of our next offer."""
        self._next_number = 1
        self._offers = Offers()
        self._ours: Link | None = None
        """The connection of the local offer, until it is up."""
        self._theirs: Link | None = None
        """The connection of the remote offer, until it is up."""
        self._standing: list[Link] = []
        self._answers_ignored = 0
        self.held = Held()
        self._apart: Connection = "waiting"
        self._words = "waiting for an offer"

    # --- status ----------------------------------------------------------------------------------

    @property
    def connection(self) -> Connection:
        if self._standing:
            return "connected"
        return self._apart if self.state in (State.APART, State.OUT) else "connecting"

    @property
    def detail(self) -> str:
        """The state in words."""
        if self.state is State.APART:
            return self._words
        if self.tries.silent:
            return "connected, but no sound has come yet"
        again = f" (try {self.tries.failures + 1})" if self.tries.failures and not self._standing else ""
        return WORDS[self.state] + again

    @property
    def over(self) -> bool:
        """Whether one side has left. No more signals are sent."""
        return self.state is State.OUT

    @property
    def ignored(self) -> int:
        """Answers that match no local offer, and offers that came late or too often."""
        return self._answers_ignored + self._offers.ignored

    @property
    def standing(self) -> tuple[int, ...]:
        """Numbers of the connections that are up."""
        return tuple(link.number for link in self._standing)

    @property
    def connections(self) -> tuple[int, ...]:
        """Numbers of all connections, two at most."""
        return tuple(link.number for link in self._all())

    # --- signals from the other side -------------------------------------------------------------

    def offered(self, sequence: int, sdp: str, now: float) -> list[Action]:
        """Handle an offer."""
        offer = Offer(sequence, sdp)
        if self.state is State.OUT:
            return []
        if (link := next((one for one in self._all() if one.offer == offer), None)) is not None:
            return [RepeatAnswer(link.number)] if self._offers.may_answer(now) else []
        return self._take(offer, now) if self._offers.take(offer, now) else []

    def meets(self, sequence: int, sdp: str, now: float) -> list[Action]:
        """Answer an offer with a local offer first. This shows whether the other side answers in a glare."""
        if self.state is not State.APART:
            return self.offered(sequence, sdp, now)
        self.held.meets(Offer(sequence, sdp), now)
        return self._fire(Event.DUE, _Happening(now))

    def answered(self, sequence: int, sdp: str, now: float) -> list[Action]:
        """Handle an answer. It is ignored unless it is for the pending local offer."""
        self.held.answered()
        if self._ours is None or self._ours.sequence != sequence or (self.state, Event.ANSWER_CAME) not in TABLE:
            self._answers_ignored += 1
            return []
        return self._fire(Event.ANSWER_CAME, _Happening(now, sequence, sdp))

    def refused(self, kind: str, sequence: int, message: str, now: float, *, final: bool) -> list[Action]:
        """Handle the server's refusal of a signal. The refusal of an old signal changes nothing."""
        wait_s = self.tries.after_refusal(final=final)
        words = f"the server refused our {kind}: {message}"
        what = _Happening(now, reason="refused", words=words, wait_s=wait_s)
        if kind == "offer" and self._ours is not None and self._ours.sequence == sequence:
            return self._fire(Event.OFFER_ENDED, what)
        if kind == "answer" and self._theirs is not None and self._theirs.sequence == sequence:
            return self._fire(Event.THEIRS_BROKE, what)
        return []

    # --- events of the connections ---------------------------------------------------------------

    def up(self, number: int, now: float) -> list[Action]:
        """Handle that a connection came up."""
        if self._ours is not None and self._ours.number == number:
            return self._fire(Event.OURS_UP, _Happening(now, link=self._ours))
        if self._theirs is not None and self._theirs.number == number:
            return self._fire(Event.THEIRS_UP, _Happening(now, link=self._theirs))
        return []

    def ended(self, number: int, words: str, now: float) -> list[Action]:
        """Handle that a connection was lost or did not come up."""
        what = _Happening(now, words=words, link=self._link(number))
        if what.link is None:
            return []
        if what.link in self._standing:
            return self._fire(Event.LOST, what)
        if what.link is self._theirs:
            return self._fire(Event.THEIRS_BROKE, what)
        return self._fire(Event.OFFER_ENDED, what) or self._fire(Event.OURS_BROKE, what)

    def heard(self, number: int, at: float, rtp_at: float) -> None:
        """Record when any packet and when RTP last arrived on a connection, -1 if never."""
        if (link := self._link(number)) is not None:
            link.heard_at, link.rtp_at = max(link.heard_at, at), max(link.rtp_at, rtp_at)

    # --- time and the end ------------------------------------------------------------------------

    def tick(self, now: float) -> list[Action]:
        """Return the actions that are due. Call it a few times a second."""
        actions: list[Action] = []
        if self.state is not State.OUT and (offer := self._offers.due(now)) is not None:
            actions += self._take(offer, now)
        actions += self._deadlines(now)
        if (met := self.held.due(now)) is not None:
            actions += self.offered(met.sequence, met.sdp, now)
        if self.tries.offer_at is not None and now >= max(self.tries.offer_at, self.held.until):
            actions += self._fire(Event.DUE, _Happening(now))
        if self.state is State.TWO_UP and (link := loser(self._standing, now, older=self.older)) is not None:
            actions += self._fire(Event.CHOSEN, _Happening(now, link=link))
        if self.state in _ONE_UP:
            self.tries.judge(self._standing[0], now, may_offer=self.state is State.UP)
        return actions

    def try_again(self, now: float) -> list[Action]:
        """Make the next offer at once instead of a scheduled one, because it would now be made differently."""
        if self.tries.offer_at is not None:
            self.tries.offer_at = min(self.tries.offer_at, now)
        if self._ours is not None and self.state in (State.OFFERED, State.GLARE):
            self._ours.deadline = now
        return self.tick(now)

    def left(self, now: float) -> list[Action]:
        """End the negotiation. No signal follows."""
        return self._fire(Event.LEFT, _Happening(now))

    # --- inside ----------------------------------------------------------------------------------

    def _take(self, offer: Offer, now: float) -> list[Action]:
        gives_way = worse(self._standing, older=self.older) if self._standing else None
        return self._fire(Event.OFFER_CAME, _Happening(now, offer.sequence, offer.sdp, gives_way))

    def _deadlines(self, now: float) -> list[Action]:
        actions: list[Action] = []
        long = _Happening(now, words=_TOO_LONG, wait_s=self.tries.after_long_try())
        if self._theirs is not None and now >= self._theirs.deadline:
            actions += self._fire(Event.THEIRS_BROKE, replace(long, link=self._theirs))
        if self._ours is not None and now >= self._ours.deadline:
            words = "our offer got no answer"
            unanswered = self._fire(Event.UNANSWERED, _Happening(now, reason="no-answer", words=words))
            actions += unanswered or self._fire(Event.OURS_BROKE, replace(long, link=self._ours))
        return actions

    def _fire(self, event: Event, what: _Happening) -> list[Action]:
        row = TABLE.get((self.state, event))
        if row is None:
            return []
        self.state, steps = row
        self.tries.silent = self.tries.silent and self.state in _ONE_UP
        found = [self._steps[step](self, what) for step in steps]
        return [action for every in found for action in every]

    # --- the steps of the table ------------------------------------------------------------------

    def _offer(self, what: _Happening) -> list[Action]:
        sequence, self.next_sequence = self.next_sequence, self.next_sequence + 1
        self._ours = Link(self._number(), ours=True, sequence=sequence, deadline=what.now + self.tries.backoff())
        self.tries.offer_at = None
        return [MakeOffer(self._ours.number, sequence, self.tries.failures + 1)]

    def _answer(self, what: _Happening) -> list[Action]:
        deadline, offer = what.now + self._timing.connect_timeout_s, Offer(what.sequence, what.sdp)
        self._theirs = Link(self._number(), ours=False, sequence=what.sequence, deadline=deadline, offer=offer)
        self.tries.offer_at = None
        return [AnswerOffer(self._theirs.number, what.sequence, what.sdp, self.tries.failures + 1)]

    def _accept(self, what: _Happening) -> list[Action]:
        if self._ours is None:
            return []
        self._ours.deadline = what.now + (LEFTOVER_S if self._standing else self._timing.connect_timeout_s)
        return [AcceptAnswer(self._ours.number, what.sdp)]

    def _stand(self, what: _Happening) -> list[Action]:
        if what.link is not None:
            what.link.up_at = what.now
            self._standing.append(what.link)
            self._ours = None if what.link is self._ours else self._ours
            self._theirs = None if what.link is self._theirs else self._theirs
        return []

    def _close_ours(self, _: _Happening) -> list[Action]:
        link, self._ours = self._ours, None
        return [] if link is None else [Close(link.number)]

    def _close_theirs(self, _: _Happening) -> list[Action]:
        link, self._theirs = self._theirs, None
        return [] if link is None else [Close(link.number)]

    def _close_standing(self, what: _Happening) -> list[Action]:
        if what.link is None:
            return []
        self._standing.remove(what.link)
        return [Close(what.link.number)]

    def _close_all(self, _: _Happening) -> list[Action]:
        links = self._all()
        self._ours = self._theirs = self.tries.offer_at = None
        self._standing.clear()
        return [Close(link.number) for link in links]

    def _hurry(self, what: _Happening) -> list[Action]:
        for link in (self._ours, self._theirs):
            if link is not None:
                link.deadline = min(link.deadline, what.now + LEFTOVER_S)
        return []

    def _count(self, what: _Happening) -> list[Action]:
        self.tries.failed(what.reason, what.words, what.now)
        return []

    def _retry(self, what: _Happening) -> list[Action]:
        self.tries.retry(what.now, what.wait_s)
        self._apart, self._words = "failed", what.words
        return []

    def _begin_again(self, what: _Happening) -> list[Action]:
        stood_s = what.now - (what.link.up_at or 0.0) if what.link is not None else 0.0
        self.tries.lost(stood_s, what.words, what.now, older=self.older)
        self._apart, self._words = "lost", what.words
        return []

    _steps: ClassVar[dict[Do, Callable[[Negotiation, _Happening], list[Action]]]] = {
        Do.OFFER: _offer,
        Do.ANSWER: _answer,
        Do.ACCEPT: _accept,
        Do.STAND: _stand,
        Do.CLOSE_OURS: _close_ours,
        Do.CLOSE_THEIRS: _close_theirs,
        Do.CLOSE_STANDING: _close_standing,
        Do.CLOSE_ALL: _close_all,
        Do.HURRY: _hurry,
        Do.COUNT: _count,
        Do.RETRY: _retry,
        Do.BEGIN_AGAIN: _begin_again,
    }

    def _all(self) -> list[Link]:
        return [*self._standing, *(link for link in (self._ours, self._theirs) if link is not None)]

    def _link(self, number: int) -> Link | None:
        return next((link for link in self._all() if link.number == number), None)

    def _number(self) -> int:
        number, self._next_number = self._next_number, self._next_number + 1
        return number
