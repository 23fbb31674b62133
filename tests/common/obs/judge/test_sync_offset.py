"""The sync offset of our sources while the common delay changes, and what the user set meanwhile."""

from __future__ import annotations

import random

import pytest

from common.obs.judge.sync_offset import LEAST_MS, MOST_MS, followed
from common.obs.memory import KeptSync


def test_a_longer_delay_makes_the_offset_shorter_by_as_much_and_back() -> None:
    kept = followed(None, 200, 90, 90)
    assert kept == KeptSync(base_ms=200, delay_ms=90, set_ms=200)
    kept = followed(kept, 200, 120, 90)
    assert kept.set_ms == 170
    kept = followed(kept, 170, 120, 120)
    assert kept.set_ms == 170
    assert followed(kept, 170, 60, 120).set_ms == 230


def test_an_offset_that_nobody_set_is_left_alone_and_one_that_is_set_later_is_followed() -> None:
    kept = followed(None, 0, 90, 90)
    kept = followed(kept, 0, 140, 90)
    assert kept.set_ms == 0
    kept = followed(kept, 50, 140, 140)
    assert followed(kept, 50, 150, 140).set_ms == 40


def test_an_offset_that_has_become_0_is_still_ours() -> None:
    kept = followed(followed(None, 40, 90, 90), 40, 130, 90)
    assert kept.set_ms == 0
    assert followed(kept, 0, 140, 130).set_ms == -10


def test_what_the_user_set_is_the_new_base_for_the_delay_of_the_last_look() -> None:
    kept = followed(followed(None, 200, 90, 90), 200, 120, 90)
    chosen = followed(kept, 300, 120, 120)
    assert chosen.set_ms == 300
    assert followed(chosen, 300, 110, 120).set_ms == 310
    assert followed(kept, 300, 150, 120).set_ms == 270  # set and changed between two looks


def test_a_user_who_sets_it_to_0_ends_it() -> None:
    kept = followed(followed(None, 200, 90, 90), 0, 90, 90)
    assert followed(kept, 0, 200, 90).set_ms == 0


@pytest.mark.parametrize("found_ms", [200, 170])
def test_a_worker_that_was_killed_while_it_set_the_offset_does_not_take_it_for_the_users(found_ms: int) -> None:
    kept = KeptSync(base_ms=200, delay_ms=90, set_ms=200, meant_ms=170)
    assert followed(kept, found_ms, 100, 120) == KeptSync(base_ms=200, delay_ms=90, set_ms=190)


@pytest.mark.parametrize(
    ("base", "change", "offset"), [(-900, 100, LEAST_MS), (19_990, -30, MOST_MS), (-900, 40, -940)]
)
def test_it_stays_within_what_obs_takes_and_comes_back_right(base: int, change: int, offset: int) -> None:
    kept = followed(followed(None, base, 200, 200), base, 200 + change, 200)
    assert kept.set_ms == offset
    assert followed(kept, offset, 200, 200 + change).set_ms == base


def test_the_limits_are_those_of_obs_websocket() -> None:
    assert (LEAST_MS, MOST_MS) == (-950, 20_000)


@pytest.mark.parametrize("seed", range(5))
def test_however_the_delay_goes_delay_and_offset_together_stay_the_same(seed: int) -> None:
    draw = random.Random(seed)
    before, base = 60, draw.randrange(-300, 2000, 10) or 10
    kept = followed(None, base, before, before)
    for _ in range(200):
        delay = draw.randrange(60, 510, 10)
        kept = followed(kept, kept.set_ms, delay, before)
        assert kept.set_ms + delay == base + 60
        before = delay
