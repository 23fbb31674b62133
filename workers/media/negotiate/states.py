"""The states of the negotiation with one member, and their transition table. No I/O.

notes/signaling.md draws this table, and a test compares the two. A pair (state, event) that is not in the table changes
nothing.
"""

from __future__ import annotations

from enum import Enum


class NegotiationState(Enum):
    """The connections that exist: at most one that is up and one in the making, or two in the making."""

    APART = "apart"
    """No connection."""
    OFFERED = "offered"
    """The local offer waits for its answer."""
    CONNECTING_OURS = "connecting ours"
    """The local offer was answered."""
    CONNECTING_THEIRS = "connecting theirs"
    """The remote offer was answered."""
    GLARE = "glare"
    """The local offer waits, and the remote one was answered on a second connection."""
    CROSSED = "crossed"
    """Both offers were answered, and two connections are being made."""
    UP = "up"
    """One connection is up."""
    UP_OFFERED = "up, offered"
    """One is up, and the local offer of a glare may still be answered."""
    UP_CONNECTING_OURS = "up, connecting ours"
    """One is up, and the one of the local offer is being made."""
    UP_CONNECTING_THEIRS = "up, connecting theirs"
    """One is up, and the one of the remote offer is being made."""
    TWO_UP = "two up"
    """Two are up. The one that carries the voice is kept."""
    OUT = "out"
    """One side has left the party. No more signals are sent."""


class NegotiationEvent(Enum):
    DUE = "offer due"
    OFFER_CAME = "their offer"
    ANSWER_CAME = "their answer"
    UNANSWERED = "no answer in time"
    OFFER_ENDED = "our offer ended"
    """It was refused, could not be made, or was withdrawn."""
    OURS_UP = "ours is up"
    THEIRS_UP = "theirs is up"
    OURS_FAILED = "ours failed"
    THEIRS_FAILED = "theirs failed"
    LOST = "one that was up is lost"
    CHOSEN = "one is chosen"
    LEFT = "left"


class NegotiationStep(Enum):
    """The steps of a transition, run in the order of its row."""

    OFFER = "offer"
    ANSWER = "answer"
    ACCEPT = "accept the answer"
    ESTABLISH = "it is up"
    CLOSE_OURS = "close ours"
    CLOSE_THEIRS = "close theirs"
    CLOSE_ESTABLISHED = "close one that is up"
    CLOSE_ALL = "close all"
    LIMIT_OTHER = "limit the time of the other one"
    COUNT_FAILURE = "count a failure"
    RETRY = "offer again later"
    RETRY_LOST = "offer again soon"


S, E, D = NegotiationState, NegotiationEvent, NegotiationStep

