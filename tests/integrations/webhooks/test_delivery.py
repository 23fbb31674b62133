"""One webhook's queue, in made time: order, retries, what a receiver may ask for, and what is dropped and told."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import structlog

from common.config.integration_tables import SPEECH_EVENTS, Webhook
from common.errors import PartylineError
from integrations.webhooks.delivery import KEEP_S, LONGEST_SILENCE_S, MOST_WAITING, HookDelivery
from integrations.webhooks.occurrences import HookEvent
from integrations.webhooks.posting import HookMessage, Post
from integrations.webhooks.verdicts import ReceiverVerdict, judge
from tests.support.made_time import in_made_time
from tests.support.waiting import until

OK = judge(204, None, 0)
FAULT = judge(500, None, 0)


def event(number: int, kind: str = "member.joined") -> HookEvent:
    return HookEvent(kind, 1_700_000_000.0, {"number": number}, f"Number {number}.")


class Receiver:
    """Takes what is posted, and answers with the given verdicts in turn, the last one for all further ones."""

    def __init__(self, *verdicts: ReceiverVerdict, **hook: Any) -> None:
        self.got: list[tuple[float, HookMessage]] = []
        self._verdicts = list(verdicts) or [OK]
        self._loop = asyncio.get_running_loop()
        self.delivery = HookDelivery(
            "lights", Webhook(url="http://hook.invalid/x", **hook), self._opened, self._loop.time
        )

    @contextlib.asynccontextmanager
    async def _opened(self, _: Webhook) -> AsyncIterator[Post]:
        yield self._post

    async def _post(self, message: HookMessage) -> ReceiverVerdict:
        self.got.append((self._loop.time(), message))
        return self._verdicts.pop(0) if len(self._verdicts) > 1 else self._verdicts[0]

    @property
    def numbers(self) -> list[int]:
        return [json.loads(message.content)["data"]["number"] for _, message in self.got]

    @property
    def times(self) -> list[float]:
        return [at for at, _ in self.got]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[list[Any]]:
        with structlog.testing.capture_logs() as logs:
            task = asyncio.create_task(self.delivery.run())
            try:
                yield logs
            finally:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def patiently(condition: Callable[[], object], what: str) -> None:
    await until(condition, what, within_s=400_000, every_s=1)


@in_made_time
async def test_events_come_in_order_each_under_an_id_of_its_own() -> None:
    receiver = Receiver()
    async with receiver.running() as logs:
        for number in range(5):
            receiver.delivery.put(event(number))
        await patiently(lambda: len(receiver.got) == 5, "all were sent")
    assert receiver.numbers == [0, 1, 2, 3, 4]
    assert len({message.id for _, message in receiver.got}) == 5
    assert [log["event"] for log in logs] == ["sent"] * 5


@in_made_time
async def test_a_fault_is_tried_again_with_longer_waits_under_the_same_id_and_told_once() -> None:
    receiver = Receiver(*[FAULT] * 8, OK)
    async with receiver.running() as logs:
        receiver.delivery.put(event(0))
        receiver.delivery.put(event(1))
        await patiently(lambda: receiver.numbers[-1:] == [1], "it went on")
    assert receiver.numbers == [0] * 9 + [1]
    assert len({message.id for _, message in receiver.got}) == 2
    waits = [after - before for before, after in zip(receiver.times, receiver.times[1:], strict=False)]
    assert all(2**n <= wait <= 2**n + 1 for n, wait in enumerate(waits[:8])), waits
    told = [log["event"] for log in logs if not log["event"].startswith("stamina")]
    assert told == ["tries again", "works again", "sent", "sent"]


@in_made_time
async def test_a_dead_receiver_costs_memory_for_256_events_and_what_was_dropped_is_told_to_it() -> None:
    receiver = Receiver(FAULT)
    async with receiver.running() as logs:
        receiver.delivery.put(event(-1))
        await patiently(lambda: receiver.got, "it was tried")
        for number in range(MOST_WAITING + 10):
            receiver.delivery.put(event(number))
        receiver._verdicts[:] = [OK]
        await patiently(lambda: receiver.numbers[-1] == MOST_WAITING + 9, "the last one came")
    assert receiver.numbers[-MOST_WAITING:] == list(range(10, MOST_WAITING + 10))
    assert sum(log["event"] == "events were dropped" for log in logs) == 10
    first = json.loads(next(m.content for _, m in receiver.got if b'"number":10}' in m.content))
    assert "dropped" not in first, "the message before it was sent, after which nothing was dropped"


@in_made_time
async def test_old_events_are_dropped_and_the_next_one_says_how_many() -> None:
    receiver = Receiver(FAULT)
    async with receiver.running() as logs:
        receiver.delivery.put(event(0))
        receiver.delivery.put(event(1))
        await asyncio.sleep(KEEP_S + 400)
        receiver._verdicts[:] = [OK]
        receiver.delivery.put(event(2))
        await patiently(lambda: receiver.numbers[-1] == 2, "it goes on with the news")
    assert 1 not in receiver.numbers[receiver.numbers.index(2) :]
    assert json.loads(receiver.got[-1][1].content)["dropped"] == 2
    assert [log["count"] for log in logs if log["event"] == "events were dropped"] == [1, 1]
    assert receiver.delivery.dropped == 0
    assert len(receiver.got) < 30, "an hour takes few tries"


@pytest.mark.parametrize("status", [404, 410])
def test_a_receiver_that_wants_no_more_gets_no_more(status: int) -> None:
    @in_made_time
    async def stopped() -> None:
        receiver = Receiver(judge(status, None, 0))
        async with receiver.running() as logs:
            receiver.delivery.put(event(0))
            receiver.delivery.put(event(1))
            await patiently(lambda: receiver.delivery.stopped, "it stopped")
            receiver.delivery.put(event(2))
            await asyncio.sleep(1000)
        assert receiver.numbers == [0]
        (told,) = logs
        assert (told["event"], told["webhook"], told["dropped"]) == ("is not used any more", "lights", 2)
        assert str(status) in told["error"]
        assert told["remedy"]

    stopped()


@in_made_time
async def test_a_proxy_that_cannot_be_used_stops_this_webhook_only() -> None:
    @contextlib.asynccontextmanager
    async def refuse(_: Webhook) -> AsyncIterator[Post]:
        raise PartylineError("$https_proxy is no address of a proxy.", "Correct it.")
        yield

    delivery = HookDelivery("chat", Webhook(url="https://hook.invalid/x"), refuse)
    with structlog.testing.capture_logs() as logs:
        delivery.put(event(0))
        await delivery.run()
    assert delivery.stopped
    assert (logs[0]["error"], logs[0]["remedy"]) == ("$https_proxy is no address of a proxy.", "Correct it.")


@in_made_time
async def test_what_is_refused_is_not_tried_again_and_the_next_is() -> None:
    receiver = Receiver(judge(400, None, 0), OK)
    async with receiver.running() as logs:
        receiver.delivery.put(event(0))
        receiver.delivery.put(event(1))
        await patiently(lambda: len(receiver.got) == 2, "both were tried")
    assert receiver.numbers == [0, 1]
    assert logs[0]["event"] == "events were dropped"
    assert json.loads(receiver.got[1][1].content)["dropped"] == 1


@pytest.mark.parametrize(("asked", "waited"), [("120", 120), ("5000", 5000), ("99999999", LONGEST_SILENCE_S)])
def test_a_receiver_is_left_alone_for_as_long_as_it_asks(asked: str, waited: float) -> None:
    """Even if the message is too old by then: the next one waits too."""

    @in_made_time
    async def left_alone() -> None:
        receiver = Receiver(judge(429, asked, 0), OK)
        async with receiver.running():
            receiver.delivery.put(event(0))
            await patiently(lambda: receiver.got, "it was tried")
            receiver.delivery.put(event(1))
            await patiently(lambda: len(receiver.got) > 1 or receiver.delivery.dropped, "it went on")
            receiver.delivery.put(event(2))
            await patiently(lambda: len(receiver.got) > 1, "it was tried again")
        assert receiver.times[1] - receiver.times[0] >= waited
        assert receiver.times[1] - receiver.times[0] < waited + 10

    left_alone()


@in_made_time
async def test_requests_keep_the_least_interval_and_a_channel_gets_what_waited_in_one() -> None:
    receiver = Receiver(format="slack", min_interval_s=10)
    async with receiver.running():
        receiver.delivery.put(event(0))
        await patiently(lambda: receiver.got, "the first is sent at once")
        for number in range(1, 4):
            receiver.delivery.put(event(number))
        await patiently(lambda: len(receiver.got) == 2, "the others follow")
    assert receiver.times[1] - receiver.times[0] >= 10
    assert [json.loads(message.content)["text"] for _, message in receiver.got] == [
        "Number 0.", "Number 1.\nNumber 2.\nNumber 3.",
    ]  # fmt: skip


@in_made_time
async def test_what_was_not_asked_for_is_not_sent() -> None:
    receiver = Receiver(events=SPEECH_EVENTS)
    async with receiver.running():
        receiver.delivery.put(event(0))
        receiver.delivery.put(event(1, "speech.started"))
        await patiently(lambda: receiver.got, "it is sent")
    assert receiver.numbers == [1]
