"""The actions that a negotiation asks for. A connection number is used once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FailureReason = Literal["no-answer", "refused", "no-connection", "silent"]
"""Why a try failed. "silent" means that a connection was up and carried no RTP."""


@dataclass(frozen=True)
class MakeOffer:
    """Create a connection and offer it."""

    connection: int
    sequence: int
    attempt: int = 1
    """The number of this try in a row, from 1."""


@dataclass(frozen=True)
class AnswerOffer:
    """Create a connection that answers this offer, with the offer's sequence."""

    connection: int
    sequence: int
    sdp: str
    attempt: int = 1


@dataclass(frozen=True)
class AcceptAnswer:
    """Apply this answer to the connection that was offered."""

    connection: int
    sdp: str


@dataclass(frozen=True)
class RepeatAnswer:
    """Send the same answer again. The same offer came again, so the answer may be lost."""

    connection: int


@dataclass(frozen=True)
class Close:
    """Close a connection that may be closed already."""

    connection: int


Action = MakeOffer | AnswerOffer | AcceptAnswer | RepeatAnswer | Close


@dataclass(frozen=True)
class FailedTry:
    """Why a try failed."""

    reason: FailureReason
    words: str
    at: float
    """Seconds on the negotiation's clock."""
