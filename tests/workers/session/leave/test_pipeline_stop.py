from __future__ import annotations

import asyncio
import socket
import threading
import xmlrpc.server
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workers.session.leave.pipeline_stop import others_run, whole_pipeline_stops


def process(name: str, state: str) -> dict[str, str]:
    return {"name": name, "statename": state}


def test_only_this_worker_stops_when_others_run_on() -> None:
    assert others_run([process("session", "STOPPING"), process("media", "RUNNING")], "session")
    assert not others_run([process("session", "RUNNING"), process("media", "STOPPING")], "session")
    assert not others_run([process("media", "STOPPED"), process("auth", "FATAL")], "session")
    assert not others_run("odd", "session")
    assert not others_run([1, None], "session")


class Supervisor:
    def __init__(self) -> None:
        self.answer: Any = []
        self.server = xmlrpc.server.SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False)
        self.server.register_function(self.processes, "supervisor.getAllProcessInfo")
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def processes(self) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    made = Supervisor()
    yield made
    made.server.shutdown()
    made.server.server_close()


async def test_the_supervisor_says_whether_all_of_it_stops(supervisor: Supervisor) -> None:
    supervisor.answer = [process("session", "STOPPING"), process("media", "RUNNING")]
    assert not await whole_pipeline_stops(supervisor.url, "session")
    supervisor.answer = [process("session", "STOPPING"), process("media", "STOPPING")]
    assert await whole_pipeline_stops(supervisor.url, "session")
    supervisor.answer = xmlrpc.client.Fault(6, "SHUTDOWN_STATE")
    assert await whole_pipeline_stops(supervisor.url, "session")
    supervisor.answer = xmlrpc.client.Fault(1, "odd")
    assert not await whole_pipeline_stops(supervisor.url, "session")


async def test_without_a_supervisor_that_answers_nobody_would_start_us_again(home: Path) -> None:
    assert await whole_pipeline_stops("", "session")
    assert await whole_pipeline_stops(f"unix://{home}/nobody.sock", "session")
    assert await whole_pipeline_stops("http://127.0.0.1:9", "session")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with asyncio.timeout(30):
            assert await whole_pipeline_stops(f"http://127.0.0.1:{port}", "session")
