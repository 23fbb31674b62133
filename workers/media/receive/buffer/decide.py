"""The playout decision when the decoded sound runs out. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from common.messages import FRAME_SAMPLES
from workers.media.receive.buffer.packets import Entry

MAX_EXPAND = 20 * FRAME_SAMPLES
"""A talker without packets for 200 ms has stopped. Concealment has faded to silence by then."""
MAX_LOSS = 20 * FRAME_SAMPLES
"""A longer gap is not concealed."""
SLACK = 120
"""Tolerance of a sender's timestamps in samples (2.5 ms)."""


class Step(enum.Enum):
    PLAY = "decode the next packet"
    SKIP = "the next packet holds no sound: pass over it"
    RECOVER = "the packet before the next one is lost: take its copy out of the next one"
    PASS = "what was made up has covered the lost packets: they are over"  # noqa: S105
    EXPAND = "the next packet is late or lost: go on with made-up sound for 10 ms, it may still come"
    REST = "there is nothing to play now: be silent until the next packet is due"


@dataclass(frozen=True, slots=True)
class View:
    """The input of the decision."""

    next: Entry | None
    last: int
    """Sequence number of the last played packet."""
    head: int
    """Position of the next sample to play."""
    expanded: int
    """Samples concealed beyond `head` while waiting."""
    fec: bool
    """The next packet carries a copy of its predecessor."""

    @property
    def gap(self) -> int:
        """Samples between the last played packet and the next one."""
        return self.next.position - self.head if self.next else 0

    @property
    def beyond_help(self) -> int:
        """Samples of the gap without a FEC copy."""
        return self.gap - self.next.samples if self.next and self.fec else self.gap


def decide(view: View) -> Step:
    """Return the next step."""
    entry = view.next
    if entry is None:
        return Step.REST if view.expanded >= MAX_EXPAND else Step.EXPAND
    if not entry.samples:
        return Step.SKIP
    missing = entry.sequence - view.last - 1
    if missing <= 0 or view.gap <= SLACK:
        return Step.PLAY if view.gap <= SLACK else Step.REST
    if view.gap > missing * entry.samples + SLACK or view.gap > MAX_LOSS:
        return Step.REST  # the sender paused, perhaps with losses too
    if view.beyond_help <= SLACK:
        return Step.RECOVER
    return Step.PASS if view.expanded + SLACK >= view.beyond_help else Step.EXPAND
