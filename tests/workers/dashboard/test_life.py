"""A dashboard's life: restarts, new keys, a killed broker, a taken port, other devices."""

from __future__ import annotations

import asyncio
import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from xmlrpc.server import SimpleXMLRPCServer

import aiohttp
import pytest

from common.config.pages import draw_keys
from common.requests import LeaveParty, SignIn
from tests.support.waiting import eventually
from tests.workers.dashboard.client import ask, get, socket_to, until
from tests.workers.dashboard.stage import Stage, staged


class FakeSupervisor:
    """Speaks supervisord's XML-RPC for two programs, and notes what it was told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self._server = SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        running = {"statename": "RUNNING", "exitstatus": 0, "stdout_logfile": "/log", "start": 1}
        names = ("auth", "audio")
        info = [{"name": name, **running} for name in names]
        order = [{"name": name, "group_prio": number} for number, name in enumerate(names)]
        self._server.register_function(lambda: info, "supervisor.getAllProcessInfo")
        self._server.register_function(lambda: order, "supervisor.getAllConfigInfo")
        for call in ("stopProcess", "startProcess"):
            self._server.register_function(lambda name, _, call=call: self._note(call, name), f"supervisor.{call}")
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _note(self, call: str, name: str) -> bool:
        self.calls.append((call, name))
        return True

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def supervisor() -> Iterator[FakeSupervisor]:
    made = FakeSupervisor()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def nothing_told_yet(supervisor: FakeSupervisor) -> None:
    supervisor.calls.clear()


@pytest.fixture(scope="module")
def supervised(supervisor: FakeSupervisor) -> Iterator[Stage]:
    with staged(SUPERVISOR_SERVER_URL=supervisor.url) as stage:
        yield stage


async def test_signing_in_from_the_demo_leaves_it_and_turns_the_pipeline_to_the_real_network(
    supervised: Stage, supervisor: FakeSupervisor
) -> None:
    supervised.signed_in(realm="simulator")
    supervised.party(1)
    eventually(lambda: "partyline_party_joined 1.0" in get(supervised, "/metrics")[2], "the dashboard knows")
    async with socket_to(supervised, "/live", supervised.keys.full) as ws:
        assert "ok" in await ask(ws, "SignIn", pasted="N" * 64)
    assert [type(request) for request in supervised.asked] == [SignIn, LeaveParty]
    assert 'realm = "playstation"' in supervised.paths.settings_file.read_text()
    assert supervisor.calls == [("stopProcess", "auth"), ("startProcess", "auth")]


async def test_workers_restart_from_the_page_and_the_dashboard_ends_itself_to_be_started_anew(
    supervised: Stage, supervisor: FakeSupervisor
) -> None:
    async with socket_to(supervised, "/live", supervised.keys.full) as ws:
        assert [process["name"] for process in (await ask(ws, "ListProcesses"))["ok"]] == ["auth", "audio"]
        assert "ok" in await ask(ws, "RestartWorker", worker="audio")
        assert supervisor.calls == [("stopProcess", "audio"), ("startProcess", "audio")]
        assert "audio" in (await ask(ws, "RestartWorker", worker="x"))["error"]["remedy"]
        assert "ok" in await ask(ws, "RestartWorker", worker="dashboard")
    assert await asyncio.to_thread(supervised.dashboard.popen.wait, 30) == 0


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

        anyone = ssl.create_default_context()  # `tests.common.config.https` judges the certificate
        anyone.check_hostname, anyone.verify_mode = False, ssl.CERT_NONE

        def status(path: str, **headers: str) -> int:
            with closing(http.client.HTTPSConnection(address, port, timeout=20, context=anyone)) as connection:
                connection.request("GET", path, headers=headers)
                return connection.getresponse().status

        assert status("/") == 200
        assert status("/", Host=f"evil.example:{port}") == 421
        assert status("/metrics") == 403
        assert status(f"/metrics?key={stage.keys.read}") == 200
        assert status("/metrics", Authorization=f"Bearer {stage.keys.read}") == 200
        stage.signed_in()

        async def sign_in() -> dict[str, Any]:
            origin = f"https://{address}:{port}"
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(
                    f"{origin}/live",
                    ssl=anyone,
                    protocols=("partyline", f"key.{stage.keys.full}"),
                    headers={"Origin": origin},
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
