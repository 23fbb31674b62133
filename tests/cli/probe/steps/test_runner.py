"""The run: steps in turn, what fails and what goes on all the same, and the leave at the end of everything."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from cli.probe.results.findings import settle
from cli.probe.run import STEPS
from cli.probe.steps.context import Skipped
from cli.probe.steps.step import ProbeStep
from common.errors import PartyError
from common.psn.unknowns import BY_NAME
from common.requests import LeaveParty
from tests.cli.probe.steps.fakes import FakeOperator, Rig


def step(name, do=None, **more):
    async def nothing(_):
        return None

    return ProbeStep(
        name=name, group="account", title=name, description="…", do=do or nothing, advice="Try again.", **more
    )


def entering(rig):
    async def enter(_):
        rig.enter()

    return enter


async def fail(_):
    raise PartyError("Quillon was not let in.", "Ask again.")


async def test_a_step_that_fails_ends_only_what_needs_it(tmp_path):
    rig = Rig(tmp_path)
    steps = [step("one", fail), step("two", needs=("one",)), step("three")]
    saved = []
    await rig.runner.run(steps, lambda: saved.append(len(rig.runner.records)))
    assert rig.states == {"one": "failed", "two": "skipped", "three": "done"}
    assert rig.runner.records[0].code == "session.party"
    assert "Quillon" not in msgspec.json.encode(rig.runner.records).decode(), "others' words pass the scrubber first"
    assert saved == [1, 2, 3, 3], "the folder is written after each step, and at the end"


async def test_each_step_has_its_own_report(tmp_path):
    async def reports(context):
        context.report("One thing.")
        context.show("Quillon")

    rig = Rig(tmp_path)
    await rig.runner.run([step("first", reports), step("second")], lambda: None)
    assert [one.told for one in rig.runner.records] == [("One thing.",), ()]


async def test_a_step_that_others_can_see_is_asked_for(tmp_path):
    operator = FakeOperator(agrees=False)
    rig = Rig(tmp_path, operator=operator)
    await rig.runner.run([step("seen", entering(rig), visible="Friends may see it."), step("unseen")], lambda: None)
    assert rig.states == {"seen": "skipped", "unseen": "done"}
    assert operator.asked == ["Friends may see it. Continue?"]
    assert rig.bus.asked == [], "no party, nothing to leave"


async def test_a_step_may_be_skipped(tmp_path):
    async def skip(_):
        raise Skipped("there is no second console.")

    rig = Rig(tmp_path)
    await rig.runner.run([step("two", skip)], lambda: None)
    assert rig.states == {"two": "skipped"}


@pytest.mark.parametrize("fault", [ValueError("a bug"), asyncio.CancelledError()])
async def test_whatever_happens_the_party_is_left(tmp_path, fault):
    async def breaks(_):
        raise fault

    rig = Rig(tmp_path)
    with pytest.raises(type(fault)):
        await rig.runner.run([step("in", entering(rig)), step("broken", breaks), step("never")], lambda: None)
    assert LeaveParty() in rig.bus.asked
    assert rig.party.left is True
    assert not rig.party.is_in


async def test_a_leave_that_is_not_confirmed_is_reported(tmp_path, capsys):
    rig = Rig(tmp_path, status=503)
    await rig.runner.run([step("in", entering(rig))], lambda: None)
    assert rig.party.left is False
    assert "partyline leave" in capsys.readouterr().out


async def test_the_calls_of_a_leave_at_the_end_are_in_the_record(tmp_path):
    rig = Rig(tmp_path)
    await rig.runner.run([step("in", entering(rig))], lambda: None)
    assert [(one.step, one.status) for one in rig.calls.records()] == [("the end", 204)]


def test_every_step_says_what_to_do_when_it_fails_and_what_it_may_settle_is_known():
    names = [one.name for one in STEPS]
    assert len(set(names)) == len(names)
    for one in STEPS:
        assert set(one.needs) <= set(names[: names.index(one.name)])
        assert set(one.learns) <= set(BY_NAME)
        assert one.description.endswith((".", "?"))
        assert one.advice.endswith(".")
    assert set().union(*(one.learns for one in STEPS)) == {one.name for one in settle([])}
