"""A resync is retried until it succeeds."""

from __future__ import annotations

import asyncio

import pytest

from common.errors import PartylineError
from common.psn.errors import BadAnswerError, RefusedError
from workers.session.events.resync_loop import ResyncLoop


class Party:
    """A party whose resyncs meet these errors, one after the other. None is a success."""

    def __init__(self, *errors: PartylineError | None) -> None:
        self.errors = list(errors)
        self.failures: list[PartylineError] = []
        self.failed = asyncio.Event()
        self.succeeded = asyncio.Event()
        self.resyncs = 0

    async def resync(self) -> None:
        self.resyncs += 1
        if (error := self.errors.pop(0)) is not None:
            raise error

    def on_resync_failed(self, error: PartylineError) -> None:
        self.failures.append(error)
        self.failed.set()

    def on_success(self) -> None:
        self.succeeded.set()


@pytest.mark.parametrize("error", [BadAnswerError("x"), RefusedError("x", status=400), PartylineError("x")])
async def test_whatever_a_reading_meets_it_is_tried_again(error: PartylineError) -> None:
    party = Party(error, error, None)
    loop = ResyncLoop(party, party, 0.05)
    task = asyncio.create_task(loop.run())
    loop.request("a test")
    async with asyncio.timeout(30):
        await party.succeeded.wait()
    assert party.failures == [error, error]
    task.cancel()


async def test_another_membership_does_not_wait_for_the_failures_of_the_last_one() -> None:
    party = Party(BadAnswerError("x"), None)
    loop = ResyncLoop(party, party, 3600.0)
    loop._failures = 10  # as after a long outage: an hour until the next try
    task = asyncio.create_task(loop.run())
    loop.request("a test")
    async with asyncio.timeout(30):
        await party.failed.wait()
    await asyncio.sleep(0)
    loop.reset_backoff()
    async with asyncio.timeout(30):
        await party.succeeded.wait()
    task.cancel()


async def test_reasons_that_come_together_cost_one_resync() -> None:
    party = Party(None, None)
    loop = ResyncLoop(party, party, 3600.0)
    task = asyncio.create_task(loop.run())
    for reason in ("one", "another", "one"):
        loop.request(reason)
    async with asyncio.timeout(30):
        await party.succeeded.wait()
    assert (party.resyncs, loop._requested.is_set()) == (1, False)
    task.cancel()
