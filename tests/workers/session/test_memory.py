from __future__ import annotations

import asyncio
import socket
import threading
import xmlrpc.server
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.messages import Member
from workers.session.events.sequence_gaps import GapDetector
from workers.session.leave.pipeline_stop import others_run, whole_pipeline_stops
from workers.session.memory import Memory, MemoryFile

JOINED = Memory(
    phase="joined",
    session_id="s",
    context_id="c",
    joined_at=5.0,
    members=(Member(account_id="1", platform="PS5", online_id="Bo", muted=True),),
)


def test_a_membership_survives_a_kill(home: Path) -> None:
    MemoryFile(home / "m.json", "here").keep(JOINED)
    again = MemoryFile(home / "m.json", "here").now
    assert (again.phase, again.context_id, again.joined_at, again.members) == ("joined", "c", 5.0, JOINED.members)


def test_what_belongs_to_another_server_is_forgotten(home: Path) -> None:
    MemoryFile(home / "m.json", "here").keep(JOINED)
    assert MemoryFile(home / "m.json", "there").now.phase == "none"
    assert MemoryFile(home / "m.json", "here").now.phase == "none"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b'{"phase":"odd"}'])
def test_a_spoilt_file_means_no_party(home: Path, raw: bytes) -> None:
    (home / "m.json").write_bytes(raw)
    assert MemoryFile(home / "m.json", "here").now.phase == "none"


def test_a_missing_number_is_a_gap_and_a_repeated_one_is_not() -> None:
    counter = GapDetector()
    assert counter.opened("a")
    assert not counter.opened("a")
    assert not counter.gap("a", 1)
    assert not counter.gap("a", 2)
    assert counter.gap("a", 4)
    assert not counter.gap("a", 3)
    assert not counter.gap("a", 5)
    assert counter.gap("b", 1)
    assert not counter.gap("b", 2)


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
        async with asyncio.timeout(5):
            assert await whole_pipeline_stops(f"http://127.0.0.1:{port}", "session")
