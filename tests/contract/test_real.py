"""The contract for the real workers, against the simulator."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from common.files.paths import Paths
from common.requests import REQUESTS
from tests.common.psn.rig import Rig
from tests.contract.entries import CONTRACTS
from tests.contract.suite import (  # noqa: F401  # the tests
    test_a_request_is_answered_as_the_contract_says,
    test_each_worker_beats_with_its_process_and_its_facts,
    test_each_worker_has_retained_what_it_must_and_nothing_of_others,
    test_everything_that_was_published_keeps_the_rules,
    test_what_a_worker_does_not_serve_is_refused_as_such,
)
from tests.contract.worlds import World, real_workers
from tests.support.processes import short_folder

ANSWERED = list(CONTRACTS)


def test_every_request_has_a_contract() -> None:
    assert set(CONTRACTS) == set(REQUESTS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place() -> AsyncIterator[tuple[Rig, World]]:
    with short_folder() as home:
        Paths(home).make()
        async with real_workers(home) as made:
            yield made
