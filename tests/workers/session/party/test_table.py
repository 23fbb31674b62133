from __future__ import annotations

import json

import pytest

from common.psn.party.customdata import CustomData4, encode4
from common.psn.party.sessions import read_members, read_view
from tests.workers.session.party.made import BO, CY, ME, PARTY, Wire, a_table, entry, snapshot
from workers.session.party.own_device import OwnDevice
from workers.session.party.table import PartyTable


@pytest.fixture
def table() -> PartyTable:
    return a_table()


def test_a_snapshot_says_who_is_there_who_is_host_and_who_we_are(table: PartyTable) -> None:
    assert {(m.online_id, m.is_host, m.is_me) for m in table.members} == {("Ada", False, True), ("Cy", True, False)}
    assert table.has_me
    assert table.name == "Night"


def test_the_golden_view_says_who_was_there_first_and_with_which_app(wire: Wire) -> None:
    party = read_view(json.loads(wire("view.response.json")), PARTY.upper())
    made = PartyTable(PARTY, OwnDevice(ME, "MOBILE_APP"))
    assert party is not None
    made.snapshot(party)
    assert [(m.online_id, m.join_order, m.app_version, m.is_host, m.is_me) for m in made.members] == [
        ("Cleo_PS5", 1, "6.2.0", True, False),
        ("Bo-Streams", 2, "6.2.0", False, False),
        ("Ada-Plays", 3, "6.2.0", False, True),
    ]
    assert (made.open, made.members[0].joined_at) == (True, 1771123960.0)


def test_members_without_a_name_are_known_and_can_be_named(table: PartyTable) -> None:
    table.snapshot(snapshot(entry(ME, "MOBILE_APP"), entry(BO)))
    assert table.nameless == [BO]
    assert table.add_names({BO: "Bo", "9": "Nobody"})
    assert table.nameless == []
    assert not table.add_names({BO: "Bo"})


def test_what_was_remembered_is_restored_as_it_was(table: PartyTable) -> None:
    again = PartyTable(PARTY, OwnDevice(ME, "MOBILE_APP"))
    again.restore(table.name, table.members)
    assert again.members == table.members
    again.merge(read_members([entry(BO)]))
    assert [m.account_id for m in again.members if m.is_host] == [CY]


def test_a_partial_entry_adds_nobody_and_a_complete_one_removes_nobody(table: PartyTable) -> None:
    table.update(read_members([entry(BO)]))
    assert {member.account_id for member in table.members} == {ME, CY}
    table.merge(read_members([entry(BO)]))
    assert {member.account_id for member in table.members} == {ME, CY, BO}


def test_our_own_entry_is_told_from_that_of_our_console(table: PartyTable) -> None:
    table.merge(read_members([entry(ME, "PS5")]))
    assert table.remove(read_members([entry(ME, "PS5")])) is None
    assert table.has_me
    gone = table.remove(read_members([entry(ME, "MOBILE_APP")]))
    assert (gone is not None, table.has_me) == (True, False)


def test_a_member_of_whom_only_the_account_is_known_has_no_time_and_no_place(table: PartyTable) -> None:
    table.merge(read_members([{"accountId": BO, "platform": "PS5"}]))
    (bo,) = [member for member in table.members if member.account_id == BO]
    assert (bo.joined_at, bo.join_order, bo.online_id, bo.app_version) == (0.0, 0, "", "")


@pytest.mark.parametrize(
    ("owner", "host"),
    [
        (("", "", "Bo"), BO),
        (("", "", ""), CY),  # nobody is named: the crown stays, though Bo's name is not known
        (("", "", "Nobody"), CY),
        ((BO, "PS5", ""), BO),
        ((BO, "PS4", ""), BO),  # none of his devices, so any of them
    ],
)
def test_the_crown_moves_to_whom_account_or_name_say(table: PartyTable, owner: tuple[str, str, str], host: str) -> None:
    table.merge(read_members([entry(BO, onlineId="Bo" if owner[2] else "")]))
    table.set_owner(*owner)
    assert [member.account_id for member in table.members if member.is_host] == [host]


def test_a_version_that_a_member_reports_is_cut_at_20_characters(table: PartyTable) -> None:
    reported = encode4(CustomData4(fields=("", "", "1", "0", "123456789.123456789.123456789.")))
    table.merge(read_members([entry(BO, customData4=reported)]))
    assert [member.app_version for member in table.members if member.account_id == BO] == ["123456789.123456789."]
