"""One delay for the whole party: when it changes, when it must not, and who waits for longer alone."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from workers.media.talkers.party_delay import (
    ALONE_AFTER_NS,
    ENDLESS_NS,
    LEAST_FALL_MS,
    LEAST_MS,
    LOWER_AFTER_NS,
    PAUSE_NS,
    ROOM_MS,
    PartyDelay,
)

TICK_NS = 10_000_000
STEP_NS = 5 * TICK_NS
SECOND_NS = 1_000_000_000
MAX_MS = 500


def taking_turns(now_ns: int) -> tuple[str, ...]:
    """Return who speaks, another one each second."""
    return (str(now_ns // SECOND_NS % 2),)


@dataclass
class Playing:
    """A party, tick by tick."""

    delay: PartyDelay = field(default_factory=lambda: PartyDelay(min_ms=0, max_ms=MAX_MS))
    now_ns: int = 5 * SECOND_NS

    def play(self, for_ns: int, *, speaking: bool, **needs: float) -> int:
        """Let ticks pass, the first of them now. Return the common delay."""
        for _ in range(for_ns // TICK_NS):
            self.delay.update(needs, self.now_ns, taking_turns(self.now_ns) if speaking else ())
            self.now_ns += TICK_NS
        return self.delay.common_ms

    def rise(self, bo: float) -> None:
        """Let the delay rise by what one needs, and no tick more pass."""
        self.play(PAUSE_NS + TICK_NS, speaking=False, bo=bo)


def test_it_begins_with_a_delay_that_ordinary_networks_do_not_exceed() -> None:
    party = Playing()
    assert party.delay.of("a newcomer") == LEAST_MS
    assert party.play(10 * SECOND_NS, speaking=False, bo=LEAST_MS, cy=5) == LEAST_MS
    assert party.delay.changes == 0


def test_it_grows_in_the_first_pause_of_all_and_not_while_anybody_speaks() -> None:
    party = Playing()
    assert party.play(SECOND_NS, speaking=True, bo=83, cy=20) == LEAST_MS
    assert party.play(PAUSE_NS, speaking=False, bo=83, cy=20) == LEAST_MS
    assert party.play(TICK_NS, speaking=False, bo=83, cy=20) == 90 + ROOM_MS
    assert party.delay.of("bo") == party.delay.of("cy") == party.delay.of("newcomer") == 120
    assert party.delay.changes == 1


def test_a_pause_that_is_cut_short_begins_anew() -> None:
    party = Playing()
    party.play(PAUSE_NS, speaking=False, bo=100)
    party.play(TICK_NS, speaking=True, bo=100)
    assert party.play(PAUSE_NS, speaking=False, bo=100) == LEAST_MS
    assert party.play(TICK_NS, speaking=False, bo=100) == 130


def test_a_need_that_has_grown_by_some_ticks_is_met_by_the_room() -> None:
    party = Playing()
    party.play(SECOND_NS, speaking=False, bo=100)
    assert party.play(SECOND_NS, speaking=False, bo=130) == 130
    assert party.delay.changes == 1


@pytest.mark.parametrize(("need", "common"), [(495, 500), (500, 500), (460.5, 500), (460, 490)])
def test_no_room_is_added_beyond_the_longest_delay(need: float, common: int) -> None:
    assert Playing().play(SECOND_NS, speaking=False, bo=need) == common


def test_it_falls_in_a_pause_after_the_lower_one_has_sufficed_for_long() -> None:
    party = Playing()
    party.rise(200)
    assert party.play(LOWER_AFTER_NS, speaking=False, bo=100) == 230
    assert party.play(TICK_NS, speaking=False, bo=100) == 130
    assert party.delay.changes == 2


def test_it_falls_no_lower_than_what_was_needed_meanwhile() -> None:
    party = Playing()
    party.rise(200)
    party.play(SECOND_NS, speaking=True, bo=100)
    party.play(SECOND_NS, speaking=True, bo=150)
    party.play(LOWER_AFTER_NS, speaking=True, bo=50)
    assert party.play(SECOND_NS, speaking=False, bo=50) == 150 + ROOM_MS


def test_a_need_that_reaches_it_once_more_begins_the_wait_anew() -> None:
    party = Playing()
    party.rise(200)
    party.play(LOWER_AFTER_NS - TICK_NS, speaking=True, bo=100)
    party.play(TICK_NS, speaking=True, bo=230)
    assert party.play(LOWER_AFTER_NS, speaking=False, bo=100) == 230


def test_it_does_not_fall_for_little_and_never_below_the_least() -> None:
    party = Playing()
    party.rise(100)
    assert party.play(3 * LOWER_AFTER_NS, speaking=False, bo=130 - ROOM_MS - LEAST_FALL_MS + 1) == 130
    assert party.play(2 * LOWER_AFTER_NS + SECOND_NS, speaking=False, bo=0) == LEAST_MS
    assert party.delay.changes == 2


def test_it_falls_by_two_ticks() -> None:
    party = Playing()
    party.rise(100)
    assert party.play(LOWER_AFTER_NS + SECOND_NS, speaking=False, bo=130 - ROOM_MS - LEAST_FALL_MS) == 110


def test_a_need_close_to_the_delay_is_not_forgotten_sooner_than_after_the_whole_wait() -> None:
    party = Playing()
    party.rise(200)
    party.play(SECOND_NS, speaking=True, bo=195)
    assert party.play(2 * LOWER_AFTER_NS - 5 * SECOND_NS, speaking=False, bo=50) == 230
    assert party.play(10 * SECOND_NS, speaking=False, bo=50) == 50 + ROOM_MS


def test_a_need_that_reaches_it_early_costs_no_second_wait() -> None:
    party = Playing()
    party.rise(200)
    party.play(SECOND_NS, speaking=True, bo=100)
    party.play(SECOND_NS, speaking=True, bo=230)
    assert party.play(LOWER_AFTER_NS + SECOND_NS, speaking=False, bo=100) == 130


def test_what_was_needed_long_ago_does_not_hold_it_up_for_ever() -> None:
    """A need close to the delay is forgotten after one wait, also where nobody ever pauses."""
    party = Playing()
    party.rise(200)
    party.play(SECOND_NS, speaking=True, bo=195)
    party.play(2 * LOWER_AFTER_NS + SECOND_NS, speaking=True, bo=50)
    assert party.play(SECOND_NS, speaking=False, bo=50) == 50 + ROOM_MS


def test_who_suffers_for_long_while_all_speak_waits_alone_until_a_pause() -> None:
    party = Playing()
    assert party.play(ALONE_AFTER_NS, speaking=True, bo=150, cy=10) == LEAST_MS
    assert party.delay.alone == {}
    party.play(TICK_NS, speaking=True, bo=150, cy=10)
    assert (party.delay.of("bo"), party.delay.of("cy")) == (150, LEAST_MS)
    assert (party.delay.exceeded, party.delay.changes) == (1, 0)
    party.play(SECOND_NS, speaking=False, bo=150, cy=10)
    assert party.delay.of("bo") == party.delay.of("cy") == 180
    assert (party.delay.exceeded, party.delay.alone) == (1, {})


def test_who_waits_alone_waits_for_longer_after_another_while_and_is_counted_once() -> None:
    party = Playing()
    party.play(ALONE_AFTER_NS + TICK_NS, speaking=True, bo=150)
    party.play(ALONE_AFTER_NS, speaking=True, bo=200)
    assert party.delay.of("bo") == 150
    party.play(2 * TICK_NS, speaking=True, bo=200)
    assert (party.delay.of("bo"), party.delay.exceeded) == (200, 1)


def test_a_need_that_is_met_again_meanwhile_was_no_suffering() -> None:
    party = Playing()
    party.play(ALONE_AFTER_NS, speaking=True, bo=150)
    party.play(TICK_NS, speaking=True, bo=50)
    party.play(ALONE_AFTER_NS, speaking=True, bo=150)
    assert party.delay.alone == {}


def test_a_voice_without_a_gap_is_a_room_and_prevents_no_pause() -> None:
    delay, now_ns = PartyDelay(min_ms=0, max_ms=MAX_MS), SECOND_NS
    changed_ns = 0
    while not changed_ns:
        delay.update({"bo": 150}, now_ns, {"cy"})
        changed_ns = now_ns if delay.changes else 0
        now_ns += TICK_NS
    assert changed_ns - SECOND_NS == ENDLESS_NS + PAUSE_NS
    delay.update({"bo": 250}, now_ns, {"cy", "bo"})
    assert delay.changes == 1  # somebody speaks in that room's noise
    delay.update({"bo": 250}, now_ns + TICK_NS, ())
    now_ns += TICK_NS
    for _ in range(100):
        now_ns += TICK_NS
        delay.update({"bo": 250}, now_ns, {"cy"})  # a gap makes a voice of it again
    assert delay.changes == 1


def test_who_leaves_is_forgotten() -> None:
    party = Playing()
    party.play(ALONE_AFTER_NS + TICK_NS, speaking=True, bo=150)
    party.play(TICK_NS, speaking=True)
    assert party.delay.of("bo") == LEAST_MS
    assert party.play(LOWER_AFTER_NS * 2, speaking=False) == LEAST_MS


def test_an_empty_party_keeps_the_delay_for_the_next_one() -> None:
    party = Playing()
    party.rise(200)
    assert party.play(3 * LOWER_AFTER_NS, speaking=False) == 230


@pytest.mark.parametrize(
    ("min_ms", "max_ms", "first"), [(0, 500, LEAST_MS), (120, 500, 120), (0, 40, 40), (90, 50, 90), (60, 60, 60)]
)
def test_it_keeps_the_settings_bounds(min_ms: int, max_ms: int, first: int) -> None:
    assert PartyDelay(min_ms=min_ms, max_ms=max_ms).common_ms == first


@pytest.mark.parametrize(("earlier", "common"), [(170, 170), (900, 500), (0, LEAST_MS)])
def test_it_goes_on_with_the_delay_of_an_earlier_run(earlier: int, common: int) -> None:
    delay = PartyDelay(min_ms=0, max_ms=MAX_MS)
    delay.resume(earlier)
    assert (delay.common_ms, delay.changes) == (common, 0)


def drawn(seed: int, ticks: int) -> Iterator[tuple[dict[str, float], bool]]:
    """Yield needs that wander and jump, of people who come and go, and whether somebody speaks."""
    draw = random.Random(seed)
    needs = {name: draw.uniform(0, 100) for name in "abcd"}
    speaking = False
    for _ in range(ticks):
        for name in needs:
            if draw.random() < 0.0005:
                needs[name] = draw.uniform(0, MAX_MS)
        here = {name: need for name, need in needs.items() if (seed + ord(name)) % 5 or draw.random() < 0.999}
        if draw.random() < (0.01 if speaking else 0.05):
            speaking = not speaking
        yield here, speaking


@pytest.mark.parametrize("seed", range(8))
def test_whatever_comes_it_changes_only_in_pauses_and_nobody_suffers_for_longer_than_said(seed: int) -> None:
    delay, now_ns, quiet_ns = PartyDelay(min_ms=0, max_ms=MAX_MS), SECOND_NS, 0
    short_ns: dict[str, int] = {}
    changes = 0
    for needs, speaking in drawn(seed, 20_000):
        before = delay.common_ms
        quiet_ns = 0 if speaking else quiet_ns + STEP_NS
        delay.update(needs, now_ns, taking_turns(now_ns) if speaking else ())
        if delay.common_ms != before:
            changes += 1
            assert quiet_ns > PAUSE_NS
            assert all(need <= delay.common_ms for need in needs.values())
        for key in {*short_ns, *needs}:
            suffers = key in needs and needs[key] > delay.of(key)
            short_ns[key] = short_ns.get(key, 0) + STEP_NS if suffers else 0
            assert short_ns[key] <= ALONE_AFTER_NS + STEP_NS
        assert LEAST_MS <= delay.common_ms <= MAX_MS
        assert delay.common_ms % 10 == 0
        assert delay.changes == changes
        assert all(own > delay.common_ms for own in delay.alone.values())
        now_ns += STEP_NS
    assert changes > 0
