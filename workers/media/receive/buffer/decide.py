"""The playout decision when the decoded sound runs out. Pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from common.messages import FRAME_SAMPLES
from workers.media.receive.buffer.packet_buffer import BufferedPacket

MAX_EXPAND_SAMPLES = 20 * FRAME_SAMPLES
"""A talker without packets for 200 ms has stopped. Concealment has faded to silence by then."""
MAX_LOSS_SAMPLES = 20 * FRAME_SAMPLES
"""A longer gap is not concealed. Like `MAX_EXPAND_SAMPLES`, chosen for the length of the fade (`conceal`)."""
SLACK = 120
"""Tolerance of a sender's timestamps in samples (2.5 ms)."""


class PlayoutStep(enum.Enum):
    PLAY = "decode the next packet"
    SKIP = "the next packet holds no sound: pass over it"
    RECOVER = "the packet before the next one is lost: take its copy out of the next one"
    PASS = "what was made up has covered the lost packets: they are over"  # noqa: S105
    EXPAND = "the next packet is late or lost: go on with made-up sound for 10 ms, it may still come"
    REST = "there is nothing to play now: be silent until the next packet is due"


@dataclass(frozen=True, slots=True)
class PlayoutState:
    """The input of the decision."""

    next: BufferedPacket | None
    last_sequence: int
    """Sequence number of the last played packet."""
    position: int
    """Position of the next sample to play."""
    concealed_samples: int
    """Samples concealed beyond `position` while waiting."""
    fec: bool
    """The next packet carries a copy of its predecessor."""

    @property
    def gap(self) -> int:
        """Samples between the last played packet and the next one."""
        return self.next.position - self.position if self.next else 0

    @property
    def beyond_help(self) -> int:
        """Samples of the gap without a FEC copy."""
        return self.gap - self.next.samples if self.next and self.fec else self.gap


def decide(state: PlayoutState) -> PlayoutStep:
    """Return the next step."""
    packet = state.next
    if packet is None:
        return PlayoutStep.REST if state.concealed_samples >= MAX_EXPAND_SAMPLES else PlayoutStep.EXPAND
    if not packet.samples:
        return PlayoutStep.SKIP
    missing = packet.sequence - state.last_sequence - 1
    if missing <= 0 or state.gap <= SLACK:
        return PlayoutStep.PLAY if state.gap <= SLACK else PlayoutStep.REST
    if state.gap > missing * packet.samples + SLACK or state.gap > MAX_LOSS_SAMPLES:
        return PlayoutStep.REST  # the sender paused, perhaps with losses too
    if state.beyond_help <= SLACK:
        return PlayoutStep.RECOVER
    return PlayoutStep.PASS if state.concealed_samples + SLACK >= state.beyond_help else PlayoutStep.EXPAND
