from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.psn.http import fingerprint
from tests.signaling.server import Ear, PushServer, channel, push_server, told
from workers.signaling.link import KeepAlive, Server


@pytest.fixture
async def server() -> AsyncIterator[PushServer]:
    async with push_server() as made:
        yield made


@pytest.fixture
def ear() -> Ear:
    return Ear()


async def test_the_handshake_has_every_header_and_the_first_frame_authorises(
    server: PushServer, home: Path, ear: Ear
) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        await ear.until(lambda: server.frames)
    (query,) = server.address_queries
    assert query == {"version": "3.0", "fields": "keepAliveStatus", "keepAliveStatusType": "6"}
    (shake,) = server.handshakes
    assert shake["authorization"] == "Bearer t1"
    assert shake["x-psn-app-type"] == "MOBILE_APP.PSAPP"
    assert shake["x-psn-app-ver"]
    assert shake["x-psn-os-ver"]
    assert shake["x-psn-protocol-version"] == "3.0"
    assert shake["x-psn-keep-alive-status-type"] == "6"
    assert shake["x-psn-reconnection"] == "false"
    (frame,) = told(server.frames)
    assert (frame["method"], frame["accountId"], frame["status"]) == (1003, 123, "active")
    assert frame["auth"] == {"accessToken": "t1"}
    assert not any("t1" in str(state) for state in ear.states)


@pytest.mark.parametrize("where", ["refuse", "refuse_address"])
async def test_the_older_protocol_stands_in_where_the_newer_is_refused(
    server: PushServer, home: Path, ear: Ear, where: str
) -> None:
    getattr(server, where)["3.0"] = 400
    async with channel(server, home, ear):
        await ear.opened()
        assert ear.states[-1].protocol == "2.1"
    assert server.handshakes[-1]["x-psn-protocol-version"] == "2.1"
    assert server.handshakes[-1]["x-psn-keep-alive-status-type"] == "3"
    assert server.frames == []
    assert ear.troubles


@pytest.mark.parametrize("code", [1000, 1011, 4101, 65535])
async def test_a_closed_channel_comes_back_on_the_same_server_and_says_that_it_is_a_reconnection(
    server: PushServer, home: Path, ear: Ear, code: int
) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        await server.sockets[0].close(code=code)
        await ear.opened(2)
    assert len(server.address_queries) == 1
    assert server.handshakes[1]["x-psn-reconnection"] == "true"
    first, second = (state for state in ear.states if state.connected)
    assert first.epoch != second.epoch
    assert str(code) in next(state.detail for state in ear.states if not state.connected)


async def test_a_dead_link_is_noticed_by_the_missing_pong(server: PushServer, home: Path, ear: Ear) -> None:
    server.interval_ms, server.answer_pings = 100, False
    async with channel(server, home, ear):
        await ear.opened()
        await ear.opened(2)
    assert server.pings
    assert "dead" in next(state.detail for state in ear.states if not state.connected)


async def test_a_link_that_answers_pings_stays_open(server: PushServer, home: Path, ear: Ear) -> None:
    server.interval_ms = 50
    async with channel(server, home, ear):
        await ear.opened()
        await ear.until(lambda: server.pings > 25)
    assert len(server.handshakes) == 1


async def test_a_party_quickens_the_keep_alive_without_another_connection(
    server: PushServer, home: Path, ear: Ear
) -> None:
    async with channel(server, home, ear) as made:
        await ear.opened()
        made._keep_alives.learned(Server(server.fqdn, KeepAlive(0.05, 5), 3))
        assert server.pings == 0
        made.party(in_party=True)
        await ear.until(lambda: server.pings > 3)
        assert len(server.handshakes) == len(server.address_queries) == 1
        await server.sockets[0].close(code=4101)
        await ear.opened(2)
    assert [shake["x-psn-keep-alive-status-type"] for shake in server.handshakes] == ["6", "3"]
    assert len(server.address_queries) == 1


async def test_outside_a_party_the_next_connection_is_an_idle_one(server: PushServer, home: Path, ear: Ear) -> None:
    async with channel(server, home, ear) as made:
        made.party(in_party=True)
        await ear.opened()
        made.party(in_party=False)
        await server.sockets[0].close(code=4101)
        await ear.opened(2)
    assert [shake["x-psn-keep-alive-status-type"] for shake in server.handshakes] == ["3", "6"]
    assert server.address_queries[0]["keepAliveStatusType"] == "3"


async def test_text_and_binary_frames_of_any_size_come_through_and_bad_ones_close_nothing(
    server: PushServer, home: Path, ear: Ear
) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        (socket,) = server.sockets
        await socket.send_str("{}")
        await socket.send_bytes(b"\xff\xfe")
        await socket.send_str("x" * (3 << 20))
        await socket.send_str("last")
        await ear.until(lambda: ear.frames and ear.frames[-1] == "last")
    assert [len(frame) for frame in ear.frames] == [2, 2, 3 << 20, 4]
    assert len(server.handshakes) == 1


async def test_a_ping_of_the_server_is_answered(server: PushServer, home: Path, ear: Ear) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        await server.sockets[0].ping(b"are you there")
        await server.sockets[0].send_str("after")
        await ear.until(lambda: ear.frames)
    assert len(server.handshakes) == 1


async def test_a_refused_token_is_renewed(server: PushServer, home: Path, ear: Ear) -> None:
    server.refuse["3.0"] = 401
    async with channel(server, home, ear):
        await ear.until(lambda: len(server.handshakes) >= 2)
        server.refuse.clear()
        await ear.opened()
    assert fingerprint("t1") in ear.asked
    assert [shake["authorization"] for shake in server.handshakes[:2]] == ["Bearer t1", "Bearer t2"]


async def test_the_server_of_a_killed_run_is_tried_first(server: PushServer, home: Path, ear: Ear) -> None:
    async with channel(server, home, ear):
        await ear.opened()
    again = Ear()
    async with channel(server, home, again):
        await again.opened()
    assert len(server.address_queries) == 1
    assert [shake["x-psn-reconnection"] for shake in server.handshakes] == ["false", "true"]


async def test_a_remembered_server_that_is_gone_is_replaced(server: PushServer, home: Path, ear: Ear) -> None:
    async with push_server() as old, channel(old, home, ear):
        await ear.opened()
    again = Ear()
    async with channel(server, home, again):
        await again.opened()
    assert len(server.address_queries) == 1
    assert again.troubles
