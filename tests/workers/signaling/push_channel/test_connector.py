from __future__ import annotations

import json

import pytest

from common.psn.errors import BadAnswerError
from common.psn.party.push import KeepAliveTold
from workers.signaling.push_channel.connector import read_retry, read_server
from workers.signaling.push_channel.keep_alive import KNOWN, KeepAliveTiming


def test_the_golden_serveraddr_answer_is_read(wire: object) -> None:
    server = read_server(json.loads(wire("serveraddr.response.json")))  # type: ignore[operator]
    assert server.fqdn == "203-0-113-220-pushcl.np.communication.playstation.net"
    assert KNOWN[6].with_server_values(server.keep_alive) == KeepAliveTiming(60, 30, 90, 120)
    assert server.retry_s == (120.0, 180.0)
    assert read_retry({"X-PSN-RETRY-INTERVAL-MIN": "5", "X-PSN-RETRY-INTERVAL-MAX": "x"}) == (5.0, 0.0)


def test_a_serveraddr_answer_may_say_little() -> None:
    assert read_server({"fqdn": "a", "keepAliveStatus": 5}).keep_alive == KeepAliveTold()
    for bad in (None, [], {}, {"fqdn": 5}):
        with pytest.raises(BadAnswerError):
            read_server(bad)
