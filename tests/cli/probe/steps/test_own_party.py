"""The steps in our own party: what is asked, what is reported, and when one is skipped or fails."""

from __future__ import annotations

import msgspec
import pytest

from cli.probe.observe.observations import OfferBehaviour, Shows
from cli.probe.steps import own_party
from cli.probe.steps.context import Skipped, StepLimits
from common.errors import PartyError
from common.messages import PartyState
from common.requests import CreateParty, InvitePeople, LeaveParty
from tests.cli.probe.observe.messages import LARGE, SMALL, party
from tests.cli.probe.steps.fakes import Rig

SHORT = StepLimits(hold_s=0.0, action_s=0.0, shape_s=0.0)


@pytest.fixture
def rig(tmp_path, monkeypatch):
    made = Rig(tmp_path, limits=SHORT)
    answer = made.bus.request

    async def request(asked, wait_s=10.0):
        reply = await answer(asked, wait_s)
        return PartyState(phase="joined", session_id="new") if isinstance(asked, CreateParty) else reply

    monkeypatch.setattr(made.bus, "request", request)
    return made


async def test_a_leave_is_due_from_the_create_on(rig, capsys):
    await own_party.create(rig.context)
    assert rig.party.is_in
    assert rig.bus.asked == [CreateParty(open=True)]
    assert "new" in capsys.readouterr().out
    assert "new" not in "".join(rig.context.take_report()), "the folder must not name the party"


async def test_the_view_is_read_when_a_worker_has_reported_its_key(rig):
    with pytest.raises(PartyError, match="could not be read"):
        await own_party.view(rig.context)
    rig.bus.listener.record([Shows(name="party.view-key", value="partySessions")])
    rig.bus.publish(party((SMALL, 2)))
    await own_party.view(rig.context)
    assert rig.context.take_report() == ("The view was read. Our own joinOrder is 1.",)


async def test_a_named_account_is_invited(rig, monkeypatch):
    async def name(_):
        return "Bo-Streams"

    monkeypatch.setattr(rig.context.operator, "answer", name)
    with pytest.raises(Skipped):
        await own_party.console_joins(rig.context)
    assert InvitePeople(online_ids=("Bo-Streams",)) in rig.bus.asked


async def test_the_instruction_to_leave_names_the_console_that_offered(rig):
    rig.bus.publish(party((LARGE, 2), (SMALL, 3)))
    rig.bus.listener.record([OfferBehaviour(who="B", older=False, smaller=True, offered=True, waited_s=1.0)])
    with pytest.raises(Skipped):
        await own_party.console_leaves(rig.context)
    (action,) = rig.context.operator.actions
    assert (action.kind, action.peer) == ("leave", SMALL)
    assert action.instruction == "Leave the party on the console (30, PS5)."


async def test_there_is_no_glare_to_see_where_nobody_offers(rig):
    rig.bus.publish(party((SMALL, 2)))
    with pytest.raises(Skipped, match="no glare"):
        await own_party.glare(rig.context)


async def test_a_confirmed_leave_is_reported_and_another_one_fails(tmp_path):
    good, bad = Rig(tmp_path / "a", status=204), Rig(tmp_path / "b", status=503)
    for rig in (good, bad):
        rig.enter()
    await own_party.leave(good.context)
    assert good.context.take_report() == ("We left the party, and PlayStation confirmed it.",)
    with pytest.raises(PartyError, match="not confirmed"):
        await own_party.leave(bad.context)
    assert bad.bus.asked == [LeaveParty()]


def test_an_offer_of_an_older_member_makes_nobody_the_offerer(rig):
    rig.bus.publish(party((SMALL, 1), mine=2))
    seen = OfferBehaviour(who="A", older=True, smaller=True, offered=True, waited_s=1.0)
    rig.bus.listener.record([seen])
    assert not own_party.offerer(rig.context)
    rig.bus.listener.record([msgspec.structs.replace(seen, older=False)])
    assert own_party.offerer(rig.context) == SMALL
