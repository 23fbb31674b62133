"""The recipes with which members were heard, by kind of member. No I/O, no clock."""

from __future__ import annotations

import msgspec

from common.psn import unknowns
from common.psn.unknowns import DEFAULT, Recipe

MemberKind = tuple[str, str]
"""(platform, app version). Members of one kind are assumed to understand the same forms."""
_MOST_KINDS = 50


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """The recipe with which members of a kind were heard."""

    platform: str
    app_version: str = ""
    recipe: Recipe
    at: float
    """Unix seconds of the latest success."""


class KnownRecipes:
    def __init__(self, worked: tuple[Worked, ...]) -> None:
        self._worked = {(one.platform, one.app_version): one for one in worked}

    @property
    def newest(self) -> Worked | None:
        return max(self._worked.values(), key=lambda one: one.at, default=None)

    def to_store(self) -> tuple[Worked, ...]:
        """Return the recipes to store, the newest last."""
        return tuple(sorted(self._worked.values(), key=lambda one: one.at))[-_MOST_KINDS:]

    def likeliest(self, kind: MemberKind) -> Recipe:
        """Return the newest recipe that worked with that kind, else its platform, else anybody, else the default."""
        exact = self._worked.get(kind)
        alike = [one for one in self._worked.values() if one.platform == kind[0]]
        any_ = list(self._worked.values())
        for found in ([exact] if exact else [], alike, any_):
            if found:
                return unknowns.usable(max(found, key=lambda one: one.at).recipe)
        return dict(DEFAULT)

    def record(self, kind: MemberKind, recipe: Recipe, at: float) -> bool:
        """Record a success at `at` (Unix seconds). Return whether the kind's recipe changed.

        It counts as the newest even if the clock was set back.
        """
        at = max([at, *(one.at + 1.0 for other, one in self._worked.items() if other != kind)])
        before = self._worked.get(kind)
        self._worked[kind] = Worked(platform=kind[0], app_version=kind[1], recipe=dict(recipe), at=at)
        return before is None or before.recipe != recipe
