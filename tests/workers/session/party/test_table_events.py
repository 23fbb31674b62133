from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.messages import PushEvent
from common.psn.party.customdata import CustomData4, encode4
from common.psn.party.push import read_frame
from tests.common.psn.party.test_push import JSON
from tests.workers.session.party.made import BO, CY, ME, PARTY, Wire, a_table, entry, event, snapshot
from workers.session.party.own_device import OwnDevice
from workers.session.party.table import PartyTable
from workers.session.party.table_events import TableChange, TableEvents


@pytest.fixture
def table() -> PartyTable:
    return a_table()


@pytest.fixture
def events(table: PartyTable) -> TableEvents:
    return TableEvents(table)


def of_wire(wire: Wire, name: str) -> PushEvent:
    frame = read_frame(wire(f"push-{name}.json"))
    return PushEvent(epoch="e", number=1, data_type=frame.data_type, session_id=frame.session_id, data=frame.data)


MUTED = encode4(CustomData4(fields=("", "", "", "", "", "1")))
CHANGES: dict[str, dict[str, Any]] = {
    "partySession:deleted": {},
    "members:created": {"members": [entry(BO, "PS4")]},
    "members:updated": {"members": [entry(BO, "PS4")]},
    "members:deleted": {"members": [entry(ME, "MOBILE_APP")]},
    "owner:updated": {"owner": {"accountId": ME, "platform": "MOBILE_APP"}},
    "sessionName:updated": {"sessionName": "Morning"},
    "joinableUserType:updated": {"joinableUserType": "FRIENDS"},
    "m:customData4:updated": {"members": [entry(ME, "MOBILE_APP", customData4=MUTED)]},
}
"""Of each event that is read, data that brings something new."""


def test_every_event_that_is_read_has_an_example() -> None:
    assert set(CHANGES) == set(TableEvents.READS)


@pytest.mark.parametrize("name", CHANGES)
def test_what_an_event_brings_is_read(events: TableEvents, name: str) -> None:
    assert events.apply(event(f"v2:ps:{name}", CHANGES[name])) is not TableChange.NOTHING


def peers(table: PartyTable) -> set[str]:
    return {member.peer for member in table.members}


def test_the_golden_events_bring_a_member_mute_it_and_take_it_away(
    table: PartyTable, events: TableEvents, wire: Wire
) -> None:
    def bo() -> Any:
        return next((member for member in table.members if member.account_id == BO), None)

    assert events.apply(of_wire(wire, "members-created")) is TableChange.CHANGED
    assert (bo().online_id, bo().platform, bo().muted, bo().joined_at) == (
        "Bo-Streams",
        "MOBILE_APP",
        False,
        1771123972.189,
    )
    assert events.apply(of_wire(wire, "custom-data4")) is TableChange.CHANGED
    assert bo().muted is True
    assert events.apply(of_wire(wire, "custom-data3")) is TableChange.NOTHING
    assert events.apply(of_wire(wire, "members-deleted")) is TableChange.CHANGED
    assert bo() is None
    assert events.apply(of_wire(wire, "custom-data4")) is TableChange.NOTHING
    assert bo() is None
    assert events.apply(of_wire(wire, "party-deleted")) is TableChange.ENDED
    assert "LAST_MEMBER_LEFT" in events.reason


def test_the_same_event_twice_changes_nothing_more(events: TableEvents, wire: Wire) -> None:
    events.apply(of_wire(wire, "members-created"))
    assert events.apply(of_wire(wire, "members-created")) is TableChange.NOTHING


def test_the_events_of_2020_are_understood_too(table: PartyTable, events: TableEvents) -> None:
    assert events.apply(event("pts:members:created", {"members": [entry(BO, "PS4")]})) is TableChange.CHANGED
    muted = encode4(CustomData4(fields=("", "", "1", "0", "6.2.0", "1")))
    assert (
        events.apply(event("pts:m:customData4:updated", {"members": [entry(BO, "PS4", customData4=muted)]}))
        is TableChange.CHANGED
    )
    assert f"{BO}.PS4" in peers(table)


def test_one_account_on_two_devices_is_two_members(table: PartyTable, events: TableEvents) -> None:
    events.apply(event("v2:ps:members:created", {"members": [entry(ME, "PS5")]}))
    assert {f"{ME}.MOBILE_APP", f"{ME}.PS5"} <= peers(table)
    assert events.apply(event("v2:ps:members:deleted", {"members": [entry(ME, "PS5")]})) is TableChange.CHANGED
    assert table.has_me


def test_our_own_entry_deleted_means_kicked(table: PartyTable, events: TableEvents) -> None:
    assert (
        events.apply(event("v2:ps:members:deleted", {"members": [entry(int(ME), "MOBILE_APP")]})) is TableChange.KICKED
    )  # type: ignore[arg-type]
    assert not table.has_me
    assert events.end == "dropped"


def test_who_took_us_out_is_named_and_ourselves_are_not() -> None:
    for sender, words in ((CY, "Cy removed you"), (ME, "PlayStation dropped"), ("", "dropped this device")):
        made = PartyTable(PARTY, OwnDevice(ME, "MOBILE_APP"))
        made.snapshot(snapshot(entry(ME, "MOBILE_APP", onlineId="Ada"), entry(CY, onlineId="Cy")))
        events = TableEvents(made)
        gone = event("v2:ps:members:deleted", {"members": [entry(ME, "MOBILE_APP")]})
        events.apply(msgspec.structs.replace(gone, from_account_id=sender))
        assert words in events.reason
        assert events.end == ("removed" if sender == CY else "dropped")


