"""When a packet is due, and how much too late it is played."""

from __future__ import annotations

import pytest

from tests.workers.media.voice import PAYLOAD_TYPE
from workers.media.receive.buffer.delay_estimator import DelayEstimator
from workers.media.receive.buffer.latency import PLANS
from workers.media.receive.buffer.packet_buffer import BufferedPacket, PacketBuffer
from workers.media.receive.buffer.playout_timing import PlayoutTiming
from workers.media.receive.buffer.rtp import Rtp
from workers.media.receive.buffer.time_units import MS

PACKET = 1920
BEGAN_NS = 1_000 * MS


def packet(sequence: int, *, fec: bool = False) -> BufferedPacket:
    return BufferedPacket(sequence, sequence * PACKET, PACKET, b"", BEGAN_NS + sequence * 40 * MS, fec=fec)


def timing(min_ms: int = 30, max_ms: int = 100) -> PlayoutTiming:
    """Return one that aims at `min_ms`, after packet 0 came at `BEGAN_NS`."""
    delay = DelayEstimator(PLANS["balanced"], min_ns=min_ms * MS, max_ns=min_ms * MS)
    delay.record_arrival(packet(0))
    return PlayoutTiming(PacketBuffer(), delay, max_ms * MS)


def test_a_packet_is_due_when_it_has_waited_for_the_target() -> None:
    due = [ms for ms in range(0, 80, 10) if timing().is_due(0, BEGAN_NS + ms * MS)]
    assert due == [30, 40, 50, 60, 70]


def test_the_surplus_is_what_the_next_sample_waits_too_long() -> None:
    assert timing().surplus(0, 0, BEGAN_NS + 30 * MS) == 0
    assert timing().surplus(0, 0, BEGAN_NS + 50 * MS) == 48 * 20
    assert timing().surplus(0, 480, BEGAN_NS + 50 * MS) == 48 * 20 + 480
    assert timing().surplus(PACKET, 0, BEGAN_NS + 50 * MS) == -48 * 20


def test_a_delay_above_the_cap_is_noticed() -> None:
    found = timing()
    found.surplus(0, 0, BEGAN_NS + 30 * MS)
    assert not found.exceeds_max(48 * 70)
    assert found.exceeds_max(48 * 70 + 48)


def test_playout_begins_with_the_lost_predecessor_if_its_copy_is_in_time() -> None:
    two = packet(2, fec=True)
    assert timing().begin(two, PACKET, 0, BEGAN_NS + 80 * MS) == (PACKET, 0)
    assert timing().begin(two, PACKET, 0, BEGAN_NS + 100 * MS) == (2 * PACKET, 1), "too late"
    assert timing().begin(packet(2), PACKET, 0, BEGAN_NS + 80 * MS) == (2 * PACKET, 1), "no copy"
    assert timing().begin(two, 2 * PACKET, 1, BEGAN_NS + 80 * MS) == (2 * PACKET, 1), "nothing is missing"
    assert timing().begin(two, 0, 1, BEGAN_NS + 80 * MS) == (2 * PACKET, 1), "it follows a pause, not a loss"


def test_before_anything_has_come_nothing_has_waited() -> None:
    empty = PlayoutTiming(PacketBuffer(), DelayEstimator(PLANS["balanced"]), 100 * MS)
    assert empty.waited_ns(0, BEGAN_NS) == 0


@pytest.mark.parametrize(
    ("waited_ms", "queued", "stale"),
    [(121, 2, True), (120, 2, False), (90, 2, False), (121, 1, False), (1000, 1, False), (1000, 2, True)],
)
def test_what_waited_beyond_the_cap_and_two_frames_is_stale_if_more_has_piled_up(
    waited_ms: int, queued: int, stale: bool
) -> None:
    buffer = PacketBuffer()
    buffer.use_formats({PAYLOAD_TYPE: "opus"})
    for number in range(queued):
        buffer.put(Rtp(number, number * PACKET, 1, PAYLOAD_TYPE, bytes([10 << 3, 0, 0])), BEGAN_NS)
    delay = DelayEstimator(PLANS["balanced"])
    delay.record_arrival(packet(0))
    timing_of_both = PlayoutTiming(buffer, delay, 100 * MS)
    assert timing_of_both.is_stale(packet(0), BEGAN_NS + waited_ms * MS) == stale
