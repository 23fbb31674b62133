"""The values that all members see."""

from __future__ import annotations

import math

from common.psn.unknowns import BY_NAME, DEFAULT
from workers.media.peers.shared_values import NAMES, SharedValues


def test_every_combination_comes_once_and_the_end_is_told() -> None:
    shared = SharedValues(None)
    count = math.prod(len(BY_NAME[name].values) for name in NAMES)
    seen = []
    for number in range(count):
        seen.append(tuple(shared.values.values()))
        assert shared.advance() is (number == count - 1)
    assert len(set(seen)) == count
    assert tuple(shared.values.values()) == seen[0]


def test_what_a_member_shows_is_adopted_and_other_names_are_not() -> None:
    shared = SharedValues(None)
    name = NAMES[0]
    value = BY_NAME[name].values[-1]
    shared.adopt({name: value, "another": "x"})
    assert shared.values == {one: DEFAULT[one] for one in NAMES} | {name: value}
    assert shared.fits(DEFAULT | {name: value})
    assert not shared.fits(DEFAULT)


def test_it_begins_with_what_worked() -> None:
    recipe = DEFAULT | {NAMES[0]: BY_NAME[NAMES[0]].values[-1]}
    assert SharedValues(recipe).fits(recipe)
