"""The playout decision, case by case."""

from __future__ import annotations

from typing import Any

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


def step(sequence: int | None, position: int = 0, *, samples: int = PACKET, **more: Any) -> PlayoutStep:
    """Decide after packet 10, whose sound ended at 0."""
    waiting = None if sequence is None else BufferedPacket(sequence, position, samples, b"", 0)
    state = {"next": waiting, "last_sequence": 10, "position": 0, "concealed_samples": 0, "fec": False, **more}
    return decide(PlayoutState(**state))


def test_without_a_packet_sound_is_made_up_for_200_ms() -> None:
    assert (MAX_EXPAND_SAMPLES, MAX_LOSS_SAMPLES) == (9600, 9600)
    assert step(None) is PlayoutStep.EXPAND
    assert step(None, concealed_samples=MAX_EXPAND_SAMPLES - 1) is PlayoutStep.EXPAND
    assert step(None, concealed_samples=MAX_EXPAND_SAMPLES) is PlayoutStep.REST


def test_the_next_packet_is_played_when_its_time_has_come() -> None:
    assert step(11) is PlayoutStep.PLAY
    assert step(11, -500) is PlayoutStep.PLAY
    assert step(11, SLACK) is PlayoutStep.PLAY
    assert step(11, SLACK + 1) is PlayoutStep.REST


def test_a_packet_without_sound_is_passed_over() -> None:
    assert step(11, samples=0) is PlayoutStep.SKIP
    assert step(15, 9000, samples=0) is PlayoutStep.SKIP


def test_a_packet_behind_a_hole_that_needs_no_time_is_played() -> None:
    assert step(12, SLACK) is PlayoutStep.PLAY


def test_a_lost_packet_is_taken_out_of_the_next_ones_copy() -> None:
    assert step(12, PACKET, fec=True) is PlayoutStep.RECOVER
    assert step(12, PACKET + SLACK, fec=True) is PlayoutStep.RECOVER
    assert step(12, PACKET, fec=False) is PlayoutStep.EXPAND


def test_a_longer_hole_is_filled_up_to_the_copy() -> None:
    assert step(13, 2 * PACKET, fec=True) is PlayoutStep.EXPAND
    assert step(13, 2 * PACKET, fec=True, concealed_samples=PACKET - SLACK - 1) is PlayoutStep.EXPAND
    assert step(13, 2 * PACKET, fec=True, concealed_samples=PACKET - SLACK) is PlayoutStep.PASS
    assert step(13, 2 * PACKET, concealed_samples=PACKET) is PlayoutStep.EXPAND
    assert step(13, 2 * PACKET, concealed_samples=2 * PACKET - SLACK) is PlayoutStep.PASS


@pytest.mark.parametrize(("beyond", "expected"), [(0, PlayoutStep.EXPAND), (1, PlayoutStep.REST)])
def test_a_gap_longer_than_its_lost_packets_is_a_pause(beyond: int, expected: PlayoutStep) -> None:
    assert step(12, PACKET + SLACK + beyond) is expected
    assert step(13, 2 * PACKET + SLACK + beyond) is expected


@pytest.mark.parametrize(("beyond", "expected"), [(0, PlayoutStep.EXPAND), (1, PlayoutStep.REST)])
def test_a_gap_of_more_than_200_ms_is_not_filled(beyond: int, expected: PlayoutStep) -> None:
    assert step(20, MAX_LOSS_SAMPLES + beyond) is expected


def test_a_gap_lies_between_the_next_packet_and_what_was_played() -> None:
    waiting = BufferedPacket(12, 5000, PACKET, b"", 0)
    state = PlayoutState(next=waiting, last_sequence=10, position=1000, concealed_samples=0, fec=True)
    assert (state.gap, state.beyond_help) == (4000, 4000 - PACKET)
    state = PlayoutState(next=waiting, last_sequence=10, position=1000, concealed_samples=0, fec=False)
    assert (state.gap, state.beyond_help) == (4000, 4000)
    state = PlayoutState(next=None, last_sequence=10, position=1000, concealed_samples=0, fec=True)
    assert (state.gap, state.beyond_help) == (0, 0)
    assert SLACK == 120
