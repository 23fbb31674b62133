"""What tests publish in the workers' stead keeps the rules that the real ones keep."""

from __future__ import annotations

from typing import Any

import pytest

from common.messages import Message, PartyState, PeerState
from common.requests import FindPictures, Request
from tests.cli.shared import bus_states
from tests.contract import rules
from tests.support import made
from tests.workers.dashboard.stage import Stage, answer, member
from workers.dashboard.live.page_requests import ALLOWED


class Published(Stage):
    """The dashboard's stage without its processes."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._peers: set[str] = set()

    def publish(self, worker: str, *messages: Message) -> None:
        self.messages.extend(messages)

    def clear(self, worker: str, cls: type[Message], key: str = "") -> None:
        pass


def test_the_dashboards_stage_publishes_what_workers_would() -> None:
    stage = Published()
    stage.furnish()
    stage.signed_in()
    stage.party(3)
    stage.speak(member(1))
    stage.silence("audio")
    stage.problem()
    assert {PartyState, PeerState} < {type(message) for message in stage.messages}
    for message in stage.messages:
        rules.check(message)


@pytest.mark.parametrize("cls", [*ALLOWED.values(), FindPictures], ids=lambda cls: cls.__name__)
def test_the_dashboards_stage_answers_as_workers_would(cls: type[Request[Any]]) -> None:
    found = answer(cls)
    assert isinstance(found, cls.REPLY)
    rules.check(found)


@pytest.mark.parametrize(
    "message",
    [made.party(), made.peer_state(), made.peer_state(made.CLEO, "lost"), made.signed_in(), made.health("media")],
    ids=lambda message: type(message).__name__,
)
def test_the_builders_make_what_workers_would(message: Message) -> None:
    rules.check(message)


def test_the_states_that_views_are_drawn_from_keep_the_rules() -> None:
    for message in bus_states.FULL:
        rules.check(message)
