"""Which addresses there are, and what each means."""

from __future__ import annotations

from integrations.osc.address_table import OF_A_TALKER, STRIPS
from integrations.osc.incoming.directory import MOST_PATTERNS, Directory
from tests.integrations.osc.made import talker

BO, CLEO = talker(1, name="Bo"), talker(2, name="Cleo")


def directory(*talkers) -> Directory:
    made = Directory()
    made.update(talkers)
    return made


def peers(found) -> list[str]:
    return [slot.peer for slots in found.values() for slot in slots]


def test_a_talker_has_three_addresses_for_each_thing() -> None:
    desk = directory(BO, CLEO)
    for stem in ("talker/2", "name/Cleo", "account/1002"):
        for one in OF_A_TALKER:
            (slot,) = desk.find(f"/partyline/{stem}/{one.path}")[f"/partyline/{stem}/{one.path}"]
            assert (slot.about, slot.peer, slot.is_empty) == (one, CLEO.peer, False)


def test_a_place_that_nobody_has_is_empty_but_known() -> None:
    found = directory(BO).find(f"/partyline/talker/{STRIPS}/mute")
    assert [slot.is_empty for slots in found.values() for slot in slots] == [True]
    assert directory(BO).find(f"/partyline/talker/{STRIPS + 1}/mute") == {}


def test_a_place_beyond_the_strips_is_there_while_somebody_has_it() -> None:
    assert peers(directory(talker(STRIPS + 1)).find(f"/partyline/talker/{STRIPS + 1}/mute")) == ["1017.PS5"]


def test_who_left_has_no_address_any_more() -> None:
    desk = directory(BO, CLEO)
    assert desk.find("/partyline/*/Cleo/mute")
    desk.update((BO,))
    assert desk.find("/partyline/name/Cleo/mute") == {}
    assert desk.find("/partyline/*/Cleo/mute") == {}


def test_one_account_on_two_devices_is_one_name() -> None:
    desk = directory(BO, talker(2, name="Bo", account_id=BO.account_id, peer="1001.MOBILE_APP"))
    assert peers(desk.find("/partyline/name/Bo/mute")) == [BO.peer, "1001.MOBILE_APP"]
    assert peers(desk.find("/partyline/talker/2/mute")) == ["1001.MOBILE_APP"]


def test_a_pattern_finds_all_that_it_matches() -> None:
    found = directory(BO, CLEO).find("/partyline/talker/[1-3]/mute")
    assert list(found) == [f"/partyline/talker/{place}/mute" for place in (1, 2, 3)]
    assert peers(found) == [BO.peer, CLEO.peer, ""]


def test_patterns_without_number_are_not_all_remembered() -> None:
    desk = directory(BO)
    for number in range(5 * MOST_PATTERNS):
        desk.find(f"/partyline/{number}/*")
    assert len(desk._found) <= MOST_PATTERNS


def test_what_is_not_there_is_nothing() -> None:
    assert directory().find("/1/fader1") == {}
    assert directory().find("") == {}