TABLE: dict[tuple[NegotiationState, NegotiationEvent], tuple[NegotiationState, tuple[NegotiationStep, ...]]] = {
    (S.APART, E.DUE): (S.OFFERED, (D.OFFER,)),
    (S.APART, E.OFFER_CAME): (S.CONNECTING_THEIRS, (D.ANSWER,)),
    # the local offer is out
    (S.OFFERED, E.OFFER_CAME): (S.GLARE, (D.ANSWER,)),
    (S.OFFERED, E.ANSWER_CAME): (S.CONNECTING_OURS, (D.ACCEPT,)),
    (S.OFFERED, E.UNANSWERED): (S.OFFERED, (D.COUNT_FAILURE, D.CLOSE_OURS, D.OFFER)),
    (S.OFFERED, E.OFFER_ENDED): (S.APART, (D.COUNT_FAILURE, D.CLOSE_OURS, D.RETRY)),
    (S.GLARE, E.OFFER_CAME): (S.GLARE, (D.CLOSE_THEIRS, D.ANSWER)),
    (S.GLARE, E.ANSWER_CAME): (S.CROSSED, (D.ACCEPT,)),
    (S.GLARE, E.UNANSWERED): (S.GLARE, (D.COUNT_FAILURE, D.CLOSE_OURS, D.OFFER)),
    (S.GLARE, E.OFFER_ENDED): (S.CONNECTING_THEIRS, (D.COUNT_FAILURE, D.CLOSE_OURS)),
    (S.GLARE, E.THEIRS_UP): (S.UP_OFFERED, (D.ESTABLISH, D.LIMIT_OTHER)),
    (S.GLARE, E.THEIRS_FAILED): (S.OFFERED, (D.CLOSE_THEIRS,)),
    # one or two are in the making
    (S.CONNECTING_OURS, E.OFFER_CAME): (S.CROSSED, (D.ANSWER,)),
    (S.CONNECTING_OURS, E.OURS_UP): (S.UP, (D.ESTABLISH,)),
    (S.CONNECTING_OURS, E.OURS_FAILED): (S.APART, (D.COUNT_FAILURE, D.CLOSE_OURS, D.RETRY)),
    (S.CONNECTING_THEIRS, E.OFFER_CAME): (S.CONNECTING_THEIRS, (D.CLOSE_THEIRS, D.ANSWER)),
    (S.CONNECTING_THEIRS, E.THEIRS_UP): (S.UP, (D.ESTABLISH,)),
    (S.CONNECTING_THEIRS, E.THEIRS_FAILED): (S.APART, (D.COUNT_FAILURE, D.CLOSE_THEIRS, D.RETRY)),
    (S.CROSSED, E.OFFER_CAME): (S.CROSSED, (D.CLOSE_THEIRS, D.ANSWER)),
    (S.CROSSED, E.OURS_UP): (S.UP_CONNECTING_THEIRS, (D.ESTABLISH, D.LIMIT_OTHER)),
    (S.CROSSED, E.THEIRS_UP): (S.UP_CONNECTING_OURS, (D.ESTABLISH, D.LIMIT_OTHER)),
    (S.CROSSED, E.OURS_FAILED): (S.CONNECTING_THEIRS, (D.CLOSE_OURS,)),
    (S.CROSSED, E.THEIRS_FAILED): (S.CONNECTING_OURS, (D.CLOSE_THEIRS,)),
    # one is up
    (S.UP, E.DUE): (S.UP_OFFERED, (D.OFFER,)),
    (S.UP, E.OFFER_CAME): (S.UP_CONNECTING_THEIRS, (D.ANSWER,)),
    (S.UP, E.LOST): (S.APART, (D.CLOSE_ESTABLISHED, D.RETRY_LOST)),
    (S.UP_OFFERED, E.OFFER_CAME): (S.UP_CONNECTING_THEIRS, (D.CLOSE_OURS, D.ANSWER)),
    (S.UP_OFFERED, E.ANSWER_CAME): (S.UP_CONNECTING_OURS, (D.ACCEPT,)),
    (S.UP_OFFERED, E.UNANSWERED): (S.UP, (D.CLOSE_OURS,)),
    (S.UP_OFFERED, E.OFFER_ENDED): (S.UP, (D.CLOSE_OURS,)),
    (S.UP_OFFERED, E.LOST): (S.OFFERED, (D.CLOSE_ESTABLISHED,)),
    (S.UP_CONNECTING_OURS, E.OFFER_CAME): (S.UP_CONNECTING_THEIRS, (D.CLOSE_OURS, D.ANSWER)),
    (S.UP_CONNECTING_OURS, E.OURS_UP): (S.TWO_UP, (D.ESTABLISH,)),
    (S.UP_CONNECTING_OURS, E.OURS_FAILED): (S.UP, (D.CLOSE_OURS,)),
    (S.UP_CONNECTING_OURS, E.LOST): (S.CONNECTING_OURS, (D.CLOSE_ESTABLISHED,)),
    (S.UP_CONNECTING_THEIRS, E.OFFER_CAME): (S.UP_CONNECTING_THEIRS, (D.CLOSE_THEIRS, D.ANSWER)),
    (S.UP_CONNECTING_THEIRS, E.THEIRS_UP): (S.TWO_UP, (D.ESTABLISH,)),
    (S.UP_CONNECTING_THEIRS, E.THEIRS_FAILED): (S.UP, (D.CLOSE_THEIRS,)),
    (S.UP_CONNECTING_THEIRS, E.LOST): (S.CONNECTING_THEIRS, (D.CLOSE_ESTABLISHED,)),
    # two are up
    (S.TWO_UP, E.OFFER_CAME): (S.UP_CONNECTING_THEIRS, (D.CLOSE_ESTABLISHED, D.ANSWER)),
    (S.TWO_UP, E.CHOSEN): (S.UP, (D.CLOSE_ESTABLISHED,)),
    (S.TWO_UP, E.LOST): (S.UP, (D.CLOSE_ESTABLISHED,)),
    # the end
    **{(state, E.LEFT): (S.OUT, (D.CLOSE_ALL,)) for state in S if state is not S.OUT},
}

WORDS: dict[NegotiationState, str] = {
    NegotiationState.APART: "no connection",
    NegotiationState.OFFERED: "offered: waiting for the answer",
    NegotiationState.CONNECTING_OURS: "our offer was answered: connecting",
    NegotiationState.CONNECTING_THEIRS: "answered: connecting",
    NegotiationState.GLARE: "both offered: theirs is answered, ours waits for its answer",
    NegotiationState.CROSSED: "both offered, both answered: the first connection that comes up is used",
    NegotiationState.UP: "",
    NegotiationState.UP_OFFERED: "connected (our own offer may still be answered)",
    NegotiationState.UP_CONNECTING_OURS: "connected (a second connection is being made)",
    NegotiationState.UP_CONNECTING_THEIRS: "connected (a new connection is being made)",
    NegotiationState.TWO_UP: "connected twice: the connection that carries the voice is kept",
    NegotiationState.OUT: "",
}
"""The text shown for each state."""

ONE_UP = (NegotiationState.UP, NegotiationState.UP_OFFERED)
"""One connection is up, and none is being made."""
