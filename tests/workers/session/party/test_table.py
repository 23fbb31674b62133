from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.messages import PushEvent
from common.psn.party.customdata import CustomData4, encode4
from common.psn.party.push import PREFIX, read_frame
from common.psn.party.sessions import Party, read_party, read_view
from tests.common.psn.party.test_push import JSON
from workers.session.party.table import Outcome, PartyTable

Wire = Callable[[str], bytes]
PARTY = "f0f1f2f3-0001-4002-8003-a0a1a2a3a4a5"
ME = "1234567890123456789"
BO = "2345678901234567890"
CY = "3456789012345678901"


def event(name: str, data: dict[str, Any] | None = None, *, session: str = PARTY) -> PushEvent:
    return PushEvent(epoch="e", number=1, data_type=f"{PREFIX}{name}", session_id=session, data=data or {})


def entry(account: str, platform: str = "PS5", **more: Any) -> dict[str, Any]:
    return {"accountId": account, "platform": platform, **more}


def snapshot(*members: dict[str, Any], owner: Any = None, name: str = "Night") -> Party:
    party = read_party({"sessionId": PARTY, "sessionName": name, "owner": owner, "members": list(members)})
    assert party is not None
    return party


@pytest.fixture
def table() -> PartyTable:
    made = PartyTable(PARTY, ME, "MOBILE_APP")
    made.snapshot(snapshot(entry(ME, "MOBILE_APP", onlineId="Ada"), entry(CY, onlineId="Cy"), owner={"accountId": CY}))
    return made


def of_wire(wire: Wire, name: str) -> PushEvent:
    frame = read_frame(wire(f"push-{name}.json"))
    return PushEvent(epoch="e", number=1, data_type=frame.data_type, session_id=frame.session_id, data=frame.data)


def peers(table: PartyTable) -> set[str]:
    return {member.peer for member in table.members}


def test_a_snapshot_says_who_is_there_who_is_host_and_who_we_are(table: PartyTable) -> None:
    assert {(m.online_id, m.is_host, m.is_me) for m in table.members} == {("Ada", False, True), ("Cy", True, False)}
    assert table.has_me
    assert table.name == "Night"


def test_the_golden_events_bring_a_member_mute_it_and_take_it_away(table: PartyTable, wire: Wire) -> None:
    def bo() -> Any:
        return next((member for member in table.members if member.account_id == BO), None)

    assert table.apply(of_wire(wire, "members-created")) is Outcome.CHANGED
    assert (bo().online_id, bo().platform, bo().muted, bo().joined_at) == (
        "Bo-Streams",
        "MOBILE_APP",
        False,
        1771123972.189,
    )
    assert table.apply(of_wire(wire, "custom-data4")) is Outcome.CHANGED
    assert bo().muted is True
    assert table.apply(of_wire(wire, "custom-data3")) is Outcome.NOTHING
    assert table.apply(of_wire(wire, "members-deleted")) is Outcome.CHANGED
    assert bo() is None
    assert table.apply(of_wire(wire, "custom-data4")) is Outcome.NOTHING
    assert bo() is None
    assert table.apply(of_wire(wire, "party-deleted")) is Outcome.ENDED
    assert "LAST_MEMBER_LEFT" in table.reason


def test_the_same_event_twice_changes_nothing_more(table: PartyTable, wire: Wire) -> None:
    table.apply(of_wire(wire, "members-created"))
    assert table.apply(of_wire(wire, "members-created")) is Outcome.NOTHING


def test_the_events_of_2020_are_understood_too(table: PartyTable) -> None:
    assert table.apply(event("pts:members:created", {"members": [entry(BO, "PS4")]})) is Outcome.CHANGED
    muted = encode4(CustomData4(fields=("", "", "1", "0", "6.2.0", "1")))
    assert (
        table.apply(event("pts:m:customData4:updated", {"members": [entry(BO, "PS4", customData4=muted)]}))
        is Outcome.CHANGED
    )
    assert f"{BO}.PS4" in peers(table)


def test_one_account_on_two_devices_is_two_members(table: PartyTable) -> None:
    table.apply(event("v2:ps:members:created", {"members": [entry(ME, "PS5")]}))
    assert {f"{ME}.MOBILE_APP", f"{ME}.PS5"} <= peers(table)
    assert table.apply(event("v2:ps:members:deleted", {"members": [entry(ME, "PS5")]})) is Outcome.CHANGED
    assert table.has_me


def test_our_own_entry_deleted_means_kicked(table: PartyTable) -> None:
    assert table.apply(event("v2:ps:members:deleted", {"members": [entry(int(ME), "MOBILE_APP")]})) is Outcome.KICKED  # type: ignore[arg-type]
    assert not table.has_me
    assert table.end == "dropped"


def test_who_took_us_out_is_named_and_ourselves_are_not() -> None:
    for sender, words in ((CY, "Cy took you out"), (ME, "PlayStation dropped"), ("", "dropped this device")):
        made = PartyTable(PARTY, ME, "MOBILE_APP")
        made.snapshot(snapshot(entry(ME, "MOBILE_APP", onlineId="Ada"), entry(CY, onlineId="Cy")))
        gone = event("v2:ps:members:deleted", {"members": [entry(ME, "MOBILE_APP")]})
        made.apply(msgspec.structs.replace(gone, from_account_id=sender))
        assert words in made.reason
        assert made.end == ("removed" if sender == CY else "dropped")


