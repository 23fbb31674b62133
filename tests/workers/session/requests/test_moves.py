"""The requests to join, create and leave, against joins that are made up."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from common.psn.errors import UnreachableError
from common.requests import CreateParty, JoinParty, LeaveParty
from tests.workers.session.automatic.rig import Joins
from tests.workers.session.member.rig import HERE, MembershipRig
from workers.session.requests.moves import MoveRequests


class Automatic:
    """The automatic joins. `link` is the demo party's, None in other networks."""

    def __init__(self, link: str | None = None, sentence: str = "") -> None:
        self.link = link
        self.sentence = sentence
        self.stops: list[int] = []

    def demo_link(self) -> str | None:
        return self.link

    def stop(self, left_under: int = 0) -> str:
        self.stops.append(left_under)
        return self.sentence

    async def only_party(self) -> str:
        return "the only party"


class Served:
    """A bus that only serves."""

    def __init__(self, requests: MoveRequests) -> None:
        self.handlers: dict[type, Callable[[Any], Awaitable[Any]]] = {}
        requests.serve(self)  # type: ignore[arg-type]

    def serve(self, request: type, handler: Callable[[Any], Awaitable[Any]]) -> None:
        self.handlers[request] = handler

    async def ask(self, request: Any) -> Any:
        return await self.handlers[type(request)](request)


def served(home: Path, automatic: Automatic, joins: Joins | None = None) -> tuple[Served, MembershipRig]:
    there = MembershipRig(home)
    requests = MoveRequests(joins or Joins(), there.leaving, automatic, automatic)  # type: ignore[arg-type]
    return Served(requests), there


@pytest.mark.parametrize(
    ("target", "link", "joined"),
    [(" abc ", "demo", "abc"), ("", "demo", "demo"), (" ", None, "the only party")],
)
async def test_a_join_without_a_target_takes_the_demo_or_the_only_party(
    home: Path, target: str, link: str | None, joined: str
) -> None:
    joins, automatic = Joins(), Automatic(link)
    bus, _ = served(home, automatic, joins)
    await bus.ask(JoinParty(target=target))
    assert (joins.targets, automatic.stops) == ([joined], [0])


async def test_a_create_stops_the_automatic_joins_too(home: Path) -> None:
    class Creates(Joins):
        def start_create(self, name: str, *, open_to_friends: bool):
            return self.start(f"{name} {open_to_friends}")

    joins, automatic = Creates(), Automatic()
    bus, _ = served(home, automatic, joins)
    await bus.ask(CreateParty(name=" Raid ", open=True))
    assert (joins.targets, automatic.stops) == (["Raid True"], [0])


async def test_a_leave_says_what_it_ended(home: Path) -> None:
    automatic = Automatic(sentence=" Bo is not followed any more.")
    bus, there = served(home, automatic)
    assert (await bus.ask(LeaveParty())).message == "There was no party to leave. Bo is not followed any more."
    await there.join()
    assert (await bus.ask(LeaveParty())).message == "Left the party. Bo is not followed any more."
    assert (automatic.stops, there.calls.left) == ([os.getppid()] * 2, [HERE])


async def test_a_leave_that_is_not_confirmed_is_said(home: Path) -> None:
    bus, there = served(home, Automatic())
    await there.join()
    there.calls.leave_error = UnreachableError("No answer.")
    words = "Left the party here. PlayStation did not confirm it yet. The leave is retried until it does (No answer)."
    assert (await bus.ask(LeaveParty())).message == words
