from __future__ import annotations

import pytest

from workers.signaling.push_channel import interruptions
from workers.signaling.push_channel.interruptions import NetworkDetector


def test_another_route_is_new_once_and_a_lost_one_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [["192.0.2.7"]]
    monkeypatch.setattr(interruptions, "local_addresses", lambda: found[0])
    network = NetworkDetector()
    assert not network.has_new_route()
    found[0] = []
    assert not network.has_new_route()
    found[0] = ["192.0.2.7"]
    assert network.has_new_route()
    assert not network.has_new_route()
    found[0] = ["198.51.100.4"]
    assert network.has_new_route()
