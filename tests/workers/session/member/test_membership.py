from __future__ import annotations

from pathlib import Path

import pytest

from common.psn.party.sessions import Party
from tests.workers.session.member.rig import HERE, MembershipRig
from workers.session.actions import LostParty, PublishParty
from workers.session.member.membership_states import TABLE, MembershipEvent, MembershipState, in_state
from workers.session.memory import PartyMemory

WANTED = PartyMemory(session_id=HERE, context_id="c", account_id="1", platform="MOBILE_APP")


def in_the_state(home: Path, state: MembershipState) -> MembershipRig:
    there = MembershipRig(home)
    there.file.keep(in_state(PartyMemory() if state is MembershipState.OUT else WANTED, state))
    there.membership.restore()
    return there


@pytest.mark.parametrize("state", [one for one in MembershipState if one is not MembershipState.CREATING])
@pytest.mark.parametrize(
    "event",
    [MembershipEvent.LEFT, MembershipEvent.PARTY_ENDED, MembershipEvent.NOT_LISTED, MembershipEvent.NOT_A_MEMBER],
)
def test_a_membership_ends_by_what_the_table_says_and_by_nothing_else(
    home: Path, state: MembershipState, event: MembershipEvent
) -> None:
    there = in_the_state(home, state)
    party = there.membership.party
    actions = there.membership.finish(event, "why", "dropped")
    if (state, event) not in TABLE:
        assert (actions, there.membership.state, there.membership.party) == ([], state, party)
        return
    assert there.membership.state is MembershipState.OUT
    assert party is not None
    assert party.scope.closed
    assert isinstance(actions[0], PublishParty)
    assert (actions[0].state.reason, actions[0].state.end) == ("why", "dropped")
    was_in = state in (MembershipState.UNREAD, MembershipState.JOINED)
    assert [type(action) for action in actions[1:]] == ([LostParty] if was_in else [])


def test_what_the_user_asked_to_leave_under_is_kept_over_the_end(home: Path) -> None:
    there = in_the_state(home, MembershipState.JOINED)
    there.file.set_left_under(77)
    there.membership.finish(MembershipEvent.PARTY_ENDED, "why", "ended")
    assert there.file.now == PartyMemory(place="here", left_under=77)


def test_events_go_on_in_order_when_the_id_of_a_created_party_comes(home: Path) -> None:
    there = MembershipRig(home)
    there.membership.begin(PartyMemory(name="Raid", context_id="c", account_id="1", platform="MOBILE_APP"))
    assert there.membership.state is MembershipState.CREATING
    before = there.membership.party
    there.membership.let_in(Party(session_id=HERE))
    after = there.membership.party
    assert before is not None
    assert after is not None
    assert (after.order is before.order, after.session_id, after.resumed) == (True, HERE, False)
    assert (there.membership.state, there.file.now.joined is not None) == (MembershipState.UNREAD, True)


def test_an_interrupted_step_is_resumed_as_it_was(home: Path) -> None:
    for state in MembershipState:
        there = in_the_state(home, state)
        again = MembershipRig(home)
        (published,) = again.membership.restore()
        assert again.membership.state is there.membership.state
        assert isinstance(published, PublishParty)
        assert published.state.phase == there.membership.party_state().phase
        assert again.membership.party is None or again.membership.party.resumed
