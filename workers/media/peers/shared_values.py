"""The values of a message form that all members see, e.g. in the local member entry. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping

from common.psn import unknowns
from common.psn.unknowns import BY_NAME, DEFAULT, Recipe

NAMES = tuple(unknown.name for unknown in unknowns.TRIED if unknown.trier == "party")


class SharedValues:
    def __init__(self, recipe: Recipe | None) -> None:
        """Take the values from `recipe`, which worked before, or the default."""
        usable = DEFAULT if recipe is None else unknowns.usable(recipe)
        self._values = {name: usable[name] for name in NAMES}

    @property
    def values(self) -> Recipe:
        return dict(self._values)

    def adopt(self, shown: Mapping[str, str]) -> None:
        """Take the values that a member shows in its own entry."""
        self._values |= {name: value for name, value in shown.items() if name in self._values}

    def fits(self, recipe: Recipe) -> bool:
        """Return whether a recipe has these values."""
        return all(recipe[name] == value for name, value in self._values.items())

    def advance(self) -> bool:
        """Advance to the next combination, and return whether the last one was reached."""
        for name in NAMES:
            values = BY_NAME[name].values
            place = values.index(self._values[name]) + 1
            self._values[name] = values[place % len(values)]
            if place < len(values):
                return False
        return True
