from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from common.basic.clock import Moment, boot_ns, boot_s
from common.errors import PartyError
from common.psn.http.client import fingerprint
from tests.workers.signaling.push_channel.push_server import Ear, PushServer, channel, push_server, told
from workers.signaling.loss import Loss
from workers.signaling.memory import SignalingMemoryFile

CLOCKS = ("connection_loop", "open_channel", "push_connection", "state_publisher")
"""Modules that read the clock."""
EVENT = json.dumps({"method": 3001, "dataType": "x", "body": {"data": {}}})


@pytest.fixture
async def server() -> AsyncIterator[PushServer]:
    async with push_server() as made:
        yield made


@pytest.fixture
def ear() -> Ear:
    return Ear()


def statuses(server: PushServer) -> list[int]:
    """Return the keep-alive types that were asked for by 1007."""
    return [frame["keepAliveStatusType"] for frame in told(server.frames) if frame["method"] == 1007]


async def test_the_handshake_has_every_header_and_the_first_frame_authorises(
    server: PushServer, home: Path, ear: Ear
) -> None:
    async with channel(server, home, ear):
        await ear.opened()
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
    assert ear.states[-1].keep_alive_type == 6
    assert not any("t1" in str(state) for state in ear.states)


@pytest.mark.parametrize("where", ["refuse", "refuse_address"])
async def test_the_older_protocol_stands_in_where_the_newer_is_refused(
    server: PushServer, home: Path, ear: Ear, where: str
) -> None:
    getattr(server, where)["3.0"] = 400
    async with channel(server, home, ear) as made:
        await ear.opened()
        await made.set_voice_chat(active=True)  # it has no frame for that, and needs none
        assert ear.states[-1].protocol == "2.1"
    assert server.handshakes[-1]["x-psn-protocol-version"] == "2.1"
    assert server.handshakes[-1]["x-psn-keep-alive-status-type"] == "3"
    assert server.frames == []
    assert ear.troubles


# --- 1003 and 1007 -----------------------------------------------------------------------------------


async def test_the_channel_is_open_when_the_first_frame_was_accepted(server: PushServer, home: Path, ear: Ear) -> None:
    server.answers[1003] = None
    async with channel(server, home, ear, push_answer_s=60) as made:
        await ear.until(lambda: server.frames)
        assert ear.epochs == []
        with pytest.raises(PartyError):
            await made.set_voice_chat(active=True)
        await server.sockets[0].send_str(EVENT)  # who gets events is accepted, answered or not
        await ear.opened()
        assert len(ear.frames) == 1


async def test_a_refused_first_frame_is_reported_with_its_code_and_the_token_is_renewed(
    server: PushServer, home: Path, ear: Ear
) -> None:
    server.answers[1003] = {"returnCode": 17, "retryInterval": 0}
    async with channel(server, home, ear):
        await ear.until(lambda: ear.troubles)
        assert "returnCode 17" in ear.troubles[0]
        server.answers.clear()
        await ear.opened()
    assert fingerprint("t1") in ear.asked
    assert server.ends[0] == 4101


async def test_a_refusal_that_says_when_to_come_again_is_heeded(server: PushServer, home: Path, ear: Ear) -> None:
    server.answers[1003] = {"returnCode": 17, "retryInterval": 600}
    async with channel(server, home, ear):
        await ear.until(lambda: ear.states and ear.states[-1].next_try_at)
        assert 500 < ear.states[-1].next_try_at - time.time() < 601
    assert len(server.handshakes) == 1


async def test_a_first_frame_without_an_answer_keeps_the_channel_open(server: PushServer, home: Path, ear: Ear) -> None:
    server.answers[1003] = None
    async with channel(server, home, ear, push_answer_s=0.1) as made:
        await ear.opened()
        await made.set_voice_chat(active=True)
    assert len(server.handshakes) == 1


async def test_a_silent_server_is_detected_soon(server: PushServer, home: Path, ear: Ear) -> None:
    server.answers[1003], server.answer_pings = None, False
    async with channel(server, home, ear, push_answer_s=0.1):
        await ear.until(lambda: len(server.handshakes) >= 2)
    assert server.ends[0] == 4100


async def test_voice_chat_is_asked_for_on_the_open_channel_and_its_keep_alive_counts_at_once(
    server: PushServer, home: Path, ear: Ear
) -> None:
    server.voice_ms = 50
    async with channel(server, home, ear) as made:
        await ear.opened()
        assert server.pings == 0
        await made.set_voice_chat(active=True)
        assert ear.states[-1].keep_alive_type == 3
        await ear.until(lambda: server.pings > 3)
        await made.set_voice_chat(active=True)
        assert statuses(server) == [3]
        assert len(ear.epochs) == len(server.handshakes) == len(server.address_queries) == 1
        made.on_party(in_party=True)
        await made.set_voice_chat(active=False)
        await ear.until(lambda: statuses(server) == [3, 6])


