"""The same contract for the stand-ins that tests of the command line use."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest
import pytest_asyncio

from common.files.paths import CHECKOUT, Paths
from common.psn.http.endpoints import SimulatorInfo
from tests.common.psn.rig import Rig
from tests.contract.entries import CONTRACTS
from tests.contract.suite import (  # noqa: F401  # the tests
    test_a_request_is_answered_as_the_contract_says,
    test_each_worker_beats_with_its_process_and_its_facts,
    test_each_worker_has_retained_what_it_must_and_nothing_of_others,
    test_everything_that_was_published_keeps_the_rules,
    test_what_a_worker_does_not_serve_is_refused_as_such,
)
from tests.contract.worlds import World, stand_ins
from tests.support.processes import Process, short_folder
from tests.support.waiting import PATIENCE_S, eventually

SERVED = set(re.findall(r"\.serve\((\w+),", (CHECKOUT / "tests/cli/fakeworker.py").read_text("utf-8")))
ANSWERED = [cls for cls in CONTRACTS if cls.__name__ in SERVED]


def test_whatever_they_answer_has_a_contract() -> None:
    assert {cls.__name__ for cls in ANSWERED} == SERVED != set()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place() -> AsyncIterator[tuple[Rig, World]]:
    with short_folder() as home:
        Paths(home).make()
        async with stand_ins(home) as made:
            yield made


@pytest.mark.parametrize(
    "module", [("simulator", "--managed"), ("tests.cli.fakeworker", "simulator")], ids=lambda m: m[0]
)
def test_the_simulator_tells_where_it_is_and_has_nothing_to_do_in_the_other_realm(
    home: Path, start: Callable[..., Process], module: tuple[str, str]
) -> None:
    program, argument = module
    file = Paths(home).simulator_file
    assert start(program, home, {"PARTYLINE_PSN__REALM": "playstation"}, argument).popen.wait(PATIENCE_S) == 0
    assert not file.exists()
    process = start(program, home, {"PARTYLINE_SIMULATOR__CONSOLES": "1"}, argument)
    eventually(file.exists, "it says where it is")
    info = msgspec.json.decode(file.read_bytes(), type=SimulatorInfo)
    assert info.pid == process.popen.pid
    assert info.session_id
    assert process.stop() == 0
    assert not file.exists()
