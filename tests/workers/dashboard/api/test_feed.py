"""The feed of changes: numbers, what is kept, and what a subscription wants."""

from __future__ import annotations

import json

import pytest

from common.api.frames import Since, Subscribe
from common.errors import PartylineError
from common.messages import Levels, Recording, Speaking
from workers.dashboard.api.feed import BY_TOPIC, KEPT, KEPT_BYTES, EventSubscription, Feed, event_frame, named

BO, CY = "1001.PS5", "1002.PS4"


def speaks(account: str, platform: str) -> Speaking:
    return Speaking(account_id=account, platform=platform, speaking=True, at=1.0)


def filled(count: int) -> Feed:
    feed = Feed("r")
    for _ in range(count):
        feed.record("recording/", Recording(state="idle"))
    return feed


def test_a_change_is_one_frame_with_its_number() -> None:
    feed = Feed("r")
    feed.record("recording/", Recording(state="idle"))
    change = feed.record(f"peer.speaking/{BO}", None)
    assert json.loads(change.frame) == {"op": "event", "number": 2, "topic": f"peer.speaking/{BO}", "message": None}
    assert json.loads(event_frame("audio.levels/", Levels(talkers={}, mix=-3.0), None))["number"] is None


@pytest.mark.parametrize(("since", "wanted"), [
    (Since(run="r", number=3), [4, 5]),
    (Since(run="r", number=5), []),
    (Since(run="r", number=0), [1, 2, 3, 4, 5]),
    (Since(run="r", number=6), None),
    (Since(run="old", number=3), None),
    (None, None),
])  # fmt: skip
def test_who_comes_back_gets_what_was_missed(since: Since | None, wanted: list[int] | None) -> None:
    missed = filled(5).since(since)
    assert (None if missed is None else [change.number for change in missed]) == wanted


def test_after_too_long_there_is_only_a_snapshot() -> None:
    feed = filled(KEPT + 10)
    assert feed.since(Since(run="r", number=9)) is None
    missed = feed.since(Since(run="r", number=10))
    assert missed is not None
    assert len(list(missed)) == KEPT


@pytest.mark.parametrize(("topics", "members", "topic", "wanted"), [
    ((), (), "recording/", True),
    ((), (), "audio.levels/", False),
    (("audio.levels",), (), "audio.levels/", True),
    (("recording",), (), f"peer.speaking/{BO}", False),
    ((), ("1001",), f"peer.speaking/{BO}", True),
    ((), (BO,), f"peer.speaking/{BO}", True),
    ((), ("1001.PS4",), f"peer.speaking/{BO}", False),
    ((), ("1002",), f"peer.state/{BO}", False),
    ((), ("1002",), "party.state/", True),
])  # fmt: skip
def test_a_subscription_is_by_topic_and_by_member(
    topics: tuple[str, ...], members: tuple[str, ...], topic: str, wanted: bool
) -> None:
    assert EventSubscription.of(Subscribe(id=1, topics=topics, members=members)).wants(topic) == wanted


def test_levels_are_cut_to_the_members() -> None:
    levels = Levels(talkers={BO: -10.0, CY: -20.0}, mix=-3.0)
    everybody = EventSubscription.of(Subscribe(id=1, topics=("audio.levels",)))
    one = EventSubscription.of(Subscribe(id=1, topics=("audio.levels",), members=("1002",)))
    assert everybody.levels(levels) is levels
    assert one.levels(levels) == Levels(talkers={CY: -20.0}, mix=-3.0)
    assert everybody.wants_levels
    assert not EventSubscription.of(Subscribe(id=1)).wants_levels


def test_long_changes_are_kept_up_to_a_size() -> None:
    feed = Feed("r")
    for _ in range(100):
        feed.record("recording/", Recording(state="idle", folder="x" * (KEPT_BYTES // 10)))
    missed = feed.since(Since(run="r", number=92)) or []
    assert len(missed) == 8
    assert feed.since(Since(run="r", number=80)) is None


@pytest.mark.parametrize(("texts", "topics"), [
    ((), set(BY_TOPIC) - {"audio.levels"}),
    (("",), set(BY_TOPIC) - {"audio.levels"}),
    (("recording, party.state",), {"recording", "party.state"}),
    (("recording", "audio.levels"), {"recording", "audio.levels"}),
])  # fmt: skip
def test_topics_may_be_named_in_one_text_or_several(texts: tuple[str, ...], topics: set[str]) -> None:
    assert named(texts).topics == topics


@pytest.mark.parametrize("words", ["peer.signal", "Recording", "recording,nonsense", "recording,,", ","])
def test_an_unknown_topic_is_refused_with_those_there_are(words: str) -> None:
    with pytest.raises(PartylineError) as refused:
        named([words])
    assert "peer.speaking" in refused.value.remedy
