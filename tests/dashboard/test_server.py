"""The real server: who is let in, what a key may do, what a page is told and answered."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from typing import Any
from xmlrpc.server import SimpleXMLRPCServer

import aiohttp
import numpy as np
import pytest

from common.errors import PartyError
from common.messages import PartyState, Problem
from common.pages import draw_keys
from common.requests import JoinParty, SetGain, SetMute, SignIn
from tests.dashboard.stage import Playing, Stage, member, staged
from tests.processes import eventually

BO = member(1)


def get(stage: Stage, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", stage.settings.port, timeout=20)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


@asynccontextmanager
async def socket_to(
    stage: Stage, path: str, key: str, origin: str | None = None, **headers: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            stage.origin + path,
            protocols=("partyline", f"key.{key}"),
            headers={"Origin": stage.origin if origin is None else origin, **headers},
        ) as ws,
    ):
        yield ws


async def until(ws: aiohttp.ClientWebSocketResponse, condition: Any) -> dict[str, Any]:
    """Return the first frame for which `condition` holds."""
    async with asyncio.timeout(30):
        while True:
            frame = json.loads(await ws.receive_str())
            if condition(frame):
                return frame


async def ask(ws: aiohttp.ClientWebSocketResponse, name: str, **fields: Any) -> dict[str, Any]:
    await ws.send_str(json.dumps({"id": 5, "do": name, "fields": fields}))
    return (await until(ws, lambda frame: "answers" in frame))["answers"][0]


# --- pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/overlay", "/obs-audio", "/static/js/link.js", "/metrics", "/live", "/nowhere"])
def test_another_host_name_is_refused_everywhere(stage: Stage, path: str) -> None:
    for host in ("evil.example", f"evil.example:{stage.settings.port}", f"127.0.0.1:{stage.settings.port + 1}"):
        status, _, text = get(stage, path, Host=host)
        assert status == 421
        assert "partyline dashboard" in text


@pytest.mark.parametrize(
    "path", ["/", "/overlay", "/obs-audio", "/static/css/base.css", "/static/icon.svg", "/nowhere"]
)
def test_everything_is_answered_with_strict_headers(stage: Stage, path: str) -> None:
    _, headers, _ = get(stage, path)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("unsafe-inline" in policy) == (path in ("/overlay", "/obs-audio"))  # OBS puts its own CSS there
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_wrong_key_and_a_reading_one_get_a_page_that_says_what_to_do(stage: Stage) -> None:
    assert get(stage, "/?key=wrong")[0] == 403
    status, _, text = get(stage, f"/?key={stage.keys.read}")
    assert status == 403
    assert "overlay" in text
    for path in ("/overlay", "/obs-audio"):
        assert get(stage, f"{path}?key={stage.keys.read}")[0] == 200
        assert get(stage, f"{path}?key=wrong")[0] == 403
    assert get(stage, f"/?key={stage.keys.full}")[0] == 200


@pytest.mark.parametrize("path", ["/static/../worker.py", "/static/%2e%2e/worker.py", "/static/js/..%2f..%2fworker.py"])
def test_no_other_file_can_be_had(stage: Stage, path: str) -> None:
    assert get(stage, path)[0] == 404


def test_the_page_itself_holds_nothing_of_the_party(stage: Stage) -> None:
    stage.party(1)
    assert "Bo-Streams" not in get(stage, "/")[2]


def test_the_metrics_are_there_for_this_machine(stage: Stage) -> None:
    stage.party(1)
    eventually(
        lambda: 'partyline_peer_packets_total{name="Bo-Streams"' in get(stage, "/metrics")[2], "the metrics come"
    )


# --- sockets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/live", "/people", "/sound"])
async def test_a_page_of_another_origin_gets_no_socket(stage: Stage, path: str) -> None:
    for origin in ("http://evil.example", "null", f"http://localhost:{stage.settings.port}", ""):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with socket_to(stage, path, stage.keys.full, origin):
                pass
        assert caught.value.status == 403


@pytest.mark.parametrize(
    ("path", "which", "code"),
    [
        ("/live", "none", 4401),
        ("/people", "none", 4401),
        ("/sound", "none", 4401),
        ("/live", "read", 4403),
    ],
)
async def test_without_the_right_key_a_socket_closes_before_it_says_anything(
    stage: Stage, path: str, which: str, code: int
) -> None:
    stage.party(1)
    async with socket_to(stage, path, stage.keys.read if which == "read" else "x") as ws:
        message = await asyncio.wait_for(ws.receive(), 20)
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert message.data == code


async def test_a_page_gets_everything_at_once_and_then_each_change(stage: Stage) -> None:
    stage.party(2)
    stage.problem()
    eventually(lambda: get(stage, "/metrics")[2].count("partyline_peer_packets_total{") == 2, "the dashboard knows")
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        whole = await until(ws, lambda _: True)
        assert whole["bus"] is True
        assert whole["topics"]["party.state/"]["name"] == "Friday raid"
        assert whole["about"]["npsso_url"].startswith("https://")
        stage.problem("audio.other")
        await until(ws, lambda frame: "remedy" in frame.get("topics", {}).get("problem/audio.audio.other", {}))
        stage.clear("audio", Problem, "audio.audio.other")
        await until(ws, lambda frame: frame.get("topics", {}).get("problem/audio.audio.other", "") is None)
        stage.party(2, name="Renamed")
        await until(ws, lambda frame: frame.get("topics", {}).get("party.state/", {}).get("name") == "Renamed")


async def test_a_page_acts_through_the_workers_and_hears_why_not(stage: Stage) -> None:
    def refuse(_: JoinParty) -> PartyState:
        raise PartyError("There is no such party.", "Ask for a new link.", reference_id="ref-1")

    stage.answers["JoinParty"] = refuse
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        assert "ok" in await ask(ws, "SetGain", peer=BO.peer, gain_db=-6)
        assert SetGain(peer=BO.peer, gain_db=-6.0) in stage.asked
        refused = await ask(ws, "JoinParty", target="nowhere")
        assert refused == {
            "id": 5,
            "error": {
                "code": "session.party",
                "message": "There is no such party.",
                "remedy": "Ask for a new link.",
                "reference_id": "ref-1",
            },
        }
        assert "SetMute" in (await ask(ws, "SetMute", peer=BO.peer))["error"]["message"]
        assert "Reload" in (await ask(ws, "AccessToken"))["error"]["remedy"]
        assert "partyline up" in (await ask(ws, "RestartWorker", worker="audio"))["error"]["remedy"]


async def test_a_reading_key_sees_people_and_cannot_act(stage: Stage) -> None:
    stage.party(1)
    stage.speak(BO)
    async with socket_to(stage, "/people", stage.keys.read) as ws:
        frame = await until(ws, lambda frame: any(person.get("speaking") for person in frame["people"]))
        assert [person["name"] for person in frame["people"]] == ["Ava-Desk", "Bo-Streams"]
        await ws.send_str(json.dumps({"id": 1, "do": "SetMute", "fields": {"peer": BO.peer, "muted": True}}))
        async with asyncio.timeout(20):
            while (await ws.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
    assert SetMute(peer=BO.peer, muted=True) not in stage.asked


@pytest.mark.parametrize("text", ["", "[]", '{"id": "x"}', "\x00", '{"id":1,"do":"SetMute","fields":[]}'])
async def test_nonsense_closes_that_socket_and_harms_nobody(stage: Stage, text: str) -> None:
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        await ws.send_str(text)
        async with asyncio.timeout(20):
            while (await ws.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
    assert stage.dashboard.popen.poll() is None


async def test_the_npsso_reaches_auth_and_no_log(stage: Stage) -> None:
    stage.signed_in()
    pasted = "Z" * 64
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        assert "ok" in await ask(ws, "SignIn", pasted=pasted)
    assert SignIn(pasted=pasted, realm="playstation") in stage.asked
    assert pasted not in stage.dashboard.output
    assert stage.keys.full not in stage.dashboard.output


async def test_a_page_that_does_not_read_loses_the_oldest_sound_and_nobody_else_any(stage: Stage) -> None:
    tone = (np.sin(np.arange(48_000) / 20) * 9000).astype(np.int16)
    playing = Playing(stage.paths.run, "audio-mix", "mix", tone)
    try:
        async with socket_to(stage, "/sound", stage.keys.read) as reader:
            idle = raw_listener(stage)
            heard: list[int] = []
            while "partyline_dashboard_sound_packets_dropped_total 0.0" in await asyncio.to_thread(metrics, stage):
                for _ in range(50):
                    packet = await asyncio.wait_for(reader.receive_bytes(), 20)
                    heard.append(int.from_bytes(packet[8:12], "little"))
            idle.close()
            assert heard == list(range(heard[0], heard[0] + 2 * len(heard), 2))
    finally:
        playing.stop()


def metrics(stage: Stage) -> str:
    return get(stage, "/metrics")[2]


def raw_listener(stage: Stage) -> socket.socket:
    """Return a socket that asked for sound and never reads."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", stage.settings.port))
    raw.sendall(
        (
            f"GET /sound HTTP/1.1\r\nHost: 127.0.0.1:{stage.settings.port}\r\nOrigin: {stage.origin}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Protocol: partyline, key.{stage.keys.read}\r\n\r\n"
        ).encode()
    )
    return raw


