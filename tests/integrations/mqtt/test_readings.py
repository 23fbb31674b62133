"""What is published of a party."""

from __future__ import annotations

import pytest

from integrations.mqtt.readings import LONGEST_TEXT, MemberReading, member_state, members, party_state, speaking_peers
from tests.integrations.mqtt.example import BO, CY, in_party, member, speaks

PROBLEM = {"worker": "audio", "code": "audio.no-device", "message": "No device.", "remedy": "Plug one in."}


def test_nothing_is_known_yet() -> None:
    assert party_state({}, "", speech=True) == {
        "in_party": False, "party": None, "members": 0, "speaking": False, "loudest": None, "recording": False,
        "recording_s": 0, "problem": False, "problems": [], "following": None, "gain_db": 0.0, "delay_ms": 0.0,
    }  # fmt: skip
    assert members({}) == {}


def test_a_party() -> None:
    topics = in_party(**speaks(BO, "Bo-Streams"), **speaks(CY, "Cleo_99", "PS4", speaking=False))
    topics["recording/"] = {"state": "recording", "seconds": 59.9}
    topics["party.following/"] = {"state": "with", "online_id": "Bo-Streams"}
    assert party_state(topics, f"{BO}.PS5", speech=True) == {
        "in_party": True, "party": "Friday raid", "members": 2, "speaking": True, "loudest": "Bo-Streams",
        "recording": True, "recording_s": 50, "problem": False, "problems": [], "following": "Bo-Streams",
        "gain_db": -3.0, "delay_ms": 120.0,
    }  # fmt: skip
    assert speaking_peers(topics) == {f"{BO}.PS5": "Bo-Streams"}


def test_who_speaks_is_not_told_without_speech() -> None:
    topics = in_party(**speaks(BO, "Bo-Streams"))
    assert {"speaking", "loudest"} & set(party_state(topics, f"{BO}.PS5", speech=False)) == set()
    assert "speaking" not in member_state(members(topics)[BO], speech=False)
    assert "Bo-Streams" not in repr(party_state(topics, f"{BO}.PS5", speech=False))


@pytest.mark.parametrize(("severity", "is_one"), [("note", False), ("warning", True), ("error", True)])
def test_a_note_is_no_problem_but_is_told(severity: str, is_one: bool) -> None:
    found = party_state(in_party(**{"problem/x": {**PROBLEM, "severity": severity}}), "", speech=True)
    assert (found["problem"], found["problems"]) == (is_one, ["No device. Plug one in."])


def test_the_length_of_an_ended_recording_is_0() -> None:
    topics = in_party(**{"recording/": {"state": "stopped", "seconds": 100.0}})
    assert party_state(topics, "", speech=True)["recording_s"] == 0


def test_a_member_on_two_consoles_is_one() -> None:
    topics = in_party(member(BO, "Bo"), member(BO, "Bo", "PS4"), **speaks(BO, "Bo", "PS4"))
    topics["audio.mixer/"]["talkers"] = [
        {"peer": f"{BO}.PS5", "gain_db": -6.0, "muted": True}, {"peer": f"{BO}.PS4", "gain_db": 0.0, "muted": False},
    ]  # fmt: skip
    topics[f"peer.state/{BO}.PS4"] = {"connection": "connected"}
    assert members(topics) == {
        BO: MemberReading(
            account=BO, name="Bo", peers=(f"{BO}.PS5", f"{BO}.PS4"), connected=True, speaking=True, muted=False,
            gain_db=-6.0,
        )
    }  # fmt: skip
    topics["audio.mixer/"]["talkers"][1]["muted"] = True
    assert members(topics)[BO].muted


def test_who_has_no_account_has_no_topic() -> None:
    """Account ids stand in topics, and the bridge is no member."""
    odd = (member("bridge", "the bridge"), member("+", "x"), member("1/2", "y"), member("#", "z"), member("", "e"))
    assert members(in_party(*odd)) == {}


def test_a_party_that_was_left_has_no_members() -> None:
    topics = in_party()
    topics["party.state/"]["phase"] = "none"
    assert members(topics) == {}
    assert party_state(topics, "", speech=True)["party"] is None


def test_names_are_no_longer_than_home_assistant_takes() -> None:
    assert len(members(in_party(member(BO, "x" * 1000)))[BO].name) == LONGEST_TEXT


def test_somebody_who_is_not_here() -> None:
    assert member_state(None, speech=True) == {
        "present": False, "connected": False, "speaking": False, "muted": False, "gain_db": 0.0,
    }  # fmt: skip
