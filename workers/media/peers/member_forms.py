"""The message forms that were tried with one member. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from common.psn import unknowns
from common.psn.unknowns import BY_NAME, Recipe
from workers.media.peers.known_recipes import MemberKind
from workers.media.peers.shared_values import SharedValues

Role = Literal["offer", "answer"]


@dataclass
class MemberForms:
    kind: MemberKind
    first: Recipe
    """The first recipe to try, from what worked with the kind and from the member's own messages."""
    heard: bool = False
    tried: dict[Role, list[Recipe]] = field(default_factory=lambda: {"offer": [], "answer": []})
    using: dict[Role, Recipe] = field(default_factory=dict)
    has_news: bool = False
    """Whether a recipe of another member's success is still to be tried."""
    rounds: int = 0
    """How often all recipes have failed."""
    failures: int = 0

    def restart(self, first: Recipe) -> None:
        """Begin with another first recipe. All may be tried again."""
        self.first = first
        self.using.clear()
        self.tried = {"offer": [], "answer": []}

    def next(self, role: Role, shared: SharedValues) -> Recipe:
        """Return the next recipe. Once all failed, every second try is the likeliest: the member may be unreachable."""
        likeliest = {**self.first, **shared.values}
        if self.rounds and self.failures % 2:
            return likeliest
        untried = self.next_untried(role, shared)
        return likeliest if untried is None else untried

    def next_untried(self, role: Role, shared: SharedValues) -> Recipe | None:
        for candidate in unknowns.recipes({**self.first, **shared.values}, role):
            if shared.fits(candidate) and candidate not in self.tried[role]:
                return candidate
        return None

    def take_news(self) -> bool:
        """Return, once, whether to try another member's success now."""
        had_news, self.has_news = self.has_news, False
        return had_news and not self.heard

    def record_news(self, recipe: Recipe) -> None:
        """Record the recipe of another member's success, which is tried next."""
        self.has_news = self.first != recipe or bool(self.failures)
        self.restart(recipe)

    def record_answer(self) -> None:
        """Record that the member understood the form of the local offer."""
        if using := self.using.get("offer"):
            self.first = dict(using)

    def record_heard(self, role: Role, recipe: Recipe) -> None:
        self.heard = True
        self.using = {role: recipe}

    def record_lost(self, first: Recipe) -> None:
        """Record that the member is not heard any more. `first` is tried next."""
        self.heard = False
        self.failures = self.rounds = 0
        self.restart(first)

    def end_round(self) -> None:
        """Record that all recipes have failed once more."""
        self.rounds += 1

    def record_failure(self, role: Role, recipe: Recipe | None) -> None:
        self.failures += 1
        if recipe is not None and recipe not in self.tried[role]:
            self.tried[role].append(recipe)

    def record_shown(self, form: Mapping[str, str]) -> None:
        """Record the form of the member's own message, which is tried first."""
        seen = {name: value for name, value in form.items() if value in getattr(BY_NAME.get(name), "values", ())}
        if any(self.first.get(name) != value for name, value in seen.items()):
            self.first = unknowns.usable(self.first | seen)

    def words(self) -> str:
        """Return a description of the unusual form in use, or an empty one."""
        if not self.using:
            return ""
        unusual = unknowns.words(next(reversed(self.using.values())))
        if self.heard:
            return f"heard with {unusual}" if unusual else ""
        if not self.failures:
            return ""
        tried = max(len(recipes) for recipes in self.tried.values()) + 1
        place = f"form {tried} of {len(list(unknowns.recipes(self.first, 'answer')))}"
        return f"trying {place}: {unusual or 'as captured'}"
