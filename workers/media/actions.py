"""What a negotiation wants done. Connections have numbers, which are used once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["no-answer", "refused", "no-connection", "silent"]
"""Why a try came to nothing: silent means that a connection stood and carried no RTP."""


@dataclass(frozen=True)
class MakeOffer:
    """Make a connection and offer it."""

    connection: int
    sequence: int
    attempt: int = 1
    """How often we have tried in a row, this time included."""


@dataclass(frozen=True)
class AnswerOffer:
    """Make a connection that answers this offer; the answer goes with the offer's sequence."""

    connection: int
    sequence: int
    sdp: str
    attempt: int = 1


@dataclass(frozen=True)
class AcceptAnswer:
    """Give this answer to the connection that was offered."""

    connection: int
    sdp: str


@dataclass(frozen=True)
class RepeatAnswer:
    """The same offer came again: perhaps our answer never arrived."""

    connection: int


@dataclass(frozen=True)
class Close:
    """Close a connection, if it is not closed already."""

    connection: int


Action = MakeOffer | AnswerOffer | AcceptAnswer | RepeatAnswer | Close


@dataclass(frozen=True)
class Failure:
    """Why a try came to nothing."""

    reason: Reason
    words: str
    at: float
    """Seconds, of the clock that is given to the negotiation."""
