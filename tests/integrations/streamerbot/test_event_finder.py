"""What happened between two states of the party."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from integrations.client.member_voices import MemberVoice
from integrations.streamerbot.event_finder import EventFinder

NAMES = ("Bo", "Cy", "Di")


def voice(name: str, *, speaking: bool = False, level_db: float | None = None) -> MemberVoice:
    place = NAMES.index(name) + 1
    return MemberVoice(f"{place}.PS5", str(place), name, place, speaking=speaking, level_db=level_db)


def topics(phase: str = "joined", recording: str = "idle") -> dict[str, Any]:
    return {"party.state/": {"phase": phase, "name": "Raid"}, "recording/": {"state": recording}}


def test_the_first_state_is_no_event() -> None:
    assert EventFinder().find(topics(recording="recording"), [voice("Bo", speaking=True)]) == []


def test_who_comes_speaks_and_goes() -> None:
    finder = EventFinder()
    finder.find(topics(), [])
    joined, speaks = finder.find(topics(), [voice("Bo", speaking=True, level_db=-20.16)])
    assert (joined.name, speaks.name) == ("joined", "speaks")
    assert speaks.args == {
        "event": "speaks", "party": "Raid", "members": 1, "user": "Bo", "peer": "1.PS5", "accountId": "1", "place": 1,
        "isMe": False, "speaking": True, "level": -20.2,
    }  # fmt: skip
    assert finder.find(topics(), [voice("Bo", speaking=True)]) == []
    (silent,) = finder.find(topics(), [voice("Bo")])
    assert (silent.name, silent.args["speaking"], silent.args["level"]) == ("silent", False, -120.0)
    finder.find(topics(), [voice("Bo", speaking=True)])
    assert [one.name for one in finder.find(topics(), [])] == ["silent", "left"]


def test_the_party_and_the_recording() -> None:
    finder = EventFinder()
    finder.find({}, [])
    assert [one.name for one in finder.find(topics(), [voice("Cy")])] == ["party_joined", "joined"]
    (started,) = finder.find(topics(recording="recording"), [voice("Cy")])
    assert (started.name, dict(started.args)) == (
        "recording_started", {"event": "recording_started", "party": "Raid", "members": 1}
    )  # fmt: skip
    assert [one.name for one in finder.find(topics(recording="stopped"), [voice("Cy")])] == ["recording_stopped"]
    assert [one.name for one in finder.find(topics("none"), [])] == ["left", "party_left"]


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), st.booleans()), max_size=12))
def test_events_add_up_to_the_state(states: list[dict[str, bool]]) -> None:
    finder = EventFinder()
    finder.find(topics(), [])
    here: set[object] = set()
    speaking: set[object] = set()
    for state in states:
        for event in finder.find(topics(), [voice(name, speaking=speaks) for name, speaks in state.items()]):
            group = here if event.name in {"joined", "left"} else speaking
            user = event.args["user"]
            assert (user in group) is (event.name in {"left", "silent"})
            group ^= {user}
        assert here == set(state)
        assert speaking == {name for name, speaks in state.items() if speaks}
