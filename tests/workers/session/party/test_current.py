"""Views and events of one party, put together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from common.messages import PushEvent
from common.psn.party.push import Order
from tests.workers.session.party.made import BO, ME, PARTY, entry, event, snapshot
from workers.session.memory import PartyMemory
from workers.session.party.current import CurrentParty, Update

CONTEXT = "c"


@pytest.fixture
def party() -> CurrentParty:
    memory = PartyMemory(session_id=PARTY, context_id=CONTEXT, account_id=ME, platform="MOBILE_APP")
    made = CurrentParty(memory, Order(CONTEXT))
    made.record_names_requested([ME])
    return made


def numbered(number: int, name: str, data: dict[str, Any]) -> PushEvent:
    return msgspec.structs.replace(event(f"v2:ps:{name}", data), contexts=((CONTEXT, number),))


def accounts(party: CurrentParty) -> set[str]:
    return {member.account_id for member in party.table.members}


def test_events_that_come_during_a_view_are_applied_on_top_of_it(party: CurrentParty) -> None:
    with party.collecting() as meanwhile:
        party.on_push_event(numbered(1, "members:created", {"members": [entry(BO)]}), 0.0)
    mine = party.merge_view(snapshot(entry(ME, "MOBILE_APP")), meanwhile)
    assert mine is not None
    assert accounts(party) == {ME, BO}
    party.on_push_event(numbered(2, "members:deleted", {"members": [entry(BO)]}), 0.0)
    assert len(meanwhile) == 1, "the view is over"


def test_we_are_not_listed_when_an_event_that_came_meanwhile_deleted_us(party: CurrentParty) -> None:
    with party.collecting() as meanwhile:
        update = party.on_push_event(numbered(1, "members:deleted", {"members": [entry(ME, "MOBILE_APP")]}), 0.0)
    assert update == Update(resync=("our own entry was deleted",))
    assert party.merge_view(snapshot(entry(ME, "MOBILE_APP")), meanwhile) is None
    assert party.shown


def test_a_view_may_show_no_party_at_all(party: CurrentParty) -> None:
    assert party.merge_view(None, []) is None
    assert not party.shown


def test_events_are_applied_in_order_and_a_gap_asks_for_a_resync(party: CurrentParty) -> None:
    assert party.on_push_event(numbered(2, "sessionName:updated", {"sessionName": "second"}), 0.0) == Update()
    assert party.deadline is not None
    assert party.on_push_event(numbered(1, "sessionName:updated", {"sessionName": "first"}), 0.0) == Update(
        changed=True
    )
    assert (party.table.name, party.deadline) == ("second", None)
    party.on_push_event(numbered(4, "sessionName:updated", {"sessionName": "fourth"}), 0.0)
    assert party.on_expiry(99.0) == Update(changed=True, resync=("a push event is missing",))
    assert party.table.name == "fourth"


def test_each_name_is_asked_for_once(party: CurrentParty) -> None:
    assert (party.table.nameless, party.missing_names()) == ([ME], [])
    update = party.on_push_event(numbered(1, "members:created", {"members": [entry(BO)]}), 0.0)
    assert update == Update(changed=True, resync=("a member has no name",))
    party.record_names_requested([BO])
    assert party.on_push_event(numbered(2, "sessionName:updated", {"sessionName": "x"}), 0.0) == Update(changed=True)


def test_a_resumed_party_is_resumed_until_a_view_lists_us() -> None:
    party = CurrentParty(PartyMemory(session_id=PARTY, context_id=CONTEXT), Order(CONTEXT, first=None), resumed=True)
    assert party.resumed
    party.on_listed()
    assert not party.resumed


def test_a_party_begins_with_us_alone_and_no_view_has_shown_it(party: CurrentParty) -> None:
    assert [(member.account_id, member.is_me) for member in party.table.members] == [(ME, True)]
    assert not party.shown
    assert not party.resumed


def test_the_end_of_the_party_is_told_and_nothing_else_ends_it(party: CurrentParty) -> None:
    assert not party.on_push_event(numbered(1, "sessionName:updated", {"sessionName": "x"}), 0.0).ended
    assert party.on_push_event(event("v2:partySession:deleted"), 0.0).ended


def test_an_event_without_a_number_counts_if_it_names_our_party(party: CurrentParty) -> None:
    assert party.on_push_event(event("v2:ps:sessionName:updated", {"sessionName": "x"}), 0.0).changed
    assert not party.on_push_event(event("v2:ps:sessionName:updated", {"sessionName": "y"}, session="z"), 0.0).changed
    assert party.table.name == "x"


def test_while_a_party_is_created_the_events_of_its_context_are_collected() -> None:
    creating = CurrentParty(PartyMemory(session_id="", context_id=CONTEXT, account_id=ME), Order(CONTEXT))
    with creating.collecting() as meanwhile:
        creating.on_push_event(numbered(1, "members:created", {"members": [entry(BO)]}), 0.0)
        creating.on_push_event(event("v2:ps:members:created", {"members": [entry(BO)]}), 0.0)
    assert [one.contexts for one in meanwhile] == [((CONTEXT, 1),)]


def test_an_answer_names_the_party_if_it_has_a_name(party: CurrentParty) -> None:
    party.merge_answer(snapshot(entry(BO), name="Night"))
    party.merge_answer(snapshot(name=""))
    assert (party.table.name, accounts(party)) == ("Night", {ME, BO})
