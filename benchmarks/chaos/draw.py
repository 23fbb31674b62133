"""The random sequence of faults. The same seed draws the same sequence. No I/O."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.chaos.kinds import Kind

PAIR_EVERY = 3
"""Each third step is a pair."""
LAG_S = 2.0
"""Limit of the second fault's delay after the first."""
PAUSE_S = (2.0, 5.0)


@dataclass(frozen=True)
class Drawn:
    """A fault with its random values."""

    kind: Kind
    struck: int
    """Number of the affected console, if the kind affects one."""
    hold_s: float
    lag_s: float
    strength: float
    """0 to 1. Scales the share of lost datagrams, or the clock's jump."""


@dataclass(frozen=True)
class Step:
    number: int
    faults: tuple[Drawn, ...]
    pause_s: float
    """Quiet time before it."""

    @property
    def name(self) -> str:
        return " + ".join(drawn.kind.name for drawn in self.faults)


def draw(seed: int, kinds: Sequence[Kind], consoles: int) -> Iterator[Step]:
    """Yield steps without end. Every kind comes once before any repeats. A pair has two families."""
    chance = random.Random(f"partyline {seed}")
    deck: list[Kind] = []
    number = 0
    while True:
        number += 1
        first = _next(deck, kinds, chance)
        chosen = [first]
        others = [kind for kind in kinds if kind.family != first.family]
        if number % PAIR_EVERY == 0 and others:
            chosen.append(chance.choice(others))
        faults = tuple(_drawn(kind, chance, consoles, second=place > 0) for place, kind in enumerate(chosen))
        yield Step(number, faults, round(chance.uniform(*PAUSE_S), 2))


def _next(deck: list[Kind], kinds: Sequence[Kind], chance: random.Random) -> Kind:
    if not deck:
        deck.extend(kinds)
        chance.shuffle(deck)
    return deck.pop()


def _drawn(kind: Kind, chance: random.Random, consoles: int, *, second: bool) -> Drawn:
    lag = round(chance.uniform(0, LAG_S), 2)
    return Drawn(
        kind=kind,
        struck=chance.randrange(consoles),
        hold_s=round(chance.uniform(*kind.hold_s), 2),
        lag_s=lag if second else 0.0,
        strength=round(chance.random(), 3),
    )
