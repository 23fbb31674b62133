"""Levels as often as each client wants them, with every peak in some frame, each frame made once."""

from __future__ import annotations

import json

import pytest

from common.api.frames import MOST_LEVELS_HZ, Subscribe
from common.messages import Levels
from workers.dashboard.api.feed import EventSubscription
from workers.dashboard.api.levels_feed import LevelsFeed

BO, CY = "1001.PS5", "1002.PS4"


def wants(levels_hz: int, *members: str) -> EventSubscription:
    return EventSubscription.of(Subscribe(id=1, topics=("audio.levels",), members=members, levels_hz=levels_hz))


def peaks(feed: LevelsFeed, subscription: EventSubscription, published: list[tuple[float, float]]) -> list[float]:
    """Return the peaks of Bo that a client gets of those published at a time each."""
    got = []
    for at, db in published:
        for _, frame in feed.frames(Levels(talkers={BO: db}, mix=db), {subscription}, at):
            got.append(json.loads(frame)["message"]["talkers"][BO])
    return got


@pytest.mark.parametrize(("levels_hz", "every_s", "count"), [
    (20, 0.05, 200), (10, 0.05, 100), (5, 0.05, 50), (1, 0.05, 10), (20, 0.1, 100), (10, 0.1, 100), (4, 0.1, 40),
])  # fmt: skip
def test_levels_come_as_often_as_wanted_and_as_there_are(levels_hz: int, every_s: float, count: int) -> None:
    published = [(100 + number * every_s, -20.0) for number in range(round(10 / every_s))]
    assert len(peaks(LevelsFeed(), wants(levels_hz), published)) == pytest.approx(count, abs=1)


def test_jitter_of_audio_loses_no_frames() -> None:
    published = [(100 + number * 0.05 + (0.008 if number % 3 else -0.008), -20.0) for number in range(400)]
    assert len(peaks(LevelsFeed(), wants(MOST_LEVELS_HZ), published)) > 390


def test_a_peak_between_two_frames_is_in_the_next_one() -> None:
    published = [(100.0, -60.0), (100.05, -6.0), (100.1, -60.0), (100.15, -60.0), (100.2, -50.0)]
    assert peaks(LevelsFeed(), wants(10), published) == [-60.0, -6.0, -50.0]


def test_what_was_loud_before_a_pause_is_not_told_after_it() -> None:
    published = [(100.0, -20.0), (100.05, -20.0), (101.0, -120.0), (102.0, -120.0)]
    assert peaks(LevelsFeed(), wants(10), published) == [-20.0, -120.0, -120.0]


def test_a_frame_is_made_once_for_all_who_want_the_same() -> None:
    levels = Levels(talkers={BO: -10.0, CY: -20.0}, mix=-3.0)
    also_recording = EventSubscription.of(Subscribe(id=1, topics=("audio.levels", "recording")))
    frames = dict(LevelsFeed().frames(levels, {wants(10), also_recording, wants(10, "1002")}, 100.0))
    assert frames[wants(10)] is frames[also_recording]
    assert json.loads(frames[wants(10, "1002")])["message"]["talkers"] == {CY: -20.0}


def test_a_rate_that_nobody_wants_any_more_is_forgotten() -> None:
    feed, levels = LevelsFeed(), Levels(talkers={}, mix=-3.0)
    assert dict(feed.frames(levels, {wants(1)}, 100.0))
    assert not dict(feed.frames(levels, set(), 100.1))
    assert dict(feed.frames(levels, {wants(1)}, 100.2))