@pytest.mark.parametrize("place", ["entry", "event"])
@pytest.mark.parametrize(
    ("cause", "sender", "end", "words"),
    [
        ("KICKED_OUT", CY, "removed", "Cy removed you"),
        ("KICKED_OUT", ME, "removed", "Somebody removed you"),
        ("MEMBER_LEFT", ME, "elsewhere", "Your account left it on another device"),
        ("SOMETHING", ME, "dropped", "dropped this device"),
    ],
)
def test_the_cause_of_our_going_is_read_wherever_it_stands(
    events: TableEvents, place: str, cause: str, sender: str, end: str, words: str
) -> None:
    properties = {"customProperties": {"leftEventCause": cause}}
    gone = entry(ME, "MOBILE_APP", **(properties if place == "entry" else {}))
    data = {"members": [gone], **(properties if place == "event" else {})}
    event_ = msgspec.structs.replace(event("v2:ps:members:deleted", data), from_account_id=sender)
    assert events.apply(event_) is TableChange.KICKED
    assert (events.end, words in events.reason) == (end, True)


def test_members_updated_are_whole_members(table: PartyTable, events: TableEvents) -> None:
    whole = entry(BO, "PS5", onlineId="Bo", joinOrder=7)
    assert events.apply(event("v2:ps:members:updated", {"members": [whole]})) is TableChange.CHANGED
    assert [m.join_order for m in table.members if m.account_id == BO] == [7]


def test_the_party_ends_from_inside_too(events: TableEvents) -> None:
    assert events.apply(event("v2:partySession:deleted")) is TableChange.ENDED


def test_the_crown_is_on_one_device_only() -> None:
    made = PartyTable(PARTY, OwnDevice(ME, "MOBILE_APP"))
    made.snapshot(snapshot(entry(ME, "MOBILE_APP"), entry(ME, "PS5"), owner={"accountId": ME, "platform": "PS5"}))
    assert {m.peer for m in made.members if m.is_host} == {f"{ME}.PS5"}
    TableEvents(made).apply(event("v2:ps:owner:updated", {"owner": {"accountId": ME, "platform": "MOBILE_APP"}}))
    assert {m.peer for m in made.members if m.is_host} == {f"{ME}.MOBILE_APP"}


@pytest.mark.parametrize(
    "data", [{"owner": {"accountId": int(ME)}}, {"owner": ME}, {"members": [entry(ME)]}, {"leader": "Ada"}]
)
def test_the_crown_moves_in_whatever_shape_it_is_told(
    table: PartyTable, events: TableEvents, data: dict[str, Any]
) -> None:
    assert events.apply(event("v2:ps:owner:updated", data)) is TableChange.CHANGED
    assert {m.account_id: m.is_host for m in table.members} == {ME: True, CY: False}


def test_the_name_follows(table: PartyTable, events: TableEvents) -> None:
    assert events.apply(event("v2:ps:sessionName:updated", {"sessionName": "Morning"})) is TableChange.CHANGED
    assert table.name == "Morning"


def test_events_of_other_parties_and_unknown_ones_do_nothing(table: PartyTable, events: TableEvents) -> None:
    before = table.members
    for other in (
        event("v2:ps:members:deleted", {"members": [entry(CY)]}, session="another"),
        event("outside:v2:partySession:deleted", session="another"),
        event("v2:ps:something:new", {"members": [entry(CY)]}),
        event("v2:ps:members:deleted", {"members": "odd"}),
    ):
        assert events.apply(other) is TableChange.NOTHING
    assert table.members == before


def test_a_snapshot_keeps_what_it_does_not_say(table: PartyTable, events: TableEvents, wire: Wire) -> None:
    events.apply(of_wire(wire, "members-created"))
    events.apply(of_wire(wire, "custom-data4"))
    assert not table.snapshot(snapshot(entry(ME, "me"), entry(CY), entry(BO, "MOBILE_APP"), owner={"accountId": CY}))
    bo = next(member for member in table.members if member.account_id == BO)
    assert (bo.online_id, bo.muted) == ("Bo-Streams", True)


NAMES = ["members:created", "members:deleted", "owner:updated", "m:customData4:updated", "sessionName:updated"]
ENTRIES = st.lists(st.dictionaries(st.sampled_from(["accountId", "platform", "customData4"]), JSON))


@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(["members", "owner", "sessionName"]), JSON | ENTRIES))
def test_no_shape_of_an_event_breaks_the_table(name: str, data: dict[str, Any]) -> None:
    made = PartyTable(PARTY, OwnDevice(ME, "MOBILE_APP"))
    made.snapshot(snapshot(entry(ME, "MOBILE_APP")))
    TableEvents(made).apply(event(f"v2:ps:{name}", json.loads(json.dumps(data))))
    assert all(member.account_id.isdecimal() for member in made.members)


@pytest.mark.parametrize(
    ("sender", "properties", "words"),
    [
        (CY, {"onlineId": "Somebody"}, "Cy removed you"),
        (BO, {"onlineId": "Bo"}, "Bo removed you"),
        (BO, {}, f"{BO} removed you"),
    ],
)
def test_who_took_us_out_is_called_as_the_party_knows_them_or_as_the_event_says(
    events: TableEvents, sender: str, properties: dict[str, str], words: str
) -> None:
    data = {"members": [entry(ME, "MOBILE_APP")], "customProperties": {"from": properties}}
    events.apply(msgspec.structs.replace(event("v2:ps:members:deleted", data), from_account_id=sender))
    assert words in events.reason


def test_of_several_members_in_an_event_of_the_crown_the_first_one_has_it(
    table: PartyTable, events: TableEvents
) -> None:
    events.apply(event("v2:ps:owner:updated", {"members": [entry(ME, "MOBILE_APP"), entry(CY)]}))
    assert [member.account_id for member in table.members if member.is_host] == [ME]