@pytest.mark.parametrize("place", ["entry", "event"])
@pytest.mark.parametrize(
    ("cause", "sender", "end", "words"),
    [
        ("KICKED_OUT", CY, "removed", "Cy took you out"),
        ("KICKED_OUT", ME, "removed", "you were taken out of it"),
        ("MEMBER_LEFT", ME, "elsewhere", "your account left it elsewhere"),
        ("SOMETHING", ME, "dropped", "dropped this device"),
    ],
)
def test_the_cause_of_our_going_is_read_wherever_it_stands(
    table: PartyTable, place: str, cause: str, sender: str, end: str, words: str
) -> None:
    properties = {"customProperties": {"leftEventCause": cause}}
    gone = entry(ME, "MOBILE_APP", **(properties if place == "entry" else {}))
    data = {"members": [gone], **(properties if place == "event" else {})}
    event_ = msgspec.structs.replace(event("v2:ps:members:deleted", data), from_account_id=sender)
    assert table.apply(event_) is Outcome.KICKED
    assert (table.end, words in table.reason) == (end, True)


def test_the_golden_view_says_who_was_there_first_and_with_which_app(wire: Wire) -> None:
    party = read_view(json.loads(wire("view.response.json")), PARTY.upper())
    made = PartyTable(PARTY, ME, "MOBILE_APP")
    assert party is not None
    made.snapshot(party)
    assert [(m.online_id, m.join_order, m.app_version, m.is_host, m.is_me) for m in made.members] == [
        ("Cleo_PS5", 1, "6.2.0", True, False),
        ("Bo-Streams", 2, "6.2.0", False, False),
        ("Ada-Plays", 3, "6.2.0", False, True),
    ]
    assert (made.open, made.members[0].joined_at) == (True, 1771123960.0)


def test_members_updated_are_whole_members(table: PartyTable) -> None:
    whole = entry(BO, "PS5", onlineId="Bo", joinOrder=7)
    assert table.apply(event("v2:ps:members:updated", {"members": [whole]})) is Outcome.CHANGED
    assert [m.join_order for m in table.members if m.account_id == BO] == [7]


def test_the_party_ends_from_inside_too(table: PartyTable) -> None:
    assert table.apply(event("v2:partySession:deleted")) is Outcome.ENDED


def test_the_crown_is_on_one_device_only() -> None:
    made = PartyTable(PARTY, ME, "MOBILE_APP")
    made.snapshot(snapshot(entry(ME, "MOBILE_APP"), entry(ME, "PS5"), owner={"accountId": ME, "platform": "PS5"}))
    assert {m.peer for m in made.members if m.is_host} == {f"{ME}.PS5"}
    made.apply(event("v2:ps:owner:updated", {"owner": {"accountId": ME, "platform": "MOBILE_APP"}}))
    assert {m.peer for m in made.members if m.is_host} == {f"{ME}.MOBILE_APP"}


@pytest.mark.parametrize(
    "data", [{"owner": {"accountId": int(ME)}}, {"owner": ME}, {"members": [entry(ME)]}, {"leader": "Ada"}]
)
def test_the_crown_moves_in_whatever_shape_it_is_told(table: PartyTable, data: dict[str, Any]) -> None:
    assert table.apply(event("v2:ps:owner:updated", data)) is Outcome.CHANGED
    assert {m.account_id: m.is_host for m in table.members} == {ME: True, CY: False}


def test_the_name_follows(table: PartyTable) -> None:
    assert table.apply(event("v2:ps:sessionName:updated", {"sessionName": "Morning"})) is Outcome.CHANGED
    assert table.name == "Morning"


def test_events_of_other_parties_and_unknown_ones_do_nothing(table: PartyTable) -> None:
    before = table.members
    for other in (
        event("v2:ps:members:deleted", {"members": [entry(CY)]}, session="another"),
        event("outside:v2:partySession:deleted", session="another"),
        event("v2:ps:something:new", {"members": [entry(CY)]}),
        event("v2:ps:members:deleted", {"members": "odd"}),
    ):
        assert table.apply(other) is Outcome.NOTHING
    assert table.members == before


def test_a_snapshot_keeps_what_it_does_not_say(table: PartyTable, wire: Wire) -> None:
    table.apply(of_wire(wire, "members-created"))
    table.apply(of_wire(wire, "custom-data4"))
    assert not table.snapshot(snapshot(entry(ME, "me"), entry(CY), entry(BO, "MOBILE_APP"), owner={"accountId": CY}))
    bo = next(member for member in table.members if member.account_id == BO)
    assert (bo.online_id, bo.muted) == ("Bo-Streams", True)


def test_members_without_a_name_are_known_and_can_be_named(table: PartyTable) -> None:
    table.snapshot(snapshot(entry(ME, "MOBILE_APP"), entry(BO)))
    assert table.nameless == [BO]
    assert table.name_members({BO: "Bo", "9": "Nobody"})
    assert table.nameless == []
    assert not table.name_members({BO: "Bo"})


def test_what_was_remembered_is_restored_as_it_was(table: PartyTable) -> None:
    again = PartyTable(PARTY, ME, "MOBILE_APP")
    again.restore(table.name, table.members)
    assert again.members == table.members
    again.apply(event("v2:ps:members:created", {"members": [entry(BO)]}))
    assert [m.account_id for m in again.members if m.is_host] == [CY]


NAMES = ["members:created", "members:deleted", "owner:updated", "m:customData4:updated", "sessionName:updated"]
ENTRIES = st.lists(st.dictionaries(st.sampled_from(["accountId", "platform", "customData4"]), JSON))


@given(st.sampled_from(NAMES), st.dictionaries(st.sampled_from(["members", "owner", "sessionName"]), JSON | ENTRIES))
def test_no_shape_of_an_event_breaks_the_table(name: str, data: dict[str, Any]) -> None:
    made = PartyTable(PARTY, ME, "MOBILE_APP")
    made.snapshot(snapshot(entry(ME, "MOBILE_APP")))
    made.apply(event(f"v2:ps:{name}", json.loads(json.dumps(data))))
    assert all(member.account_id.isdecimal() for member in made.members)
