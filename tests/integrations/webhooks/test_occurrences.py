"""From two looks at the API's topics to events: what happened, once, and nothing that did not."""

from __future__ import annotations

from typing import Any

import pytest

from common.config.integration_tables import SPEECH_EVENTS, Webhook
from integrations.webhooks.observed import PartyObservation, observe
from integrations.webhooks.occurrences import HookEvent, carried, occurrences, wants


def party(*names: str, phase: str = "joined", session: str = "s-1", **more: Any) -> dict[str, Any]:
    members = [
        {"account_id": "1", "platform": "MOBILE_APP", "online_id": "me", "is_me": True},
        *({"account_id": f"9{name}", "platform": "PS5", "online_id": name} for name in names),
    ]
    return {"party.state/": {"phase": phase, "session_id": session, "name": "Raid", "members": members, **more}}


def following(state: str, name: str = "", **more: Any) -> dict[str, Any]:
    return {"party.following/": {"state": state, "online_id": name, **more}}


NONE = {"party.state/": {"phase": "none", "reason": "You left."}}
IDLE = {"recording/": {"state": "idle"}}
RUNS = {"recording/": {"state": "recording", "folder": "/Users/ann/recordings/1-raid", "seconds": 3.0}}
ENDED = {
    "recording/": {
        "state": "stopped", "folder": "/Users/ann/recordings/1-raid", "seconds": 61.24, "detail": "the disk is full",
    }
}  # fmt: skip
PROBLEM = {
    "worker": "audio", "code": "audio.no-device", "message": "There is no device.", "remedy": "Plug one in.",
    "severity": "error", "count": 1, "at": 1.0,
}  # fmt: skip


def happened(before: dict[str, Any], after: dict[str, Any]) -> list[HookEvent]:
    was = observe(before)
    return occurrences(was, carried(was, observe(after)), 1000.0)


@pytest.mark.parametrize(("before", "after", "told"), [
    (NONE, party("bo"), {"party.joined": "Joined the party “Raid”."}),
    (party("bo"), NONE, {"party.left": "Left the party “Raid”: You left."}),
    (party("bo"), party("bo", phase="leaving"), {}),
    (NONE, party("bo", phase="joining"), {}),
    (party("bo"), party("cy", session="s-2"),
     {"party.left": "Left the party “Raid”.", "party.joined": "Joined the party “Raid”."}),
    (party("bo"), party("bo", "cy"), {"member.joined": "cy joined."}),
    (party("bo", "cy"), party("cy"), {"member.left": "bo left."}),
    (party("bo"), party("bo", name="Other"), {}),
    (party(members_known=False), party("bo"), {}),
    (party("bo"), party(members_known=False), {}),
    ({}, party("bo"), {}),
    (party("bo"), {}, {}),
    (IDLE, RUNS, {"recording.started": "A recording began."}),
    (RUNS, ENDED, {"recording.stopped": "The recording ended after 61 s: the disk is full."}),
    (RUNS, {"recording/": {**RUNS["recording/"], "seconds": 9}}, {}),
    (RUNS, {"recording/": {**RUNS["recording/"], "folder": "/x/2"}},
     {"recording.stopped": "The recording ended after 3 s.", "recording.started": "A recording began."}),
    ({}, RUNS, {}),
    (RUNS, {}, {}),
    ({"clip/": {"folder": "/c/1"}}, {"clip/": {"folder": "/c/2"}}, {"clip.saved": "A clip was saved."}),
    ({"clip/": {"folder": "/c/1"}}, {"clip/": {"folder": ""}}, {}),
    ({"clip/": {"folder": "/c/1"}}, {"clip/": {"folder": "/c/1", "kept_s": 5}}, {}),
    ({}, {"problem/audio.x": PROBLEM}, {"problem.opened": "There is no device. Plug one in."}),
    ({"problem/audio.x": PROBLEM}, {"problem/audio.x": {**PROBLEM, "count": 2}}, {}),
    ({"problem/audio.x": PROBLEM}, {}, {"problem.closed": "Over: There is no device."}),
    (following("looking", "bo"), following("with", "bo"), {"follow.changed": "In the party of bo."}),
    (following("with", "bo"), following("off"), {"follow.changed": "Nobody is followed."}),
    (following("off"), following("off", detail="x"), {}),
])  # fmt: skip
def test_what_happened_is_told_once(before: dict, after: dict, told: dict[str, str]) -> None:
    assert {event.type: event.words for event in happened(before, after)} == told


def test_the_data_of_a_member_and_of_a_party() -> None:
    (event,) = happened(party("bo"), party("bo", "cy"))
    member = {"account_id": "9cy", "platform": "PS5", "name": "cy"}
    assert event.data == {"member": member, "party": "Raid", "members": 2}
    assert (event.at, event.names) == (1000.0, ("9cy", "cy"))
    (event,) = happened(NONE, party("cy"))
    assert event.data == {"party": "Raid", "members": [member]}
    assert event.names == ()


def test_the_path_of_a_recording_is_not_told() -> None:
    """It names the user of this machine."""
    (event,) = happened(RUNS, ENDED)
    assert event.data == {
        "folder": "1-raid", "seconds": 61.2, "size_bytes": 0, "marks": 0, "detail": "the disk is full",
    }  # fmt: skip
    assert "ann" not in repr(
        [event, *happened(IDLE, RUNS), *happened({"clip/": {"folder": ""}}, {"clip/": {"folder": "/Users/ann/c"}})]
    )


def test_what_is_not_known_for_a_while_is_as_it_was() -> None:
    """A dashboard that was restarted has no topics at first."""
    was = observe({**party("bo"), **RUNS})
    assert carried(was, PartyObservation()) == was
    moved = carried(was, observe(party(session="s-2", members_known=False)))
    assert moved.members is None, "members of another party are unknown"


def test_nothing_has_happened_before_the_first_look() -> None:
    everything = observe({**party("bo"), **RUNS, "problem/x": PROBLEM, "clip/": {"folder": "c"}, **following("off")})
    assert occurrences(PartyObservation(), everything, 0.0) == []
    assert occurrences(everything, PartyObservation(), 0.0) == []


def test_a_member_without_a_name_is_called_by_the_account() -> None:
    topics = party("bo")
    topics["party.state/"]["members"].append({"account_id": "77", "platform": "PS4"})
    (event,) = happened(party("bo"), topics)
    assert event.words == "77 joined."


EVENT = HookEvent("member.joined", 1.0, {}, "", ("900", "Bo-Streams"))
SPEECH = HookEvent("speech.started", 1.0, {}, "", ("900", "Bo-Streams"))
OF_NOBODY = HookEvent("recording.started", 1.0, {}, "")


@pytest.mark.parametrize(("hook", "wanted"), [
    ({}, [EVENT, OF_NOBODY]),
    ({"events": SPEECH_EVENTS}, [SPEECH]),
    ({"events": ("member.joined", "speech.started"), "members": ("bo-streams",)}, [EVENT, SPEECH]),
    ({"members": ("900",)}, [EVENT, OF_NOBODY]),
    ({"members": ("cy",)}, [OF_NOBODY]),
])  # fmt: skip
def test_a_webhook_is_sent_what_it_asks_for(hook: dict[str, Any], wanted: list[HookEvent]) -> None:
    """Without being asked for, who speaks when is sent to nobody."""
    chosen = Webhook(url="http://hook.invalid/x", **hook)
    assert [event for event in (EVENT, SPEECH, OF_NOBODY) if wants(chosen, event)] == wanted
