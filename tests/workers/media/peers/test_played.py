"""Of two connections one is heard, and the other one takes over when it falls silent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workers.media.peers.stand import PACKET, Listener
from workers.media.peers.played import TAKEOVER_NS, PlayedConnection


class FakePeer:
    rtp_ns = 0


class Status:
    established = (1, 2)


class Results:
    def __init__(self) -> None:
        self.heard: list[int] = []

    def on_rtp(self, number: int) -> None:
        self.heard.append(number)


class Rig:
    def __init__(self) -> None:
        self.peers: Any = {1: FakePeer(), 2: FakePeer()}
        self.status, self.results, self.listener = Status(), Results(), Listener()
        self.played = PlayedConnection(self.peers, self.status, self.results, self.listener)  # type: ignore[arg-type]

    def packet(self, number: int, at_ns: int) -> None:
        self.peers[number].rtp_ns = at_ns
        self.played.on_rtp(number, PACKET, at_ns)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_the_first_that_comes_up_is_played(rig: Rig) -> None:
    rig.played.on_up(2)
    rig.played.on_up(1)
    rig.packet(2, 10)
    rig.packet(1, 20)
    assert (rig.played.number, rig.listener.packets, rig.results.heard) == (2, [10], [2])


def test_the_other_one_takes_over_after_a_silence_and_not_before(rig: Rig) -> None:
    rig.played.on_up(1)
    rig.packet(1, 10)
    rig.packet(2, 10 + TAKEOVER_NS)
    assert rig.played.number == 1
    rig.packet(2, 11 + TAKEOVER_NS)
    assert rig.played.number == 2
    assert rig.listener.packets == [10, 11 + TAKEOVER_NS]
    assert rig.listener.played == [rig.peers[1], rig.peers[2]]


def test_one_that_is_not_up_or_closed_never_takes_over(rig: Rig) -> None:
    rig.played.on_up(1)
    rig.status.established = (1,)
    rig.packet(2, 10 * TAKEOVER_NS)
    rig.status.established = (1, 2)
    del rig.peers[2]
    rig.played.on_rtp(2, PACKET, 10 * TAKEOVER_NS)
    assert (rig.played.number, rig.listener.packets) == (1, [])


def test_when_it_ends_the_one_that_is_left_is_played(rig: Rig) -> None:
    rig.played.on_up(1)
    rig.played.on_ended(2)
    assert rig.played.number == 1, "another one ended"
    del rig.peers[1]
    rig.played.on_ended(1)
    assert rig.played.number == 2
    rig.status.established = ()
    rig.played.on_ended(2)
    assert rig.played.number is None
