"""The way of each undecided fact in this run of the simulator."""

from __future__ import annotations

import random
from collections.abc import Mapping

from simulator.facts import FACTS, Fact


class BadWay(ValueError):  # noqa: N818  # it is about the caller's word
    """An unknown fact, or an unknown way of it."""


class Ways:
    """The chosen way of every fact with alternatives, by default the first."""

    def __init__(self, chosen: Mapping[str, str] | None = None) -> None:
        self._chosen: dict[str, str] = {}
        for name, way in (chosen or {}).items():
            self.choose(name, way)

    def of(self, fact: Fact) -> str:
        """Return the way of `fact`."""
        return self._chosen.get(fact.name, fact.ways[0])

    def choose(self, name: str, way: str) -> None:
        """Set the way of a fact from now on. Raises `BadWay`."""
        known = FACTS.get(name)
        if known is None or not known.ways:
            raise BadWay(f"there is no undecided fact {name[:60]!r}: see python -m simulator --facts")
        if way not in known.ways:
            raise BadWay(f"{name} falls one of {', '.join(known.ways)}, not {way[:60]!r}")
        self._chosen[name] = way

    def draw(self, seed: int) -> None:
        """Draw a random way for every undecided fact."""
        chance = random.Random(seed)
        for one in sorted(FACTS.values(), key=lambda found: found.name):
            if one.ways:
                self._chosen[one.name] = chance.choice(one.ways)

    def all(self) -> dict[str, str]:
        """Return name → way of every undecided fact."""
        return {one.name: self.of(one) for one in FACTS.values() if one.ways}