# --- a life -----------------------------------------------------------------------------------------


class FakeSupervisor:
    """Speaks supervisord's XML-RPC for one program, and notes what it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self._server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        info = {"name": "audio", "statename": "RUNNING", "exitstatus": 0, "stdout_logfile": "/log", "start": 1}
        self._server.register_function(lambda: [info], "supervisor.getAllProcessInfo")
        self._server.register_function(lambda: [{"name": "audio", "group_prio": 30}], "supervisor.getAllConfigInfo")
        for call in ("stopProcess", "startProcess"):
            self._server.register_function(lambda name, _, call=call: self._note(call, name), f"supervisor.{call}")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _note(self, call: str, name: str) -> bool:
        self.calls.append((call, name))
        return True

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def supervisor() -> Iterator[FakeSupervisor]:
    made = FakeSupervisor()
    yield made
    made.close()


async def test_workers_restart_from_the_page_and_the_dashboard_ends_itself_to_be_started_anew(
    supervisor: FakeSupervisor,
) -> None:
    with staged(SUPERVISOR_SERVER_URL=supervisor.url) as stage:
        async with socket_to(stage, "/live", stage.keys.full) as ws:
            assert [process["name"] for process in (await ask(ws, "ListProcesses"))["ok"]] == ["audio"]
            assert "ok" in await ask(ws, "RestartWorker", worker="audio")
            assert supervisor.calls == [("stopProcess", "audio"), ("startProcess", "audio")]
            assert "Workers: audio" in (await ask(ws, "RestartWorker", worker="x"))["error"]["remedy"]
            assert "ok" in await ask(ws, "RestartWorker", worker="dashboard")
        assert await asyncio.to_thread(stage.dashboard.popen.wait, 30) == 0


async def test_new_keys_end_the_pages_that_were_opened_with_the_old_ones(stage: Stage) -> None:
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        await until(ws, lambda frame: "about" in frame)
        draw_keys(stage.paths)
        async with asyncio.timeout(30):
            while (message := await ws.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
        assert message.data == 4401
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        await until(ws, lambda frame: "about" in frame)


async def test_a_killed_broker_is_told_and_the_state_comes_back(stage: Stage) -> None:
    stage.party(1)
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        await until(ws, lambda frame: "worker.health/broker" in frame.get("topics", {}))
        stage.broker.kill()
        await until(ws, lambda frame: frame.get("bus") is False)
        stage.broker = stage._start("workers.broker", stage.paths.home)
        await until(ws, lambda frame: frame.get("bus") is True)
        stage.party(1, name="After the kill")
        await until(ws, lambda frame: frame.get("topics", {}).get("party.state/", {}).get("name") == "After the kill")


def test_a_taken_port_is_a_problem_and_its_end() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with staged(port) as stage:
            eventually(lambda: f"another program has port {port}" in stage.dashboard.output, "it is told")
            other.close()
            stage.await_open()
            eventually(lambda: '"event": "solved"' in stage.dashboard.output, "the problem ends")


def test_on_the_lan_a_key_is_wanted_even_for_the_metrics_and_nobody_signs_in_from_there() -> None:
    address = _own_address()
    if not address:
        pytest.skip("this machine has no address but loopback")
    with staged(PARTYLINE_DASHBOARD__LISTEN="0.0.0.0") as stage:
        port = stage.settings.port

        def status(path: str, **headers: str) -> int:
            with closing(http.client.HTTPConnection(address, port, timeout=20)) as connection:
                connection.request("GET", path, headers=headers)
                return connection.getresponse().status

        assert status("/") == 200
        assert status("/", Host=f"evil.example:{port}") == 421
        assert status("/metrics") == 403
        assert status(f"/metrics?key={stage.keys.read}") == 200
        assert status("/metrics", Authorization=f"Bearer {stage.keys.read}") == 200
        stage.signed_in()

        async def sign_in() -> dict[str, Any]:
            origin = f"http://{address}:{port}"
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(
                    f"{origin}/live", protocols=("partyline", f"key.{stage.keys.full}"), headers={"Origin": origin}
                ) as ws,
            ):
                return await ask(ws, "SignIn", pasted="x")

        assert asyncio.run(sign_in())["error"]["code"] == "dashboard.not-here"
        assert not [request for request in stage.asked if isinstance(request, SignIn)]


def _own_address() -> str:
    """Return an address of this machine that others could use; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        return str(probe.getsockname()[0])
