"""The listener keeps what is retained, and wakes who waits."""

from __future__ import annotations

import asyncio

from cli.probe.observe import listener as module
from cli.probe.observe.listener import BusListener
from cli.probe.observe.observations import Numbers, Shows
from common.messages import PartyState, Speaking
from common.messages.wire import Header, Received
from tests.cli.probe.observe.messages import SMALL, event, party


def received(message, *, cleared=False):
    header = Header(sender="t", boot="", seq=1, at=1.0)
    return Received(topic=message.topic(), header=header, message=None if cleared else message)


class FakeBus:
    def __init__(self):
        self.queue = asyncio.Queue()

    async def subscribe(self, *_):
        while True:
            yield await self.queue.get()


def test_the_latest_retained_message_is_kept_until_it_is_cleared():
    listener = BusListener(FakeBus())
    assert listener.party.phase == "none"
    assert listener.others == {}
    listener.on_message(received(party((SMALL, 2))))
    assert list(listener.others) == [SMALL]
    assert listener.mine.account_id == "50"
    listener.on_message(received(party(), cleared=True))
    assert listener.latest(PartyState) is None


def test_push_events_are_kept_with_their_time_and_a_flood_of_them_is_limited(monkeypatch):
    listener = BusListener(FakeBus())
    for _ in range(module.MOST_EVENTS + 5):
        listener.on_message(received(event("members:created")))
    assert len(listener.events) == module.MOST_EVENTS
    assert listener.events[0][0] == 1.0


def test_the_latest_numbers_of_a_sender_replace_the_earlier_ones_and_nothing_is_kept_twice():
    shown = Shows(name="rtp.clock", value="16000")
    listener = BusListener(FakeBus(), [Numbers(who="A", counters=(1,)), shown])
    listener.record([Numbers(who="A", counters=(1, 2)), Numbers(who="B", counters=(1,)), shown])
    assert listener.observed == [shown, Numbers(who="A", counters=(1, 2)), Numbers(who="B", counters=(1,))]


async def test_a_wait_ends_with_the_message_that_makes_its_condition_true():
    bus = FakeBus()
    listener = BusListener(bus)
    listening = asyncio.create_task(listener.listen())
    waiting = asyncio.create_task(listener.until(lambda: listener.all(Speaking), 60.0))
    await asyncio.sleep(0)
    bus.queue.put_nowait(received(Speaking(account_id="30", platform="PS5", speaking=True, at=1.0)))
    async with asyncio.timeout(30):
        assert list(await waiting) == [SMALL]
    listening.cancel()
    assert await listener.until(lambda: listener.party.members, 0.0) is None
