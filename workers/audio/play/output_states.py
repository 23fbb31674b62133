"""The states of the output, and their transition table. No I/O.

notes/voice.md draws this table, and a test compares the two. A pair that is not in the table cannot happen.
"""

from __future__ import annotations

from enum import Enum


class OutputState(Enum):
    OPENING = "opening"
    """The wanted sink is being opened. What played before goes on, except after a sink that went away."""
    PLAYING = "playing"
    """The wanted sink plays."""
    STAND_IN = "stand-in"
    """The null sink plays until the next retry."""
    PROVING = "proving"
    """The null sink plays, and the wanted sink, which stalled, takes silence until it is steady."""
    RESTING = "resting"
    """The null sink plays, and the device is closed, until a party is joined."""


class OutputEvent(Enum):
    OPENED = "it opened"
    OPENED_AFTER_STALL = "it opened after a stall"
    REFUSED = "it did not open"
    STALLED = "it takes no sound"
    GONE = "it went away"
    STEADY = "it is steady"
    RETRY_DUE = "a retry is due"
    REOPEN = "a reopen was requested"
    NOT_NEEDED = "it is not needed"
    NEEDED = "it is needed"


S, E = OutputState, OutputEvent

TABLE: dict[tuple[OutputState, OutputEvent], OutputState] = {
    (S.OPENING, E.OPENED): S.PLAYING,
    (S.OPENING, E.OPENED_AFTER_STALL): S.PROVING,
    (S.OPENING, E.REFUSED): S.STAND_IN,
    (S.PLAYING, E.STALLED): S.PROVING,
    (S.PLAYING, E.GONE): S.OPENING,  # it may just have moved, so the null sink would interrupt the sound needlessly
    (S.PLAYING, E.REOPEN): S.OPENING,
    (S.PLAYING, E.NOT_NEEDED): S.RESTING,
    (S.STAND_IN, E.RETRY_DUE): S.OPENING,
    (S.STAND_IN, E.REOPEN): S.OPENING,
    (S.PROVING, E.STEADY): S.PLAYING,
    (S.PROVING, E.STALLED): S.OPENING,
    (S.PROVING, E.GONE): S.STAND_IN,
    (S.PROVING, E.REOPEN): S.OPENING,
    (S.PROVING, E.NOT_NEEDED): S.RESTING,
    (S.RESTING, E.NEEDED): S.OPENING,
}
