"""What one datagram does."""

from __future__ import annotations

from typing import Any

import pytest

from common.config.integration_tables import OscSettings
from integrations.osc.incoming.receiver import OscReceiver
from integrations.osc.outgoing.desk_feed import DeskFeed
from integrations.osc.outgoing.targets import Targets
from tests.integrations.osc.controller import _message

SOURCE = ("127.0.0.1", 5555)
PARTY = {
    "phase": "joined",
    "members": [
        {"account_id": "1", "platform": "PS5", "online_id": "Bo", "is_me": False},
        {"account_id": "2", "platform": "PS5", "online_id": "Cleo", "is_me": False},
    ],
}


class FakeRequester:
    def __init__(self) -> None:
        self.asked: list[Any] = []

    def ask(self, call: Any, source: Any) -> None:
        self.asked.append((call.request, *call.fields.values()))
        assert source == SOURCE

    def latest(self, key: Any, default: Any) -> Any:
        return default


class Bench:
    """A receiver, and what it did."""

    def __init__(self, **settings: Any) -> None:
        self.feed = DeskFeed()
        self.feed.on_state({"party.state/": PARTY, "audio.mixer/": {}})
        self.targets = Targets(60)
        self.requests = FakeRequester()
        self.told: list[Any] = []
        self.receiver = OscReceiver(
            OscSettings(**settings), self.feed, self.targets, self.requests,
            lambda target, values: self.told.append((target.address, values)),
        )  # fmt: skip

    def send(self, path: str, *values: Any) -> None:
        self.receiver.take(_message(path, values).dgram, SOURCE)

    @property
    def asked(self) -> list[Any]:
        return self.requests.asked


def test_a_pattern_that_names_one_talker_three_times_asks_once() -> None:
    bench = Bench()
    bench.send("/partyline/*/*/mute/toggle")
    assert bench.asked == [("SetMute", "1.PS5", True), ("SetMute", "2.PS5", True)]


def test_what_is_moved_is_held_on_every_target_of_that_host_and_nothing_else_is() -> None:
    bench = Bench()
    bench.targets.fix(("127.0.0.1", 9000), 0.0)
    bench.targets.fix(("10.0.0.9", 9000), 0.0)
    bench.send("talker/1/fader", 0.5)
    values = {"/partyline/talker/1/fader": 0.5, "/partyline/talker/1/gain": -20.0}
    due = {target.address: set(target.due(values, 0.0)) for target in bench.targets}
    assert due == {
        ("127.0.0.1", 9000): {"/partyline/talker/1/gain"},
        ("127.0.0.1", 5555): {"/partyline/talker/1/gain"},
        ("10.0.0.9", 9000): set(values),
    }


def test_a_fader_of_an_empty_place_goes_back_and_asks_for_nothing() -> None:
    bench = Bench()
    bench.send("talker/7/fader", 0.5)
    assert bench.asked == []
    (target,) = bench.targets
    assert target.next_due() is not None


def test_a_flood_is_left_out() -> None:
    bench = Bench()
    for _ in range(4000):
        bench.send("talker/1/gain/step", 1)
    assert 2000 <= len(bench.asked) < 4000


@pytest.mark.parametrize("host", ["10.1.1.1", "fe80::1"])
def test_a_stranger_is_not_registered(host: str) -> None:
    bench = Bench()
    bench.receiver.take(_message("talker/1/mute", (1,)).dgram, (host, 5555))
    assert bench.asked == []
    assert len(bench.targets) == 0


def test_one_message_of_a_bundle_that_is_wrong_leaves_the_others() -> None:
    bench = Bench()
    bundle = b"#bundle\0" + bytes(7) + b"\1"
    for part in (_message("talker/1/mute", ("x",)).dgram, _message("talker/2/mute", (1,)).dgram):
        bundle += len(part).to_bytes(4, "big") + part
    bench.receiver.take(bundle, SOURCE)
    assert bench.asked == [("SetMute", "2.PS5", True)]
    ((address, values),) = bench.told
    assert address == SOURCE
    assert values["/partyline/error"].startswith("/partyline/talker/1/mute: ")


@pytest.mark.parametrize("port", [-1, 65536, 1e9])
def test_a_port_that_is_none_is_refused(port: float) -> None:
    bench = Bench()
    bench.send("register", float(port))
    assert "no port" in bench.told[0][1]["/partyline/error"]
    assert [target.address for target in bench.targets] == [SOURCE]
