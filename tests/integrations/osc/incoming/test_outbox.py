"""Requests that wait for their turn."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integrations.osc.incoming.commands import ApiCall
from integrations.osc.incoming.outbox import (
    AT_ONCE,
    AT_THE_SAME_TIME,
    GAP_S,
    MOST_WAITING,
    PER_S,
    STEADY_S,
    Outbox,
    Waiting,
)

ME = ("10.0.0.1", 9000)


def gain(peer: str, gain_db: float) -> Waiting:
    key = ("SetGain", peer, "gain_db")
    return Waiting(ApiCall("SetGain", {"peer": peer, "gain_db": gain_db}, key), ME, 0.0)


def mark(text: str = "") -> Waiting:
    return Waiting(ApiCall("MarkRecording", {"text": text}), ME, 0.0)


def of(waiting: Waiting | None) -> Any:
    return None if waiting is None else waiting.call.fields.get("gain_db", waiting.call.fields.get("text"))


def test_of_a_moved_fader_only_the_latest_position_goes() -> None:
    box = Outbox()
    assert not box
    for position in (-1.0, -2.0, -3.0):
        box.put(gain("bo", position))
    assert box
    assert of(box.take(1.0)) == -3.0
    assert box.take(1.0) is None
    assert not box


def test_a_position_waits_until_the_one_before_was_answered_and_a_little() -> None:
    box = Outbox()
    box.put(gain("bo", -1.0))
    first = box.take(1.0)
    box.put(gain("bo", -2.0))
    assert box.take(1.0 + 2 * GAP_S) is None
    box.done(first, 1.0)
    assert box.take(1.0 + GAP_S / 2) is None
    assert of(box.take(1.0 + GAP_S)) == -2.0


def test_of_many_faders_each_gets_its_turn() -> None:
    box, now, served = Outbox(), 1.0, dict.fromkeys("abcdefgh", 0)
    for _ in range(1000):
        now += 0.01
        for peer in served:
            box.put(gain(peer, now))
        while (waiting := box.take(now)) is not None:
            served[waiting.call.fields["peer"]] += 1
            box.done(waiting, now)
    assert max(served.values()) - min(served.values()) <= 1
    assert sum(served.values()) <= AT_ONCE + 10 * PER_S + 1


def test_each_mark_counts_and_goes_before_faders() -> None:
    box = Outbox()
    box.put(gain("bo", -1.0))
    for text in "abc":
        box.put(mark(text))
    assert [of(box.take(1.0)) for _ in range(4)] == ["a", "b", "c", -1.0]


def test_a_program_gone_wild_is_refused() -> None:
    box = Outbox()
    assert all(box.put(mark()) for _ in range(MOST_WAITING))
    assert box
    assert not box.put(mark())
    assert box.put(gain("bo", 1.0))


def test_requests_that_hang_hold_up_only_so_many() -> None:
    box = Outbox()
    for number in range(AT_THE_SAME_TIME + 1):
        box.put(gain(str(number), 0.0))
    under_way = [box.take(1.0) for _ in range(AT_THE_SAME_TIME)]
    assert None not in under_way
    assert box.take(2.0) is None
    box.done(under_way[0], 2.0)
    assert box.take(2.0) is not None


def test_one_that_came_too_often_goes_again_unless_a_later_one_replaces_it() -> None:
    box = Outbox()
    box.put(gain("bo", -1.0))
    box.again(box.take(1.0), 1.0, 0.1)
    assert box.take(1.05) is None
    again = box.take(1.2)
    assert of(again) == -1.0
    box.put(gain("bo", -2.0))
    box.again(again, 1.2, 0.1)
    assert of(box.take(1.4)) == -2.0
    assert not box
    box.put(mark("a"))
    box.put(mark("b"))
    box.again(box.take(2.0), 2.0, 0.1)
    assert of(box.take(3.0)) == "a"


def test_what_was_asked_for_last_is_known_until_the_state_has_it() -> None:
    box, key = Outbox(), ("SetGain", "bo", "gain_db")
    assert box.latest(key, 0.0, 1.0) == 0.0
    box.put(gain("bo", -1.0))
    assert box.latest(key, 0.0, 1.0) == -1.0
    taken = box.take(1.0)
    assert box.latest(key, 0.0, 60.0) == -1.0
    box.done(taken, 60.0)
    assert box.latest(key, 0.0, 60.0 + STEADY_S / 2) == -1.0
    assert box.latest(key, 0.0, 60.0 + STEADY_S) == 0.0


def test_members_who_left_leave_nothing_behind() -> None:
    box = Outbox()
    for number in range(500):
        box.put(gain(str(number), 0.0))
        box.done(box.take(float(number)), float(number))
    assert len(box._wanted) <= 2
    assert len(box._next) <= 2


@given(st.lists(st.tuples(st.sampled_from(["put", "take", "done", "again"]), st.integers(0, 3)), max_size=60))
def test_the_last_position_of_each_fader_always_arrives(steps: list[tuple[str, int]]) -> None:
    box, now, wanted, arrived, under_way = Outbox(), 1.0, {}, {}, []
    for what, which in steps:
        now += 0.02
        if what == "put":
            wanted[str(which)] = now
            box.put(gain(str(which), now))
        elif what == "take" and (waiting := box.take(now)) is not None:
            under_way.append(waiting)
        elif under_way and what in ("done", "again"):
            waiting = under_way.pop(which % len(under_way))
            if what == "done":
                arrived[waiting.call.fields["peer"]] = of(waiting)
                box.done(waiting, now)
            else:
                box.again(waiting, now, 0.1)
    for waiting in under_way:
        arrived[waiting.call.fields["peer"]] = of(waiting)
        box.done(waiting, now)
    for _ in range(200):
        now += 0.1
        if (waiting := box.take(now)) is not None:
            arrived[waiting.call.fields["peer"]] = of(waiting)
            box.done(waiting, now)
    assert arrived == wanted
