"""Each request and each message is offered or not, on purpose."""

from __future__ import annotations

import pytest

from common.api.rights import NEEDED, NOT_OFFERED, RIGHTS, TOPICS, allows
from common.messages import (
    MESSAGES,
    LevelsWanted,
    ListeningPages,
    PeerSignal,
    PushEvent,
    SignalRefused,
    TonePlays,
    Trying,
    WireFact,
)
from common.requests import REQUESTS
from workers.dashboard.state import WATCHED

OF_THE_WIRE = {PushEvent, PeerSignal, SignalRefused, Trying, WireFact}
"""Messages about Sony's wire, which hold addresses of members and are of no use to other programs."""
BETWEEN_WORKERS = {LevelsWanted, ListeningPages, TonePlays}
WITHIN = OF_THE_WIRE | BETWEEN_WORKERS


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


def test_a_right_includes_those_below_it() -> None:
    assert [[allows(right, needed) for needed in RIGHTS] for right in RIGHTS] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
