"""The packet buffer: order, duplicates, wraparound, bounds, and any bytes at all."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.messages import FRAME_SAMPLES
from tests.workers.media.receive.playing import COMFORT, MS, RED, new_path
from tests.workers.media.voice import PAYLOAD_TYPE
from workers.media.receive.buffer.packet_buffer import MAX_COPIES, MAX_COPY_AGE, MAX_PACKETS, PacketBuffer
from workers.media.receive.buffer.red import MAX_BLOCKS
from workers.media.receive.buffer.rtp import MAX_JUMP, Rtp

SILENCE_40_MS = bytes([10 << 3, 0, 0])


def packet(number: int, *, first: int = 0) -> Rtp:
    return Rtp((first + number) % 65536, (number * 1920) % (1 << 32), 1, PAYLOAD_TYPE, SILENCE_40_MS)


def new_buffer() -> PacketBuffer:
    buffer = PacketBuffer()
    buffer.use_formats({PAYLOAD_TYPE: "opus", RED: "red", COMFORT: "cn"})
    return buffer


def drain(buffer: PacketBuffer) -> list[int]:
    taken = []
    while entry := buffer.first():
        buffer.take(entry.sequence)
        taken.append(entry.sequence)
    return taken


@given(st.permutations(range(60)), st.lists(st.integers(0, 59), max_size=40), st.integers(0, 65535))
def test_any_order_with_any_duplicates_comes_out_in_order(order: list[int], again: list[int], first: int) -> None:
    buffer = new_buffer()
    for number in [*order, *again]:
        buffer.put(packet(number, first=first), 0)
    assert buffer.received == 60
    assert buffer.duplicates == len(again)
    assert buffer.lost == 0
    taken = drain(buffer)
    assert taken == list(range(taken[0], taken[0] + 60))


@given(st.permutations(range(40)), st.integers(0, 65535))
def test_positions_follow_the_numbers_whatever_the_order(order: list[int], first: int) -> None:
    buffer = new_buffer()
    for number in order:
        buffer.put(packet(number, first=first), 0)
    positions = []
    while entry := buffer.first():
        buffer.take(entry.sequence)
        positions.append(entry.position)
    assert [b - a for a, b in itertools.pairwise(positions)] == [1920] * 39


@given(st.lists(st.tuples(st.integers(0, 65535), st.integers(0, (1 << 32) - 1), st.integers(0, 3)), max_size=400))
@settings(max_examples=50)
def test_memory_is_bounded_whatever_the_numbers_are(headers: list[tuple[int, int, int]]) -> None:
    buffer = new_buffer()
    for sequence, timestamp, ssrc in headers:
        buffer.put(Rtp(sequence, timestamp, ssrc, PAYLOAD_TYPE, SILENCE_40_MS), 0)
    assert len(drain(buffer)) <= MAX_PACKETS


def test_a_flood_that_nobody_plays_keeps_the_latest() -> None:
    buffer = new_buffer()
    for number in range(1000):
        buffer.put(packet(number), 0)
    taken = drain(buffer)
    assert len(taken) == MAX_PACKETS
    assert taken[-1] == 999
    assert buffer.dropped == 800


@given(
    st.lists(
        st.tuples(
            st.integers(0, 65535),
            st.integers(0, (1 << 32) - 1),
            st.integers(0, 2),
            st.sampled_from([PAYLOAD_TYPE, RED, COMFORT, 0]),
            st.binary(max_size=60),
            st.integers(0, 50),
        ),
        max_size=60,
    )
)
@settings(max_examples=150)
def test_any_packets_at_all_never_break_the_path(packets: list[tuple[int, int, int, int, bytes, int]]) -> None:
    path = new_path()
    now = 0
    for sequence, timestamp, ssrc, payload_type, payload, wait_ms in packets:
        now += wait_ms * MS
        path.put(Rtp(sequence, timestamp, ssrc, payload_type, payload), now)
        frame = path.pull(now)
        assert frame.samples is None or len(frame.samples) == FRAME_SAMPLES
    for _ in range(60):
        now += 10 * MS
        path.pull(now)


def red_of(blocks: int) -> bytes:
    """Return RED with so many copies of a silent frame before its own sound."""
    sound = bytes([10 << 3, 0, 0])
    header = (0x80 | PAYLOAD_TYPE).to_bytes(1, "big") + (480 << 10 | len(sound)).to_bytes(3, "big")
    return header * blocks + bytes([PAYLOAD_TYPE]) + sound * (blocks + 1)


def test_of_many_copies_only_the_latest_few_are_used() -> None:
    buffer = new_buffer()
    entries = buffer.put(Rtp(1000, 96_000, 1, RED, red_of(MAX_BLOCKS)), 0)
    assert [entry.sequence for entry in entries] == [1000, *range(1000 - MAX_COPIES, 1000)]


def red_after(offset: int, copied: bytes = SILENCE_40_MS) -> bytes:
    """Return RED of one copy, `offset` of its timestamps older than its own sound."""
    header = (0x80 | PAYLOAD_TYPE).to_bytes(1, "big") + (offset << 10 | len(copied)).to_bytes(3, "big")
    return header + bytes([PAYLOAD_TYPE]) + copied + SILENCE_40_MS


@pytest.mark.parametrize(
    ("offset", "taken"), [(1920, True), (MAX_COPY_AGE, True), (MAX_COPY_AGE + 1, False), (0, False)]
)
def test_a_copy_of_before_a_pause_is_no_news(offset: int, taken: bool) -> None:
    buffer = new_buffer()
    buffer.put(packet(0), 0)
    assert drain(buffer) == [0]
    entries = buffer.put(Rtp(2, 60_000, 1, RED, red_after(offset)), 0)  # packet 1 never came
    assert [entry.sequence for entry in entries] == ([2, 1] if taken else [2])
    assert drain(buffer) == ([1, 2] if taken else [2])


def test_a_copy_of_what_was_played_already_is_not_played_under_another_number() -> None:
    buffer = new_buffer()
    for number in range(3):
        buffer.put(packet(number), 0)
    assert drain(buffer) == [0, 1, 2]
    entries = buffer.put(Rtp(4, 3 * 1920, 1, RED, red_after(1920)), 0)  # numbered 3, and as old as packet 2
    assert [entry.sequence for entry in entries] == [4]
    entries = buffer.put(Rtp(6, 5 * 1920, 1, RED, red_after(1920)), 0)
    assert [entry.sequence for entry in entries] == [6, 5]


def test_the_copies_of_a_first_packet_lie_before_it() -> None:
    entries = new_buffer().put(Rtp(2, 60_000, 1, RED, red_after(1920)), 0)
    assert [(entry.sequence, entry.position) for entry in entries] == [(2, 0), (1, -1920)]


def test_a_red_bomb_is_malformed() -> None:
    buffer = new_buffer()
    assert [entry.samples for entry in buffer.put(Rtp(1000, 96_000, 1, RED, red_of(230)), 0)] == [0]
    assert buffer.malformed == 1


@given(st.sets(st.integers(0, 100), min_size=1), st.sets(st.integers(0, 100), min_size=3))
@settings(max_examples=50)
def test_what_is_missing_within_each_stream_is_lost(one: set[int], other: set[int]) -> None:
    buffer = new_buffer()
    assert buffer.lost == 0
    for number in sorted(one):
        buffer.put(packet(number, first=500), 0)
    for number in sorted(other):
        buffer.put(packet(number, first=30_000), 0)
    assert buffer.lost == sum(max(numbers) - min(numbers) + 1 - len(numbers) for numbers in (one, other))
    assert buffer.streams == 2


@pytest.mark.parametrize(("jump", "streams"), [(MAX_JUMP, 1), (MAX_JUMP + 1, 2)])
def test_a_jump_of_the_numbers_by_more_than_3000_is_another_stream(jump: int, streams: int) -> None:
    assert MAX_JUMP == 3000
    buffer = new_buffer()
    buffer.put(packet(0), 0)
    for number in range(jump, jump + 3):
        buffer.put(packet(number), 0)
    assert buffer.streams == streams


def test_another_stream_is_taken_up_by_three_packets_that_follow_each_other() -> None:
    buffer = new_buffer()
    buffer.put(packet(0), 0)
    for number in (10_000, 20_000, 22_000, 24_000):  # the last one is too far from the first, not from its neighbour
        assert buffer.streams == 1
        buffer.put(packet(number), 0)
    assert buffer.streams == 2
    assert [entry.sequence for entry in [buffer.first()] if entry] == [20_000]


def test_a_packet_that_was_given_up_is_late_when_it_comes() -> None:
    buffer = new_buffer()
    buffer.put(packet(0), 0)
    buffer.take(0)
    assert buffer.take(1) is None
    assert [entry.sequence for entry in buffer.put(packet(1), 0)] == [1]
    assert (buffer.late, buffer.first()) == (1, None)


def test_a_payload_that_is_no_opus_is_malformed_and_has_no_sound() -> None:
    buffer = new_buffer()
    (entry,) = buffer.put(Rtp(0, 0, 1, PAYLOAD_TYPE, bytes([0xFF])), 0)
    assert (entry.samples, entry.payload, buffer.malformed) == (0, b"", 1)


def test_the_rate_is_none_before_a_stream_and_certain_after_some_packets() -> None:
    buffer = new_buffer()
    assert (buffer.clock_rate, buffer.certain_rate) == (0, 0)
    buffer.put(packet(0), 0)
    assert (buffer.clock_rate, buffer.certain_rate) == (48_000, 0)
    for number in range(1, 10):
        buffer.put(packet(number), 0)
    assert (buffer.clock_rate, buffer.certain_rate) == (48_000, 48_000)
