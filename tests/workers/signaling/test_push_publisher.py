"""What the bus hears of the push channel."""

from __future__ import annotations

from typing import Any

import pytest

from common.messages import AuthState, PushEvent, PushState
from common.psn.party.push import PREFIX, PushFrame
from tests.workers.signaling.fakes import RecordingTransport, RecordingWorker
from workers.signaling.push_publisher import PROBLEM, PushPublisher

OPEN = PushState(connected=True, protocol="3.0", host="h", epoch="one", answered=True)
AWAY = PushState(connected=False, detail="It broke.")


class Desk:
    def __init__(self) -> None:
        self.worker = RecordingWorker()
        self.transport = RecordingTransport("bridge")
        self.publisher = PushPublisher(self.worker, [self.transport], lambda: None)  # type: ignore[arg-type]

    def published(self, cls: type[Any]) -> list[Any]:
        return [one for one in self.worker.bus.published if isinstance(one, cls)]


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_a_state_is_published_once_and_is_the_workers_health(desk: Desk) -> None:
    for state in (AWAY, AWAY, OPEN):
        desk.publisher.on_push_state(state)
        assert desk.worker.health == (("running", "push over 3.0") if state.connected else ("degraded", "It broke."))
    assert desk.published(PushState) == [AWAY, OPEN]
    assert desk.worker.facts_published == {"push.authorise": "answered"}


async def test_without_a_sign_in_a_missing_channel_is_no_fault(desk: Desk) -> None:
    desk.publisher.on_push_state(AWAY)
    assert desk.worker.health[0] == "degraded"
    desk.publisher.on_auth_state(AuthState(state="signed_out", realm="playstation"))
    assert desk.worker.health == ("running", "It broke.")
    desk.publisher.on_auth_state(AuthState(state="signed_in", realm="playstation"))
    assert desk.worker.health[0] == "degraded"


async def test_after_the_stop_was_published_nothing_replaces_it(desk: Desk) -> None:
    desk.worker.stopping.set()
    desk.publisher.on_push_state(OPEN)
    assert desk.published(PushState) == []


async def test_a_failure_is_a_problem_until_a_channel_is_open(desk: Desk) -> None:
    desk.publisher.on_connect_failure("It is refused.")
    desk.publisher.on_push_state(AWAY)
    assert desk.worker.problems == {PROBLEM: "It is refused."}
    desk.publisher.on_push_state(OPEN)
    assert desk.worker.problems == {}


async def test_events_are_numbered_from_one_on_each_channel(desk: Desk) -> None:
    frame = PushFrame(method=3001, data_type="x")
    for epoch in ("one", "two"):
        desk.publisher.on_push_state(PushState(connected=True, epoch=epoch))
        desk.publisher.on_frame(frame)
        desk.publisher.on_frame(frame)
    found = [(event.epoch, event.number) for event in desk.published(PushEvent)]
    assert found == [("one", 1), ("one", 2), ("two", 1), ("two", 2)]


async def test_the_token_of_a_bridge_reaches_the_transports_and_not_the_bus(desk: Desk) -> None:
    data = {"bridges": [{"bridgeId": "b", "bridgeToken": "planted"}]}
    desk.publisher.on_frame(PushFrame(method=3001, data_type=f"{PREFIX}v2:ps:bridges:created", data=data))
    assert desk.transport.events[0].data == data
    (event,) = desk.published(PushEvent)
    assert event.data == {"bridges": [{"bridgeId": "b"}]}


async def test_transports_hear_whether_answers_would_arrive(desk: Desk) -> None:
    desk.publisher.on_usable(usable=True)
    desk.publisher.on_usable(usable=False)
    assert desk.transport.usable == [True, False]
