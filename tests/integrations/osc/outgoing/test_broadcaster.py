"""What is sent, and how often."""

from __future__ import annotations

from typing import Any

import pytest
from pythonosc.osc_packet import OscPacket

from common.config.integration_tables import OscSettings
from common.errors import PartylineError
from integrations.osc.outgoing.broadcaster import Broadcaster
from integrations.osc.outgoing.desk_feed import DeskFeed
from integrations.osc.outgoing.targets import Targets

HERE = ("127.0.0.1", 9000)


class FakeSender:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def send(self, datagrams: list[bytes], address: Any) -> None:
        assert address == HERE
        for datagram in datagrams:
            self.sent += [(one.message.address, one.message.params[0]) for one in OscPacket(datagram).messages]


def bench(**settings: Any) -> tuple[Broadcaster, DeskFeed, Targets, FakeSender]:
    feed, targets, sender = DeskFeed(), Targets(60), FakeSender()
    feed.on_state({"party.state/": {"phase": "joined", "members": []}})
    return Broadcaster(OscSettings(**settings), feed, targets, sender), feed, targets, sender


@pytest.mark.parametrize(("per_s", "least", "most"), [(10, 9, 11), (4, 3, 5), (0, 0, 0)])
def test_levels_come_as_often_as_is_wanted(per_s: int, least: int, most: int) -> None:
    broadcaster, feed, targets, sender = bench(levels_per_s=per_s)
    targets.fix(HERE, 0.0)
    for tenth in range(100):  # a second of looks at the state, with levels that change each time
        feed.on_event("audio.levels/", {"mix": -float(tenth % 50), "talkers": {}})
        broadcaster.send(100.0 + tenth / 100)
    assert least <= len([one for one in sender.sent if one[0] == "/partyline/master/level"]) <= most


def test_nothing_is_sent_twice_and_nothing_to_nobody() -> None:
    broadcaster, _, targets, sender = bench()
    broadcaster.send(100.0)
    assert sender.sent == []
    targets.fix(HERE, 0.0)
    broadcaster.send(101.0)
    count = len(sender.sent)
    assert count == len({address for address, _ in sender.sent})
    broadcaster.send(102.0)
    assert len(sender.sent) == count


def test_a_refusal_is_told_with_its_remedy() -> None:
    broadcaster, _, _, sender = bench()
    broadcaster.refuse(PartylineError("No.", "Wait."), HERE)
    broadcaster.refuse(PartylineError("No."), HERE)
    assert sender.sent == [("/partyline/error", "No. Wait."), ("/partyline/error", "No.")]
