"""When a network that used to be late is late no more."""

from __future__ import annotations

import pytest

from workers.media.receive.buffer.late_episodes import EACH_MS, KEPT, LATE_MS, LEAST, SURE, LateEpisodes


def over_at_s(every_s: float, count: int, late_ms: float = 100.0, clean_s: float = 120.0) -> float | None:
    """Return how long after `count` late packets, one each `every_s`, they are known to be over. None: never."""
    episodes = LateEpisodes()
    begin_ms = 100_000.0
    for number in range(count):
        episodes.record(begin_ms + number * every_s * 1000, late_ms)
    last_ms = begin_ms + (count - 1) * every_s * 1000
    for step in range(int(clean_s * 1000 / EACH_MS)):
        now_ms = last_ms + step * EACH_MS
        episodes.record(now_ms + 1, 0.0)
        if episodes.past(now_ms):
            return (now_ms - last_ms) / 1000
    return None


@pytest.mark.parametrize("every_s", [1.0, 2.0, 5.0])
def test_what_came_often_is_over_soon_and_what_came_seldom_later(every_s: float) -> None:
    assert over_at_s(every_s, 6) == pytest.approx(SURE * every_s, abs=2 * EACH_MS / 1000)


def test_too_few_say_nothing() -> None:
    assert over_at_s(1.0, LEAST - 1) is None
    assert over_at_s(1.0, LEAST) is not None


def test_what_is_hardly_late_is_no_episode() -> None:
    assert over_at_s(1.0, 10, late_ms=LATE_MS) is None


def test_packets_behind_one_stall_are_one_episode() -> None:
    episodes = LateEpisodes()
    for packet in range(10):
        episodes.record(packet * 40.0, 400.0 - packet * 40)
    assert not episodes.past(60_000)


def seconds(episodes: LateEpisodes, spoken_s: float) -> list[float]:
    """Return when those began that are past."""
    return sorted(episode.first_ms / 1000 for episode in episodes.past(spoken_s * 1000))


def test_a_lasting_queue_counts_each_second() -> None:
    episodes = LateEpisodes()
    for packet in range(150):
        episodes.record(packet * 40.0, 100.0)
    assert not seconds(episodes, 7)
    assert seconds(episodes, 20) == [0, 1, 2, 3, 4, 5]


def test_rare_stalls_stay_known_when_frequent_jitter_is_over() -> None:
    episodes = LateEpisodes()
    for second in range(60):
        episodes.record(second * 1000.0, 300.0 if second % 15 == 0 else 50.0)
    assert seconds(episodes, 75) == [second for second in range(60) if second % 15]
    assert not seconds(episodes, 90)


def test_a_single_stall_is_over_with_what_was_beside_it() -> None:
    episodes = LateEpisodes()
    for second in range(20):
        episodes.record(second * 1000.0, 500.0 if second == 10 else 30.0)
    assert seconds(episodes, 60) == list(range(20))


def test_the_worst_is_over_while_a_lesser_lateness_goes_on() -> None:
    episodes = LateEpisodes()
    for second in range(40):
        episodes.record(second * 1000.0, 300.0 if second < 10 else 40.0)
    assert seconds(episodes, 40) == list(range(10))


def test_a_late_packet_now_and_then_does_not_keep_up_what_was_frequent() -> None:
    episodes = LateEpisodes()
    for second in [*range(6), 12, 20]:
        episodes.record(second * 1000.0, 30.0)
    assert seconds(episodes, 22) == list(range(6))
    assert not seconds(episodes, 60), "what came since then is too little to tell"


@pytest.mark.parametrize(("asked_s", "over"), [(15.9, []), (16.9, [0, 1, 2, 3, 4, 5])])
def test_the_more_came_since_the_longer_it_takes(asked_s: float, over: list[int]) -> None:
    """Two where 10.9 were expected are no surprise, where 11.9 were they are: by chance once in 600, once in 1700."""
    episodes = LateEpisodes()
    for second in [*range(6), 8, 10]:
        episodes.record(second * 1000.0, 30.0)
    assert seconds(episodes, asked_s) == over


def test_it_is_asked_now_and_then_and_keeps_the_latest_episodes() -> None:
    episodes = LateEpisodes()
    for second in range(KEPT + 20):
        episodes.record(second * 1000.0, 100.0)
    assert len(episodes._episodes) == KEPT
    assert not episodes.past(EACH_MS - 1)
    assert episodes.past(100_000)
