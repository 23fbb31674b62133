"""Members join, offer, connect, speak and leave, message by message."""

from __future__ import annotations

import pytest

from cli.probe.operators import ConsoleAction
from cli.probe.steps import meeting
from cli.probe.steps.context import Skipped, StepLimits
from common.errors import PartyError
from common.messages import PartyState, PeerState
from common.requests import HoldOffers
from tests.cli.probe.observe.messages import SMALL, event, party, signal, state
from tests.cli.probe.steps.fakes import FakeOperator, Rig

JOIN = ConsoleAction("join", "Join on the console.", "s")
SHORT = StepLimits(hold_s=0.0, action_s=0.0, connect_s=0.0, voice_s=0.0, shape_s=0.0)


def rig_with(folder, *messages, declines=False, limits=None):
    """Return a rig whose operator has these messages published, and the state before: we are alone."""

    def act():
        for message in messages:
            rig.bus.publish(message)
        return not declines

    rig = Rig(folder, operator=FakeOperator(does=act), limits=limits)
    rig.bus.publish(party())
    rig.bus.listener.evidence.start_step("console joins")
    return rig


async def test_who_joins_is_returned_once_it_has_offered_and_the_offer_is_reported(tmp_path):
    rig = rig_with(tmp_path, party((SMALL, 2)), signal(SMALL, "in"))
    assert await meeting.wait_for_join(rig.context, JOIN, ()) == SMALL
    meeting.report_offers(rig.context, "console joins")
    (sentence,) = rig.context.take_report()
    assert sentence.startswith("Member A offered by itself within ")
    assert sentence.endswith(" s. It joined the party after us.")
    assert [one.for_s > 0 for one in rig.bus.asked if isinstance(one, HoldOffers)] == [True, False]


async def test_when_nobody_can_join_the_step_is_skipped_and_offers_are_free_again(tmp_path):
    rig = rig_with(tmp_path, declines=True)
    with pytest.raises(Skipped, match="nobody joined"):
        await meeting.wait_for_join(rig.context, JOIN, ())
    assert rig.bus.asked[-1] == HoldOffers(for_s=0.0)


async def test_a_connection_counts_once_sound_arrives(tmp_path):
    rig = rig_with(tmp_path)
    rig.bus.publish(party((SMALL, 2)))
    rig.bus.publish(state(SMALL, packets=5))
    await meeting.wait_for_connections(rig.context, [SMALL])
    assert "Member A (PS5) connected within" in rig.context.take_report()[0]


@pytest.mark.parametrize("known", [PeerState(account_id="30", platform="PS5", connection="connecting"), None])
async def test_a_member_that_does_not_connect_is_reported_and_fails_the_step(tmp_path, known):
    rig = rig_with(tmp_path, limits=SHORT)
    rig.bus.publish(party((SMALL, 2)))
    if known is not None:
        rig.bus.publish(known)
    with pytest.raises(PartyError, match="1 of 1 members"):
        await meeting.wait_for_connections(rig.context, [SMALL])
    assert rig.context.take_report()[0].startswith("Member A did not connect:")


async def test_a_voice_is_measured(tmp_path):
    rig = rig_with(tmp_path, limits=StepLimits(heard_s=2.0, shape_s=0.0))
    rig.bus.publish(party((SMALL, 2)))
    rig.bus.publish(PeerState(account_id="30", platform="PS5", connection="connected", heard_s=3.0, packets=75, lost=1))
    rig.context.has_evidence = lambda name: True
    await meeting.wait_for_voices(rig.context, [SMALL], ConsoleAction("speak", "Speak."))
    assert rig.context.take_report()[0].startswith("Member A: 3.0 s of speech heard, 75 packets, 1 lost")


async def test_silence_fails_the_step(tmp_path):
    rig = rig_with(tmp_path, limits=SHORT)
    rig.bus.publish(party((SMALL, 2)))
    with pytest.raises(PartyError, match="was not heard"):
        await meeting.wait_for_voices(rig.context, [SMALL], ConsoleAction("speak", "Speak."))


async def test_a_leave_is_seen_in_the_party_and_its_cause_in_the_event(tmp_path):
    left = event("members:deleted", members=[{"customProperties": {"leftEventCause": "MEMBER_LEFT"}}])
    rig = rig_with(tmp_path, party(), left)
    rig.bus.publish(party((SMALL, 2)))
    await meeting.wait_for_leave(rig.context, SMALL, ConsoleAction("leave", "Leave."))
    assert rig.context.take_report() == ("Member A left, by the push event.",)
    assert rig.context.has_evidence("party.left-cause-place")


async def test_a_leave_that_cannot_be_made_skips_the_step(tmp_path):
    rig = rig_with(tmp_path, declines=True)
    rig.bus.publish(party((SMALL, 2)))
    with pytest.raises(Skipped, match="nobody left"):
        await meeting.wait_for_leave(rig.context, SMALL, ConsoleAction("leave", "Leave."))


async def test_without_a_glare_that_is_reported(tmp_path):
    rig = rig_with(tmp_path)
    rig.bus.publish(PartyState(phase="none"))
    meeting.report_glare(rig.context, "console joins")
    assert rig.context.take_report() == ("There was no glare. Nobody offered while our offer could be sent first.",)
