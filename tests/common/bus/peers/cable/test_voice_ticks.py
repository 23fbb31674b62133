"""Frames of talkers gathered into one message a tick, and who is silent, on a way that loses messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.bus.peers.cable.voice_ticks import (
    NAMED_EVERY,
    WAIT_NS,
    SilentTalkers,
    TickCollector,
    VoiceTick,
    packed,
    unpacked,
)
from common.errors import BadMessageError
from common.messages import AudioFrame


def frame(peer: str, tick: int, *, sounding: bool = False, boot: str = "b") -> AudioFrame:
    return AudioFrame(peer=peer, boot=boot, tick=tick, tick_ns=tick * 10_000_000, sounding=sounding)


def gathered(collector: TickCollector, tick: int, talkers: dict[str, bytes]) -> VoiceTick:
    for peer, packet in talkers.items():
        assert collector.belongs(frame(peer, tick))
        collector.add(frame(peer, tick, sounding=bool(packet)), packet, 0)
    return collector.take()


def test_a_message_is_read_as_it_was_written() -> None:
    tick = gathered(TickCollector(), 5, {"a": b"opus", "b": b""})
    assert unpacked(packed(tick)) == tick
    assert (tick.tick, [sound.peer for sound in tick.sounds], tick.silent) == (5, ["a"], ("b",))


@pytest.mark.parametrize("frames", [[b"opus/"], [b"opus/", b"x"], [b"opus/", b"\x90"], [b"opus/", b"", b""]])
def test_what_is_no_tick_is_refused(frames: list[bytes]) -> None:
    with pytest.raises(BadMessageError):
        unpacked(frames)


def test_it_is_due_with_the_last_of_those_who_were_there_before() -> None:
    collector = TickCollector()
    gathered(collector, 1, {"a": b"", "b": b""})
    assert collector.is_empty
    assert not collector.is_due(10**12)
    collector.add(frame("a", 2), b"", 100)
    assert not collector.is_due(100)
    collector.add(frame("b", 2), b"", 200)
    assert collector.is_due(200)


def test_who_is_gone_is_waited_for_once_and_not_for_long() -> None:
    collector = TickCollector()
    gathered(collector, 1, {"a": b"", "gone": b""})
    collector.add(frame("a", 2), b"", 100)
    assert not collector.is_due(99 + WAIT_NS)
    assert collector.is_due(100 + WAIT_NS)
    collector.take()
    collector.add(frame("a", 3), b"", 0)
    assert collector.is_due(0)


def test_another_tick_another_run_and_the_same_talker_again_are_of_another_message() -> None:
    collector = TickCollector()
    collector.add(frame("a", 1), b"", 0)
    assert collector.belongs(frame("b", 1))
    assert not collector.belongs(frame("a", 1))
    assert not collector.belongs(frame("b", 2))
    assert not collector.belongs(frame("b", 1, boot="c"))


def test_a_frame_of_another_time_keeps_it() -> None:
    collector = TickCollector()
    collector.add(frame("a", 1), b"x", 0)
    later = AudioFrame(peer="b", boot="b", tick=1, tick_ns=10_000_007)
    collector.add(later, b"x", 0)
    assert [sound.later_ns for sound in collector.take().sounds] == [0, 7]


def test_the_silent_are_named_when_they_change_and_now_and_then() -> None:
    collector = TickCollector()
    named = [gathered(collector, tick, {"a": b"", "b": b""}).silent for tick in range(2 * NAMED_EVERY)]
    assert [number for number, silent in enumerate(named) if silent is not None] == [0, NAMED_EVERY]
    assert gathered(collector, 99, {"a": b"x", "b": b""}).silent == ("b",)


@given(st.lists(st.tuples(st.booleans(), st.sets(st.sampled_from("abc"))), min_size=1, max_size=60))
def test_nobody_is_called_silent_who_is_not_and_everybody_is_again_soon(way: list[tuple[bool, set[str]]]) -> None:
    collector, reader, since_lost = TickCollector(), SilentTalkers(), 0
    for tick, (lost, silent) in enumerate(way):
        message = gathered(collector, tick, {peer: b"" if peer in silent else b"x" for peer in "abc"})
        if lost:
            since_lost = 0
            continue
        since_lost += 1
        found = set(reader.of(message))
        assert found <= silent
        if since_lost > NAMED_EVERY:
            assert found == silent