@pytest.mark.parametrize(("answer", "words"), [(None, "did not answer"), ({"returnCode": 5}, "returnCode 5")])
async def test_voice_chat_that_is_not_accepted_is_an_error(
    server: PushServer, home: Path, ear: Ear, answer: dict[str, int] | None, words: str
) -> None:
    server.answers[1007] = answer
    async with channel(server, home, ear, push_answer_s=1.0) as made:
        await ear.opened()
        with pytest.raises(PartyError) as caught:
            await made.set_voice_chat(active=True)
        assert words in caught.value.message
        assert caught.value.remedy
        assert ear.states[-1].keep_alive_type == 6


async def test_a_channel_that_comes_back_in_a_party_is_opened_as_idle_and_then_in_voice_chat_by_itself(
    server: PushServer, home: Path, ear: Ear
) -> None:
    async with channel(server, home, ear) as made:
        await ear.opened()
        made.on_party(in_party=True)
        await ear.until(lambda: statuses(server) == [3])
        await server.sockets[0].close(code=65535)
        await ear.opened(2)
        await ear.until(lambda: statuses(server) == [3, 3])
    assert [shake["x-psn-keep-alive-status-type"] for shake in server.handshakes] == ["6", "6"]
    assert [query["keepAliveStatusType"] for query in server.address_queries] == ["6", "3"]


# --- coming back -------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [1000, 1011, 4101, 65535])
async def test_a_closed_channel_comes_back_and_says_that_it_is_a_reconnection(
    server: PushServer, home: Path, ear: Ear, code: int
) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        await server.sockets[0].close(code=code)
        await ear.opened(2)
    assert len(server.address_queries) == 2  # asked each time
    assert server.handshakes[1]["x-psn-reconnection"] == "true"
    assert len(ear.epochs) == 2
    away = next(state for state in ear.states if not state.connected)
    assert str(code) in away.detail
    assert away.since
    assert not away.counts_as_gone


async def test_after_the_presence_timeout_it_is_not_a_reconnection_and_that_is_published(
    server: PushServer, home: Path, ear: Ear
) -> None:
    server.presence_ms = 300
    async with channel(server, home, ear):
        await ear.opened()
        server.refuse["3.0"] = server.refuse["2.1"] = 503
        await server.sockets[0].close(code=65535)
        await ear.until(lambda: ear.states[-1].counts_as_gone)
        server.refuse.clear()
        await ear.opened(2)
        assert not ear.states[-1].counts_as_gone
    assert server.handshakes[-1]["x-psn-reconnection"] == "false"


async def test_a_dead_link_is_noticed_by_the_missing_pong_and_closed_with_the_apps_code(
    server: PushServer, home: Path, ear: Ear
) -> None:
    server.interval_ms, server.answer_pings = 100, False
    async with channel(server, home, ear):
        await ear.opened()
        await ear.opened(2)
    assert server.pings >= 8  # the pong has its whole second, whatever the interval
    assert server.ends[0] == 4100
    assert "dead" in next(state.detail for state in ear.states if not state.connected)


async def test_a_link_that_answers_pings_stays_open_and_is_ended_in_good_order(
    server: PushServer, home: Path, ear: Ear
) -> None:
    server.interval_ms = 50
    async with channel(server, home, ear):
        await ear.opened()
        await ear.until(lambda: server.pings > 25)
    await ear.until(lambda: server.ends)
    assert len(server.handshakes) == 1
    assert server.ends == [4101]


class Pause:
    """How long the machine has slept, for the clocks of the push channel."""

    def __init__(self) -> None:
        self.s = 0.0


@pytest.fixture
def pause(monkeypatch: pytest.MonkeyPatch) -> Pause:
    made = Pause()
    for module in CLOCKS:
        monkeypatch.setattr(f"workers.signaling.push_channel.{module}.boot_s", lambda: boot_s() + made.s)
    return made


async def test_a_link_that_is_dead_after_a_pause_is_detected_at_once(
    server: PushServer, home: Path, ear: Ear, pause: Pause
) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        server.answer_pings = False
        pause.s = 20.0  # less than the server waits for our pings
        ear.wake()
        await ear.opened(2)
        server.answer_pings = True
        assert server.ends[0] == 4100
        pause.s += 600.0
        ear.wake()
        await ear.opened(3)
    assert "paused" in [state.detail for state in ear.states if not state.connected][-1]
    assert [shake["x-psn-reconnection"] for shake in server.handshakes] == ["false", "true", "false"]


async def test_a_live_link_survives_a_pause(server: PushServer, home: Path, ear: Ear, pause: Pause) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        pause.s = 20.0
        ear.wake()
        ear.wake()  # the ping's own lateness may have been noticed first
        await ear.until(lambda: ear.usable == [True, False, True])  # nothing is sent while it is in doubt
        assert server.pings
    assert len(server.handshakes) == 1


