"""The playout decision, case by case."""

from __future__ import annotations

import pytest

from workers.media.receive.buffer.decide import (
    MAX_EXPAND_SAMPLES,
    MAX_LOSS_SAMPLES,
    SLACK,
    PlayoutState,
    PlayoutStep,
    decide,
)
from workers.media.receive.buffer.packet_buffer import BufferedPacket

PACKET = 1920
LAST = 9


def packet(sequence: int, *, after: int = 0, fec: bool = False, samples: int = PACKET) -> BufferedPacket:
    """Return a packet that begins `after` samples after the last one ended."""
    return BufferedPacket(sequence, after, samples, b"", 0, fec=fec)


def chosen(waiting: BufferedPacket | None, *, concealed: int = 0) -> PlayoutStep:
    fec = waiting is not None and waiting.fec
    return decide(PlayoutState(next=waiting, last_sequence=LAST, position=0, concealed_samples=concealed, fec=fec))


@pytest.mark.parametrize(
    ("waiting", "concealed", "step"),
    [
        (None, 0, PlayoutStep.EXPAND),
        (None, MAX_EXPAND_SAMPLES, PlayoutStep.REST),
        (packet(LAST + 1), 0, PlayoutStep.PLAY),
        (packet(LAST + 1, after=SLACK), 0, PlayoutStep.PLAY),
        (packet(LAST + 1, after=SLACK + 1), 0, PlayoutStep.REST),  # the sender paused
        (packet(LAST + 1, samples=0), 0, PlayoutStep.SKIP),
        (packet(LAST + 2, after=PACKET), 0, PlayoutStep.EXPAND),
        (packet(LAST + 2, after=PACKET), PACKET, PlayoutStep.PASS),
        (packet(LAST + 2, after=PACKET, fec=True), 0, PlayoutStep.RECOVER),
        (packet(LAST + 3, after=2 * PACKET, fec=True), 0, PlayoutStep.EXPAND),
        (packet(LAST + 3, after=2 * PACKET, fec=True), PACKET, PlayoutStep.PASS),
        (packet(LAST + 2, after=3 * PACKET), 0, PlayoutStep.REST),  # a loss and a pause
        (packet(LAST + 9, after=MAX_LOSS_SAMPLES + 1), 0, PlayoutStep.REST),
    ],
)
def test_each_case_has_its_step(waiting: BufferedPacket | None, concealed: int, step: PlayoutStep) -> None:
    assert chosen(waiting, concealed=concealed) is step
