"""What to do when the sound at hand runs out: one small table, without state or time of its own."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from workers.media.receive.packets import Entry

FRAME = 480
MAX_EXPAND = 12 * FRAME
"""A talker who stays away for 120 ms has stopped; concealment has long faded to silence by then."""
MAX_LOSS = 12 * FRAME
"""A longer hole is not filled with made-up sound."""
SLACK = 120
"""Samples (2.5 ms) that a sender's timestamps may be off without meaning anything."""


class Step(enum.Enum):
    PLAY = "decode the next packet"
    SKIP = "the next packet holds no sound: pass over it"
    RECOVER = "a packet is lost: take its copy out of the next one"
    CONCEAL = "a packet is lost: make it up"
    EXPAND = "the next packet is late, or lost: go on with made-up sound while it may come"
    REST = "there is nothing to play now: be silent until the next packet is due"


@dataclass(frozen=True, slots=True)
class View:
    """What the decision rests on."""

    next: Entry | None
    last: int
    """Sequence number that was played last."""
    head: int
    """Position of the sample to be played next."""
    expanded: int
    """Samples made up beyond `head` while waiting."""
    quiet: bool
    """What was played last was as good as silence."""
    fec: bool
    """The next packet carries a copy of its predecessor."""


def decide(view: View) -> Step:
    """Return the next step."""
    entry = view.next
    if entry is None:
        return Step.REST if view.quiet or view.expanded >= MAX_EXPAND else Step.EXPAND
    if not entry.samples:
        return Step.SKIP
    gap = entry.position - view.head
    missing = entry.sequence - view.last - 1
    if missing <= 0 or gap <= SLACK:
        return Step.PLAY if gap <= SLACK else Step.REST
    if gap > missing * entry.samples + SLACK or gap > MAX_LOSS:
        return Step.REST  # the sender paused, whether or not something was lost besides
    return Step.RECOVER if missing == 1 and view.fec else Step.CONCEAL
