from __future__ import annotations

import asyncio
import time

import pytest

from tests.support import made_time
from tests.support.waiting import PATIENCE_S, eventually, until


def test_the_first_true_value_is_returned() -> None:
    values = iter([0, "", 7, 8])
    assert eventually(lambda: next(values), "a value comes", every_s=0) == 7


def test_what_did_not_happen_is_said_with_what_was_seen_last() -> None:
    with pytest.raises(AssertionError, match=r"within 0 s it did not happen that it comes; last: \[\]"):
        eventually(list, "it comes", within_s=0, every_s=0)


def test_made_time_is_waited_for_without_waiting() -> None:
    async def job() -> float:
        clock = asyncio.get_running_loop().time
        begun = clock()
        assert await until(lambda: clock() - begun >= 3600, "an hour is over", within_s=4000, every_s=1.0)
        with pytest.raises(AssertionError, match="it comes"):
            await until(lambda: False, lambda: "it comes")
        return clock() - begun

    begun = time.monotonic()
    assert 3600 + PATIENCE_S <= made_time.run(job()) < 3602 + PATIENCE_S
    assert time.monotonic() - begun < PATIENCE_S


def test_a_condition_may_have_to_be_awaited() -> None:
    values = iter([False, True])

    async def condition() -> bool:
        await asyncio.sleep(5)
        return next(values)

    assert made_time.run(until(condition, "it is so"))


def test_a_job_that_waits_for_nothing_fails_at_once() -> None:
    with pytest.raises(RuntimeError, match="nothing would ever happen"):
        made_time.run(asyncio.Event().wait())
