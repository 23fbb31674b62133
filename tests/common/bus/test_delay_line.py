"""A talker alone, held back as long as the mix."""

from __future__ import annotations

from common.bus.delay_line import DelayLine
from common.messages import AudioFrame

MS = 1_000_000


def run(held: DelayLine[bytes], first: int, last: int) -> list[int]:
    """Let the frames of these ticks come in when they are due; return the ticks that are heard meanwhile."""
    heard = []
    for tick in range(first, last + 1):
        held.add(AudioFrame(peer="1.PS5", boot="b", tick=tick, tick_ns=tick * 10 * MS), b"")
        heard += [frame.tick for frame, _ in held.due(tick * 10 * MS)]
    return heard


def test_without_a_delay_a_frame_is_heard_when_it_comes_even_early() -> None:
    held = DelayLine[bytes]()
    held.add(AudioFrame(peer="1.PS5", boot="b", tick=9, tick_ns=90 * MS), b"")
    assert [frame.tick for frame, _ in held.due(80 * MS)] == [9]
    assert not held.waits


def test_a_frame_is_heard_later_by_the_delay() -> None:
    held = DelayLine[bytes]()
    held.set_ms(250, 0)
    assert run(held, 0, 24) == []
    assert run(held, 25, 100) == list(range(76))


def test_a_longer_delay_says_it_again_and_a_shorter_one_skips() -> None:
    held = DelayLine[bytes]()
    assert run(held, 0, 100) == list(range(101))
    held.set_ms(500, 1000 * MS)
    assert run(held, 101, 110) == list(range(51, 61))
    held.set_ms(100, 1100 * MS)
    assert run(held, 111, 120) == list(range(101, 111))
    held.set_ms(0, 1200 * MS)
    assert run(held, 121, 122) == [121, 122]


def test_the_last_words_are_heard_when_nothing_comes_any_more() -> None:
    held = DelayLine[bytes]()
    held.set_ms(2000, 0)
    run(held, 0, 99)
    assert held.waits
    assert [frame.tick for frame, _ in held.due(2500 * MS)] == list(range(51))
    assert [frame.tick for frame, _ in held.due(60_000 * MS)] == list(range(51, 100))
    assert not held.waits


def test_it_keeps_no_more_than_the_longest_delay_needs() -> None:
    held = DelayLine[bytes]()
    held.set_ms(99_999, 0)
    assert run(held, 0, 5000)[-1] == 4800
