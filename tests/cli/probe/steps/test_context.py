"""The run: steps in turn, what fails and what goes on all the same, and the leave at the end of everything."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import msgspec
import pytest

from cli.probe.results import run_calls
from cli.probe.results.findings import settle
from cli.probe.results.listener import Watch
from cli.probe.run import STEPS
from cli.probe.steps.context import Limits, Skipped, Step, Walk
from cli.shared.output import Style
from common.errors import PartyError
from common.messages import PartyState
from common.psn.http.trace import Trace, Traced
from common.psn.unknowns import BY_NAME
from common.requests import Done, HoldOffers, LeaveParty
from common.wire import Header, Received

LEAVE = "/api/sessionManager/v2/partySessions/{session_id}/members/me"


class FakeBus:
    """Answers every request with `Done`, and notes them; a leave is traced with `status` and told by session."""

    def __init__(self, file, status=204):
        self.asked = []
        self.watch = None
        self._trace, self._status = Trace(file), status

    async def request(self, request, wait_s=10.0):
        self.asked.append(request)
        if isinstance(request, LeaveParty):
            now = self.watch.walk.began + 1
            self._trace.add(Traced(at=now, method="DELETE", host="mobile", path=LEAVE, status=self._status, ms=3))
            self.watch.hear(PartyState(phase="none"))
        return Done(message="Left the party.")


class Hands:
    def __init__(self, *, agrees=True):
        self.agrees, self.asked = agrees, []

    async def agree(self, question):
        self.asked.append(question)
        return self.agrees

    async def answer(self, question):
        return ""

    @asynccontextmanager
    async def please(self, wish):
        yield asyncio.Event()


class Ear(Watch):
    def hear(self, message):
        self._take(Received(topic=message.topic(), header=Header(sender="t", boot="", seq=1, at=1.0), message=message))


def walk(tmp_path, status=204, **more):
    bus = FakeBus(tmp_path / "trace.jsonl", status)
    ear = Ear(bus)
    made = Walk(bus, ear, more.pop("hands", Hands()), tmp_path / "trace.jsonl", Style(on=False), Limits(), **more)
    bus.watch, ear.walk = ear, made
    return made


def step(name, do=None, **more):
    async def nothing(_):
        return None

    return Step(name=name, group="account", title=name, says="…", do=do or nothing, failed="Try again.", **more)


async def enter(made):
    made.in_party = True
    made.watch.hear(PartyState(phase="joined", session_id="s", me="1.PS5"))


async def fail(_):
    raise PartyError("Quillon was not let in.", "Ask again.")


def states(made):
    return {one.name: one.state for one in made.done}


async def test_a_step_that_fails_ends_only_what_needs_it(tmp_path):
    made = walk(tmp_path)
    steps = [step("one", fail), step("two", needs=("one",)), step("three")]
    kept = []
    await made.take(steps, lambda: kept.append(len(made.done)))
    assert states(made) == {"one": "failed", "two": "skipped", "three": "done"}
    assert made.done[0].code == "session.party"
    assert "Quillon" not in msgspec.json.encode(made.done).decode(), "others' words go through the scrubber first"
    assert kept == [1, 2, 3, 3], "the folder is written after each step, and at the end"


async def test_a_step_that_others_can_see_is_asked_for(tmp_path):
    hands = Hands(agrees=False)
    made = walk(tmp_path, hands=hands)
    await made.take([step("seen", enter, visible="Friends may see it."), step("unseen")], lambda: None)
    assert states(made) == {"seen": "skipped", "unseen": "done"}
    assert hands.asked == ["Friends may see it. Go on?"]
    assert made.bus.asked == [], "no party, nothing to leave"


async def test_a_step_may_be_left_out(tmp_path):
    async def left_out(_):
        raise Skipped("there is no second console.")

    made = walk(tmp_path)
    await made.take([step("two", left_out)], lambda: None)
    assert states(made) == {"two": "skipped"}


@pytest.mark.parametrize("fault", [ValueError("a bug"), asyncio.CancelledError()])
async def test_whatever_happens_the_party_is_left(tmp_path, fault):
    async def breaks(_):
        raise fault

    made = walk(tmp_path)
    with pytest.raises(type(fault)):
        await made.take([step("in", enter), step("broken", breaks), step("never")], lambda: None)
    assert LeaveParty() in made.bus.asked
    assert made.left is True
    assert not made.in_party


async def test_a_leave_that_is_not_confirmed_is_said(tmp_path, capsys):
    made = walk(tmp_path, status=503)
    await made.take([step("in", enter)], lambda: None)
    assert made.left is False
    assert "partyline leave" in capsys.readouterr().out


async def test_our_offers_are_free_again_also_when_what_was_waited_for_fails(tmp_path):
    made = walk(tmp_path)
    with pytest.raises(PartyError):
        await made.held(lambda: fail(None), meets=True)
    holds = [one for one in made.bus.asked if isinstance(one, HoldOffers)]
    assert (holds[0].for_s > 0, holds[0].meet, holds[-1].for_s) == (True, True, 0.0)


def test_calls_are_counted_over_15_minutes_without_what_must_be_tried():
    def call(at, path):
        return Traced(at=at, method="POST", host="mobile", path=path, status=200)

    made = [call(float(at), "/api/x") for at in (0, 10, 899, 901, 2000)]
    made += [call(5.0, "/api/sessionManager/v2/partySessions/{session_id}/customMessage")] * 40
    made += [call(6.0, "/api/rtcBridge/v1/bridges/{bridge_id}/peers")] * 5
    assert run_calls.busiest(made) == 3
    assert run_calls.busiest(made, trying=True) == 48


def test_every_step_says_what_to_do_when_it_fails_and_what_it_may_settle_is_known():
    names = [one.name for one in STEPS]
    assert len(set(names)) == len(names)
    for one in STEPS:
        assert set(one.needs) <= set(names[: names.index(one.name)])
        assert set(one.learns) <= set(BY_NAME)
        assert one.says.endswith((".", "?"))
        assert one.failed.endswith(".")
    assert set().union(*(one.learns for one in STEPS)) == {one.name for one in settle([])}
