from __future__ import annotations

import asyncio

import pytest

from common.errors import SignInError
from common.psn.errors import UnreachableError
from tests.workers.auth.parts import Parts
from tests.workers.auth.sign_in.test_demo_sign_in import invalid_grant
from tests.workers.auth.sign_in.test_refresh_schedule import tokens


async def test_a_refresh_is_published_and_stored() -> None:
    parts = await Parts(tokens()).loaded()
    await parts.refresher.refresh()
    assert [state.state for state in parts.states] == ["signed_in", "refreshing", "signed_in"]
    assert parts.memory.kept is not None
    assert parts.memory.kept.access_token == "a-1"
    assert not parts.refresher.running


async def test_a_failure_for_now_is_a_problem_that_the_next_success_clears() -> None:
    parts = await Parts(tokens()).loaded()
    parts.host.fault = UnreachableError("gone")
    await parts.refresher.refresh()
    assert list(parts.problems) == ["psn.unreachable"]
    assert parts.sign_in.error is parts.host.fault
    assert parts.schedule.must_wait()
    parts.host.fault = None
    await parts.refresher.refresh()
    assert not parts.problems
    assert parts.sign_in.error is None


async def test_a_refusal_for_good_ends_the_sign_in() -> None:
    parts = await Parts(tokens()).loaded()
    parts.host.fault = invalid_grant()
    await parts.refresher.refresh()
    assert list(parts.problems) == ["auth.expired"]
    assert isinstance(parts.sign_in.error, SignInError)
    await parts.refresher.refresh()
    assert parts.host.calls == ["refresh"], "there is nothing left to refresh"


@pytest.mark.parametrize("fault", [None, UnreachableError("gone"), invalid_grant()])
async def test_a_stop_waits_for_the_answer_but_not_for_ever(fault: UnreachableError | None) -> None:
    parts = await Parts(tokens()).loaded()
    answer = asyncio.Event()
    parts.host.fault, parts.host.before_answer = fault, answer.wait
    await parts.refresher.wait()
    refresh = asyncio.create_task(parts.refresher.refresh())
    await asyncio.sleep(0)
    await parts.refresher.wait(0.01)
    assert parts.refresher.running
    answer.set()
    await asyncio.wait_for(parts.refresher.wait(), 5)
    assert not parts.refresher.running
    await refresh
