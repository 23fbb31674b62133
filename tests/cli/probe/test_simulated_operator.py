"""A rehearsal's operator has the simulator's consoles do what a person would do."""

from __future__ import annotations

import pytest

from cli.probe.operators import ConsoleAction
from cli.probe.simulated_operator import LARGER, SMALLER, SimulatedOperator
from simulator.demo import SESSION_ID


class FakeControl:
    """Records what the simulator was asked to do. One console is in a party."""

    def __init__(self) -> None:
        self.posted: list[tuple[str, str, str]] = []

    async def get(self, what: str) -> dict:
        return {"consoles": [{"peer": SMALLER, "inParty": True}, {"peer": LARGER, "inParty": False}]}

    async def post(self, what: str, body: dict) -> None:
        self.posted.append((what, body["peer"], body.get("sessionId", "")))


async def done(action: ConsoleAction, seed: int = 1) -> list[tuple[str, str, str]]:
    control = FakeControl()
    async with SimulatedOperator(control, seed).request(action) as declined:  # type: ignore[arg-type]
        assert not declined.is_set()
    return control.posted


@pytest.mark.parametrize(("seed", "first", "second"), [(1, SMALLER, LARGER), (2, LARGER, SMALLER)])
async def test_the_seed_decides_which_console_joins_first(seed, first, second):
    assert await done(ConsoleAction("join", "", "s"), seed) == [("join", first, "s")]
    assert await done(ConsoleAction("join second", "", "s"), seed) == [("join", second, "s")]


async def test_a_named_console_leaves_and_comes_back():
    assert await done(ConsoleAction("leave", "", peer=LARGER)) == [("leave", LARGER, "")]
    assert await done(ConsoleAction("come back", "", "s", LARGER)) == [("join", LARGER, "s")]


async def test_for_a_party_of_theirs_the_consoles_leave_ours_and_join_the_demo_party():
    assert await done(ConsoleAction("have a party", "", waited_for=False)) == [
        ("leave", SMALLER, ""),
        ("join", SMALLER, SESSION_ID),
        ("join", LARGER, SESSION_ID),
    ]


async def test_the_consoles_speak_without_being_asked():
    assert await done(ConsoleAction("speak", "")) == []


async def test_nothing_is_declined_and_no_text_is_typed():
    operator = SimulatedOperator(FakeControl(), 1)  # type: ignore[arg-type]
    assert await operator.agree("Continue?")
    assert not await operator.answer("Which?")