async def test_a_pause_between_two_tries_ends_the_wait(server: PushServer, home: Path, ear: Ear, pause: Pause) -> None:
    server.answers[1003] = {"returnCode": 1, "retryInterval": 900}
    async with channel(server, home, ear):
        await ear.until(lambda: ear.states and ear.states[-1].next_try_at)
        server.answers.clear()
        pause.s = 60.0
        ear.wake()
        await ear.opened()


async def test_a_sleep_during_the_wait_for_the_gate_ends_it(
    server: PushServer, home: Path, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept_ns = 0
    monkeypatch.setattr("common.psn.http.shared.boot_ns", lambda: boot_ns() + slept_ns)
    async with channel(server, home, ear, push_open_every_s=3600, push_open_burst=1):
        await ear.opened()
        await server.sockets[0].close(code=1001)
        await ear.until(lambda: len(ear.states) > 2 and ear.states[-1].next_try_at > time.time() + 60)
        slept_ns = 3_600_000_000_000
        ear.wake()
        await ear.opened(2)


async def test_text_and_binary_frames_of_any_size_come_through_and_bad_ones_close_nothing(
    server: PushServer, home: Path, ear: Ear
) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        (socket,) = server.sockets
        await socket.send_str("{}")
        await socket.send_bytes(b"\xff\xfe")
        await socket.send_str("x" * (3 << 20))
        await socket.send_bytes(EVENT.encode())
        await ear.until(lambda: ear.frames)
    assert [error.kind for error in ear.bad] == ["malformed", "malformed", "oversized"]
    assert len(server.handshakes) == 1


async def test_answers_that_nobody_waits_for_do_nothing(server: PushServer, home: Path, ear: Ear) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        (socket,) = server.sockets
        for _ in range(2):
            await socket.send_json({"method": 1003, "tranId": "1", "returnCode": 9})
        await socket.send_json({"method": 1007, "tranId": "99", "returnCode": 9})
        await socket.send_json({"method": 9999})
        await socket.send_str(EVENT)
        await ear.until(lambda: ear.frames)
    assert len(server.handshakes) == 1


async def test_a_ping_of_the_server_is_answered(server: PushServer, home: Path, ear: Ear) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        await server.sockets[0].ping(b"are you there")
        await server.sockets[0].send_str(EVENT)
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


async def test_a_token_that_serveraddr_refuses_costs_one_call_and_is_renewed(
    server: PushServer, home: Path, ear: Ear
) -> None:
    server.refuse_address["3.0"] = 401
    async with channel(server, home, ear):
        await ear.until(lambda: server.address_queries)
        server.refuse_address.clear()
        await ear.opened()
    assert len(server.address_queries) <= len(ear.asked) + 1
    assert fingerprint("t1") in ear.asked
    assert {shake["authorization"] for shake in server.handshakes}.isdisjoint({"Bearer t1"})


async def test_a_redirect_is_not_followed(server: PushServer, home: Path, ear: Ear) -> None:
    server.refuse["3.0"] = server.refuse["2.1"] = 302
    async with channel(server, home, ear):
        await ear.until(lambda: ear.troubles)
        assert "redirected" in ear.troubles[0]
        server.refuse.clear()
        await ear.opened()


async def test_a_killed_run_comes_back_as_a_reconnection(server: PushServer, home: Path, ear: Ear) -> None:
    async with channel(server, home, ear):
        await ear.opened()
        killed = SignalingMemoryFile(
            home / "state" / "signaling.json", "here"
        )  # as it lies there while the link is open
        assert killed.loss(Moment.now()).within_presence(boot_s())  # type: ignore[union-attr]
    again = Ear()
    async with channel(server, home, again):
        await again.opened()
    assert [shake["x-psn-reconnection"] for shake in server.handshakes] == ["false", "true"]


async def test_a_run_that_ended_long_ago_is_no_reconnection(server: PushServer, home: Path, ear: Ear) -> None:
    memory = SignalingMemoryFile(home / "state" / "signaling.json", "here")
    memory.record_open("2.1", "123", 30.0, Moment.now().earlier(100.0))
    memory.record_loss(Loss(boot_s() - 99, 30.0), Moment.now())
    async with channel(server, home, ear):
        await ear.opened()
    assert server.handshakes[0]["x-psn-reconnection"] == "false"
    assert server.handshakes[0]["x-psn-protocol-version"] == "3.0"


async def test_a_gate_holds_connections_back_over_restarts(server: PushServer, home: Path) -> None:
    server.refuse["3.0"] = server.refuse["2.1"] = 503
    for _ in range(3):
        ear = Ear()
        async with channel(server, home, ear, backoff_max_s=0.01, push_open_every_s=600.0, push_open_burst=3):
            await ear.until(lambda: ear.states and ear.states[-1].next_try_at - time.time() > 60)  # noqa: B023
    assert len(server.handshakes) == len(server.address_queries) == 3
