"""Each request and each message is offered or not, on purpose."""

from __future__ import annotations

import pytest

from common.api.rights import LASTING, MAY, NEEDED, NOT_OFFERED, OF_THE_PAGE, RIGHTS, TOPICS, allows
from common.files.paths import CHECKOUT
from common.messages import (
    MESSAGES,
    FarSound,
    LevelsWanted,
    ListeningPages,
    PeerSignal,
    PushEvent,
    SignalRefused,
    TonePlays,
    Trying,
    WebRtcListeners,
    WireFact,
)
from common.requests import REQUESTS
from workers.dashboard.state import WATCHED

OF_THE_WIRE = {PushEvent, PeerSignal, SignalRefused, Trying, WireFact}
"""Messages about Sony's wire, which hold addresses of members and are of no use to other programs."""
BETWEEN_WORKERS = {LevelsWanted, ListeningPages, TonePlays, WebRtcListeners}
OF_STATUS = {FarSound}
"""Of two machines, for `partyline status`. Levels and missing frames are in the mixer's state for everybody."""
WITHIN = OF_THE_WIRE | BETWEEN_WORKERS | OF_STATUS


def test_every_request_is_offered_or_not_with_a_reason() -> None:
    assert {*NEEDED, *NOT_OFFERED} == set(REQUESTS)
    assert not set(NEEDED) & set(NOT_OFFERED)


def test_every_message_may_be_subscribed_to_or_is_within() -> None:
    assert {*TOPICS, *WITHIN} == set(MESSAGES)


def test_the_dashboard_watches_every_topic_that_is_offered() -> None:
    assert set(TOPICS) <= set(WATCHED)


@pytest.mark.parametrize("name", ["SignIn", "SignOut", "AccessToken"])
def test_no_key_ever_reaches_the_account(name: str) -> None:
    assert name in {cls.__name__ for cls in NOT_OFFERED}


def test_what_is_asked_first_is_offered_and_said_in_a_sentence() -> None:
    assert set(LASTING) <= set(NEEDED)
    assert [words for words in LASTING.values() if not words.endswith(".")] == []
    assert {cls.__name__ for cls in LASTING} >= {"LeaveParty", "DeleteRecording"}


def test_what_the_page_may_besides_is_offered_to_no_key() -> None:
    assert set(OF_THE_PAGE) <= set(NOT_OFFERED)
    assert tuple(MAY) == RIGHTS


def test_the_notes_say_the_same_of_each_right() -> None:
    notes = (CHECKOUT / "notes/api.md").read_text("utf-8")
    assert [right for right, may in MAY.items() if f"| `{right}` | {may} |" not in notes] == []


def test_a_right_includes_those_below_it() -> None:
    assert [[allows(right, needed) for needed in RIGHTS] for right in RIGHTS] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
