"""The choice of message forms for each member, from the alternatives of `common.psn.unknowns` in turn.

A member that is heard keeps its form. One member of each platform tries alternatives, and the others wait for its
result. Recipes that worked are kept by kind and tried first the next time. No I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from common.messages import PeerKey
from common.psn import unknowns
from common.psn.unknowns import BY_NAME, DEFAULT, Recipe

Role = Literal["offer", "answer"]
Kind = tuple[str, str]
"""(platform, app version). Members of one kind are assumed to understand the same forms."""

_SHARED = tuple(unknown.name for unknown in unknowns.TRIED if unknown.trier == "party")
_MOST_KINDS = 50


class Worked(msgspec.Struct, frozen=True, kw_only=True):
    """The recipe with which members of a kind were heard."""

    platform: str
    app_version: str = ""
    recipe: Recipe
    at: float
    """Unix seconds of the latest success."""


@dataclass
class _Member:
    kind: Kind
    first: Recipe
    """The first recipe to try, from what worked with the kind and from the member's own messages."""
    heard: bool = False
    tried: dict[Role, list[Recipe]] = field(default_factory=lambda: {"offer": [], "answer": []})
    using: dict[Role, Recipe] = field(default_factory=dict)
    told: bool = False
    """A recipe of another member's success is still to be tried."""
    rounds: int = 0
    """How often all recipes have failed."""
    failures: int = 0


