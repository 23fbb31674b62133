"""What the link at the desk and the spare machine's gate say to each other, on one connection. No I/O.

The link asks the gate's socket for requests, as any paired machine does, with `LINK` in the place of a worker's name.
`connection` is a random id that the link takes for each connection, so that a gate knows what is of an earlier one::

    link → gate   LINK HELLO connection LinkHello         the division as the desk has it
    gate → link   LINK WELCOME                        from now on this connection is the desk
    gate → link   LINK REFUSED ErrorReply             not this machine, another division, or say hello first
    link → gate   LINK SAY connection topic header body    what a worker of the desk says
    link → gate   LINK ALL connection                 that were all retained topics: others are gone
    link → gate   LINK BEAT connection number         once a second
    gate → link   LINK BEAT number
    gate → link   LINK ASK id worker …                a request to a worker of the desk
    link → gate   LINK ANSWER connection id …
    link → gate   LINK BYE connection                 the link ends

`partyline split` at the desk asks the gate for a division: ``gate DIVIDE Wish``, which is answered like a request.
"""

from __future__ import annotations

import msgspec

from common.errors import BusUnreachableError, PartylineError

LINK = b"link"
HELLO, WELCOME, REFUSED = b"hello", b"welcome", b"refused"
SAY, ALL, BEAT, BYE = b"say", b"all", b"beat", b"bye"
ASK, ANSWER = b"ask", b"answer"
DIVIDE = b"divide"

BEAT_S = 1.0
"""Interval of beats."""
LOST_S = 3.0
"""Time without a beat after which the other machine is away. A second's outage stays below it, with what TCP takes to
send again afterwards (`python -m benchmarks.machines.split`)."""


class LinkHello(msgspec.Struct, frozen=True, kw_only=True):
    desk: tuple[str, ...]
    """What runs at the desk, as the desk has it."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk wants the spare machine to do."""

    desk: tuple[str, ...]
    """What runs at the desk from now on. Empty: the spare machine runs everything again."""


class NotSplitError(PartylineError):
    """The two machines do not agree that they are one pipeline."""

    code = "split.refused"


def away(worker: str, machine: str) -> BusUnreachableError:
    """Return the error of a request to a worker that cannot be reached."""
    return BusUnreachableError(
        f"The {worker} worker runs on {machine}, which does not answer.",
        f"Is {machine} awake and in this network, and does partyline run there? It is tried again each second. "
        "`partyline split --off` makes this machine work alone.",
    )
