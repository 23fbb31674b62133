"""Whose entities stay, and for how long."""

from __future__ import annotations

from integrations.mqtt.member_roster import MemberRoster


def test_entities_stay_for_a_while_after_somebody_left() -> None:
    roster = MemberRoster((), grace_s=60)
    roster.update({"1": "Bo", "2": "Cy"}, 0)
    assert roster.next_removal() is None
    roster.update({"2": "Cy"}, 10)
    assert roster.names == {"1": "Bo", "2": "Cy"}
    assert roster.next_removal() == 70
    roster.update({"2": "Cy"}, 69.9)
    assert "1" in roster.names
    roster.update({"2": "Cy"}, 70)
    assert roster.names == {"2": "Cy"}
    assert roster.next_removal() is None


def test_who_left_is_found_whoever_stands_before_them() -> None:
    roster = MemberRoster(())
    roster.update({"1": "Bo", "2": "Cy"}, 0)
    roster.update({"1": "Bo"}, 10)
    assert roster.next_removal() == 70, "a minute"
    roster.update({"1": "Bo"}, 70)
    assert roster.names == {"1": "Bo"}


def test_who_comes_back_in_time_has_the_same_entities() -> None:
    roster = MemberRoster((), grace_s=60)
    for at, here in ((0, {"1": "Bo"}), (10, {}), (30, {"1": "Bo-new"}), (75, {"1": "Bo-new"}), (80, {}), (139, {})):
        roster.update(here, at)
        assert set(roster.names) == {"1"}
    assert roster.names == {"1": "Bo-new"}
    assert roster.next_removal() == 140


def test_regulars_stay_by_name_or_account() -> None:
    roster = MemberRoster(("BO", "2"), grace_s=60)
    roster.update({"1": "bo", "2": "Cy", "3": "Di"}, 0)
    roster.update({}, 10)
    roster.update({}, 1000)
    assert roster.names == {"1": "bo", "2": "Cy"}
    assert roster.next_removal() is None


def test_of_an_earlier_run_only_regulars_stay() -> None:
    roster = MemberRoster(("bo",))
    assert roster.adopt("1", "Bo")
    assert not roster.adopt("2", "Cy")
    roster.update({"2": "Cy"}, 0)
    assert roster.adopt("2", "Cy"), "who is here stays"
    assert roster.names == {"1": "Bo", "2": "Cy"}
