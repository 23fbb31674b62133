"""The gate by itself: what passes, what is dropped and why, and that no honest sender is ever hurt."""

from __future__ import annotations

import random
import struct

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from common.basic.bucket import Bucket
from workers.media.guard.datagrams import ADDRESSES_KNOWN, LARGEST, MOST_SOURCES, WAITING, DatagramGate, DatagramKind


def rtp(number: int = 0, ssrc: int = 7, payload_type: int = 96, size: int = 80) -> bytes:
    return struct.pack("!BBHII", 0x80, payload_type, number % 65536, number * 480 % 2**32, ssrc) + bytes(size)


def rtcp(ssrc: int = 7) -> bytes:
    return struct.pack("!BBHI", 0x80, 200, 6, ssrc) + bytes(20)


def speaks(gate: DatagramGate, data: bytes, now: float, waiting: int = 0) -> bool:
    """Pass RTP through, as the tap would: what got in has been authenticated."""
    kind = gate.kind(data)
    passed = kind is not None and gate.packet(kind, data, waiting, now)
    if passed:
        gate.record_authenticated(struct.unpack("!I", data[4:8] if 192 <= data[1] <= 223 else data[8:12])[0], now)
    return passed


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (bytes([128]) * (LARGEST + 1), "oversized"),
        (b"\x05", "no STUN, DTLS or RTP"),
        (b"\x10" * 40, "no STUN, DTLS or RTP"),
        (b"\x40" * 40, "no STUN, DTLS or RTP"),
        (b"\xff" * 40, "no STUN, DTLS or RTP"),
        (b"\x80", "no STUN, DTLS or RTP"),
    ],
)
def test_what_can_be_nothing_for_us_is_dropped_and_counted(data: bytes, reason: str) -> None:
    gate = DatagramGate()
    assert gate.kind(data) is None
    assert dict(gate.dropped) == {reason: 1}


def test_each_kind_is_told_by_its_first_byte() -> None:
    gate = DatagramGate()
    found = [gate.kind(data) for data in (bytes(20), b"\x16" + bytes(20), b"\x3f" + bytes(20), rtp(), rtcp())]
    assert found == [DatagramKind.STUN, DatagramKind.DTLS, DatagramKind.DTLS, DatagramKind.RTP, DatagramKind.RTP]


def test_stun_for_another_fragment_is_not_even_parsed() -> None:
    gate = DatagramGate()
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    message.attributes["USERNAME"] = "ours:theirs"
    message.add_message_integrity(b"secret")
    assert gate.stun(bytes(message), "ours", {}, 0.0)
    assert not gate.stun(bytes(message), "other", {}, 0.0)
    reply = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.RESPONSE)
    assert not gate.stun(bytes(reply), "ours", {}, 0.0)
    assert gate.stun(bytes(reply), "ours", {reply.transaction_id: 1}, 0.0)
    assert not gate.stun(bytes(reply) + b"x", "ours", {}, 0.0)
    assert gate.dropped == {"STUN without our password": 1, "malformed STUN": 1}


@pytest.mark.parametrize("packet_ms", [10, 20, 40, 60, 120])
@pytest.mark.parametrize("network", ["quiet", "stalls of 3 s", "doubles one in ten"])
def test_an_honest_sender_is_never_touched(packet_ms: int, network: str) -> None:
    """Ten minutes of packets with RED's size, RTCP each half second, a new source now and then."""
    gate, draw, now, ssrc = DatagramGate(), random.Random(1), 0.0, 1
    step = packet_ms / 1000
    for number in range(int(600 / step)):
        due = number * step
        if network == "stalls of 3 s" and due % 30 < 3:
            due = due - due % 30 + 3
        now = max(now, due)
        if due % 120 < step:
            ssrc += 1
        assert speaks(gate, rtp(number, ssrc, size=400), now)
        if number % max(1, int(0.5 / step)) == 0:
            assert speaks(gate, rtcp(ssrc), now)
        if network == "doubles one in ten" and draw.random() < 0.1:
            assert speaks(gate, rtp(number, ssrc, size=400), now)
    assert not gate.dropped


def test_a_flood_is_cut_to_what_can_be_borne() -> None:
    gate = DatagramGate()
    passed = sum(speaks(gate, rtp(number), number / 5000) for number in range(50_000))
    assert 2000 < passed < 2500
    assert gate.too_much == 50_000 - passed


def test_sources_are_few_and_the_known_one_goes_on() -> None:
    gate = DatagramGate()
    assert speaks(gate, rtp(0, ssrc=1), 0.0)
    passed = sum(speaks(gate, rtp(n, ssrc=100 + n), n / 100) for n in range(300))
    assert passed <= 33
    assert gate.dropped["too many sources"] >= 260
    assert speaks(gate, rtp(1, ssrc=100), 4.0)


def test_a_source_that_changes_each_three_seconds_is_heard_for_an_hour() -> None:
    gate = DatagramGate()
    assert all(speaks(gate, rtp(n, ssrc=n), 3.0 * n) for n in range(1200))


def test_sources_end_some_day() -> None:
    gate = DatagramGate()
    assert sum(speaks(gate, rtp(n, ssrc=n), 4.0 * n) for n in range(MOST_SOURCES + 500)) == MOST_SOURCES


def test_what_nobody_authenticated_uses_up_no_source() -> None:
    gate = DatagramGate()
    for number in range(1000):
        gate.packet(DatagramKind.RTP, rtp(number, ssrc=number), 0, number / 100)
    assert not gate.dropped["too many sources"]


def test_a_known_source_may_come_from_anywhere_and_no_other() -> None:
    gate = DatagramGate()
    assert speaks(gate, rtp(0, ssrc=5), 0.0)
    assert gate.knows(rtp(1, ssrc=5))
    assert not gate.knows(rtp(1, ssrc=6))
    assert not gate.knows(b"\x16" + bytes(30))


def test_what_waits_is_bounded() -> None:
    gate = DatagramGate()
    assert not gate.packet(DatagramKind.DTLS, b"\x16", WAITING, 0.0)
    assert gate.dropped == {"too many waiting": 1}


def test_addresses_are_forgotten_the_oldest_first() -> None:
    gate = DatagramGate()
    for port in range(ADDRESSES_KNOWN + 1):
        gate.admit(("192.0.2.1", port))
    assert not gate.admits(("192.0.2.1", 0))
    assert gate.admits(("192.0.2.1", 1))


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 3)), max_size=60))
def test_a_bucket_never_gives_more_than_it_may(takes: list[tuple[float, float]]) -> None:
    bucket, now, given_out = Bucket(per_s=2, at_once=5), 0.0, 0.0
    for pause, wanted in takes:
        now += pause
        given_out += wanted if bucket.take(now, wanted) else 0
    assert given_out <= 5 + 2 * now + 1e-6


@given(st.binary(max_size=1600), st.binary(max_size=4))
def test_no_bytes_are_too_odd(data: bytes, fragment: bytes) -> None:
    gate = DatagramGate()
    kind = gate.kind(data)
    if kind is DatagramKind.STUN:
        gate.stun(data, fragment.hex(), {}, 0.0)
    elif kind is not None:
        gate.packet(kind, data, 0, 0.0)
        gate.knows(data)