class Ladder:
    """The recipes of all members of a party, by peer key."""

    def __init__(self, worked: tuple[Worked, ...] = (), *, climbs: bool = True) -> None:
        """`climbs` allows other recipes after a failure. Otherwise each member keeps its first one."""
        self._climbs = climbs
        self._worked = {(one.platform, one.app_version): one for one in worked}
        self._members: dict[str, _Member] = {}
        self._shared = {name: DEFAULT[name] for name in _SHARED}
        newest = max(worked, key=lambda one: one.at, default=None)
        if newest is not None:
            self._shared |= {name: unknowns.usable(newest.recipe)[name] for name in _SHARED}

    # --- members --------------------------------------------------------------------------------

    def joined(self, peer: str, app_version: str = "", shown: Mapping[str, str] | None = None) -> None:
        """Add a member. A known one keeps its state.

        `shown` are the shared values in its member entry. They are adopted while nobody is heard.
        """
        if shown and not any(one.heard for one in self._members.values()) and peer not in self._members:
            self._shared |= {name: value for name, value in shown.items() if name in self._shared}
        if peer in self._members:
            return
        kind = (PeerKey.of(peer).platform, app_version)
        self._members[peer] = _Member(kind, self._of_kind(kind))

    def left(self, peer: str) -> None:
        self._members.pop(peer, None)

    # --- recipes --------------------------------------------------------------------------------

    def recipe(self, peer: str, role: Role) -> Recipe:
        """Return the recipe for the next offer or answer to a member, and record it as in use."""
        member = self._members.get(peer)
        if member is None:
            return DEFAULT | self._shared
        if member.heard or not self._leads(peer):
            found = {**member.using.get(role, member.first), **self._shared}
        else:
            found = self._next(member, role)
        member.using[role] = found
        return found

    def hurries(self, peer: str) -> bool:
        """Return whether to retry a member quickly, because it leads its platform in the first round."""
        member = self._members.get(peer)
        return self._climbs and member is not None and not member.heard and not member.rounds and self._leads(peer)

    def has_news(self, peer: str) -> bool:
        """Return, once, whether to try another member's success with this one now."""
        member = self._members.get(peer)
        if member is None or not member.told:
            return False
        member.told = False
        return not member.heard

    @property
    def shared(self) -> Recipe:
        """The values that all members see, e.g. in the local member entry."""
        return dict(self._shared)

    @property
    def worked(self) -> tuple[Worked, ...]:
        """The recipes to store, the newest last."""
        return tuple(sorted(self._worked.values(), key=lambda one: one.at))[-_MOST_KINDS:]

    def words(self, peer: str) -> str:
        """Return a description of the unusual form in use with a member, or an empty one."""
        member = self._members.get(peer)
        if member is None or not member.using:
            return ""
        using = next(reversed(member.using.values()))
        unusual = unknowns.words(using)
        if member.heard:
            return f"heard with {unusual}" if unusual else ""
        if not member.failures:
            return ""
        tried = max(len(recipes) for recipes in member.tried.values()) + 1
        place = f"form {tried} of {len(list(unknowns.recipes(member.first, 'answer')))}"
        return f"trying {place}: {unusual or 'as captured'}"

    # --- results --------------------------------------------------------------------------------

    def showed(self, peer: str, form: Mapping[str, str]) -> None:
        """Record the form of a member's own message, which is tried first."""
        member = self._members.get(peer)
        if member is None or member.heard:
            return
        seen = {name: value for name, value in form.items() if value in getattr(BY_NAME.get(name), "values", ())}
        if any(member.first.get(name) != value for name, value in seen.items()):
            member.first = unknowns.usable(member.first | seen)

    def answered(self, peer: str) -> None:
        """Record that a member answered the local offer, and so understood its form."""
        member = self._members.get(peer)
        if member is not None and (using := member.using.get("offer")):
            member.first = dict(using)

    def failed(self, peer: str, role: Role, using: Recipe | None = None) -> None:
        """Record that an offer (or answer) to a member failed: the latest one, or the one made with `using`."""
        member = self._members.get(peer)
        if member is None or member.heard or not self._climbs:
            return
        member.failures += 1
        using = using or member.using.get(role)
        if using is not None and using not in member.tried[role]:
            member.tried[role].append(using)
        if self._leads(peer) and self._next_untried(member, role) is None:
            self._exhausted(member, role)

    def connected(self, peer: str, role: Role, at: float, using: Recipe | None = None) -> bool:
        """Record that a member is heard after an offer (or answer), and return whether there is a change to store.

        `at` is in Unix seconds, and `using` as in `failed`. It counts as the newest even if the clock was set back.
        """
        member = self._members.get(peer)
        if member is None:
            return False
        at = max([at, *(one.at + 1.0 for kind, one in self._worked.items() if kind != member.kind)])
        member.heard = True
        found = using or member.using.get(role, member.first)
        member.using = {role: found}
        known = self._worked.get(member.kind)
        platform, version = member.kind
        self._worked[member.kind] = Worked(platform=platform, app_version=version, recipe=dict(found), at=at)
        for other in self._members.values():
            if not other.heard and other.kind[0] == platform:
                other.told = other.first != unknowns.usable(found) or bool(other.failures)
                other.first = unknowns.usable(found)
                other.using.clear()
                other.tried = {"offer": [], "answer": []}
        return known is None or known.recipe != found

    def lost(self, peer: str) -> None:
        """Record that a member is not heard any more. The next try uses what worked."""
        member = self._members.get(peer)
        if member is not None and member.heard:
            member.heard = False
            member.failures = member.rounds = 0
            member.first = self._of_kind(member.kind)
            member.using.clear()
            member.tried = {"offer": [], "answer": []}

    # --- inside ---------------------------------------------------------------------------------

    def _of_kind(self, kind: Kind) -> Recipe:
        """Return the newest recipe that worked with that kind, else its platform, else anybody, else the default."""
        exact = self._worked.get(kind)
        alike = [one for one in self._worked.values() if one.platform == kind[0]]
        any_ = list(self._worked.values())
        for found in ([exact] if exact else [], alike, any_):
            if found:
                return unknowns.usable(max(found, key=lambda one: one.at).recipe)
        return dict(DEFAULT)

    def _leads(self, peer: str) -> bool:
        """Return whether a member is the first unheard one of its platform. The others wait for its result."""
        platform = self._members[peer].kind[0]
        first = next((one for one, m in self._members.items() if m.kind[0] == platform and not m.heard), peer)
        return first == peer

    def _next(self, member: _Member, role: Role) -> Recipe:
        """Return the next recipe. Once all failed, every second try is the likeliest: the member may be unreachable."""
        if member.rounds and member.failures % 2:
            return {**member.first, **self._shared}
        found = self._next_untried(member, role)
        return found if found is not None else {**member.first, **self._shared}

    def _next_untried(self, member: _Member, role: Role) -> Recipe | None:
        begin = {**member.first, **self._shared}
        for candidate in unknowns.recipes(begin, role):
            same = all(candidate[name] == self._shared[name] for name in _SHARED)
            if same and candidate not in member.tried[role]:
                return candidate
        return None

    def _exhausted(self, member: _Member, role: Role) -> None:
        """Start over with the next shared values, unless somebody is heard with the present ones.

        If a member sends offers itself, only the local answers decide whether everything was tried.
        """
        member.tried[role].clear()
        if role == "offer" and "answer" in member.using:
            return
        somebody_heard = any(one.heard for one in self._members.values())
        if somebody_heard or self._turn_shared():
            member.rounds += 1

    def _turn_shared(self) -> bool:
        """Advance to the next combination of shared values, and return whether the last one was reached."""
        for name in _SHARED:
            values = BY_NAME[name].values
            place = values.index(self._shared[name]) + 1
            self._shared[name] = values[place % len(values)]
            if place < len(values):
                return False
        return True
