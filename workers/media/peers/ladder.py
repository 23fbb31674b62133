"""The choice of message forms for each member, from the alternatives of `common.psn.unknowns` in turn.

A member that is heard keeps its form. One member of each platform tries alternatives, and the others wait for its
result. Recipes that worked are kept by kind and tried first the next time. No I/O, no clock.
"""

from __future__ import annotations

from collections.abc import Mapping

from common.messages import PeerKey
from common.psn import unknowns
from common.psn.unknowns import DEFAULT, Recipe
from workers.media.peers.known_recipes import KnownRecipes, Worked
from workers.media.peers.member_forms import MemberForms, Role
from workers.media.peers.party_forms import PartyForms
from workers.media.peers.shared_values import SharedValues


class Ladder:
    """The recipes of all members of a party, by peer key."""

    def __init__(self, worked: tuple[Worked, ...] = (), *, climbs: bool = True) -> None:
        """`climbs` allows other recipes after a failure. Otherwise each member keeps its first one."""
        self._climbs = climbs
        self._known = KnownRecipes(worked)
        self._members = PartyForms()
        newest = self._known.newest
        self._shared = SharedValues(newest.recipe if newest is not None else None)

    # --- members --------------------------------------------------------------------------------

    def on_joined(self, peer: str, app_version: str = "", shown: Mapping[str, str] | None = None) -> None:
        """Add a member. A known one keeps its state.

        `shown` are the shared values in its member entry. They are adopted while nobody is heard.
        """
        if peer in self._members:
            return
        if shown and not self._members.is_anybody_heard():
            self._shared.adopt(shown)
        kind = (PeerKey.of(peer).platform, app_version)
        self._members.add(peer, MemberForms(kind, self._known.likeliest(kind)))

    def on_left(self, peer: str) -> None:
        self._members.remove(peer)

    # --- recipes --------------------------------------------------------------------------------

    def recipe(self, peer: str, role: Role) -> Recipe:
        """Return the recipe for the next offer or answer to a member, and record it as in use."""
        member = self._members.get(peer)
        if member is None:
            return DEFAULT | self._shared.values
        if member.heard or not self._members.leads(member):
            found = {**member.using.get(role, member.first), **self._shared.values}
        else:
            found = member.next(role, self._shared)
        member.using[role] = found
        return found

    def hurries(self, peer: str) -> bool:
        """Return whether to retry a member quickly, because it leads its platform in the first round."""
        member = self._members.get(peer)
        if member is None or member.heard or member.rounds:
            return False
        return self._climbs and self._members.leads(member)

    def take_news(self, peer: str) -> bool:
        """Return, once, whether to try another member's success with this one now."""
        member = self._members.get(peer)
        return member is not None and member.take_news()

    @property
    def shared(self) -> Recipe:
        """The values that all members see, e.g. in the local member entry."""
        return self._shared.values

    @property
    def worked(self) -> tuple[Worked, ...]:
        """The recipes to store, the newest last."""
        return self._known.to_store()

    def words(self, peer: str) -> str:
        """Return a description of the unusual form in use with a member, or an empty one."""
        member = self._members.get(peer)
        return member.words() if member is not None else ""

    # --- results --------------------------------------------------------------------------------

    def on_message(self, peer: str, form: Mapping[str, str]) -> None:
        """Record the form of a member's own message, which is tried first."""
        member = self._members.get(peer)
        if member is not None and not member.heard:
            member.record_shown(form)

    def on_answer(self, peer: str) -> None:
        """Record that a member answered the local offer, and so understood its form."""
        member = self._members.get(peer)
        if member is not None:
            member.record_answer()

    def on_failure(self, peer: str, role: Role, using: Recipe | None = None) -> None:
        """Record that an offer (or answer) to a member failed: the latest one, or the one made with `using`."""
        member = self._members.get(peer)
        if member is None or member.heard or not self._climbs:
            return
        member.record_failure(role, using or member.using.get(role))
        if self._members.leads(member) and member.next_untried(role, self._shared) is None:
            self._on_exhausted(member, role)

    def on_heard(self, peer: str, role: Role, at: float, using: Recipe | None = None) -> bool:
        """Record that a member is heard after an offer (or answer), and return whether there is a change to store.

        `at` is in Unix seconds, and `using` as in `on_failure`.
        """
        member = self._members.get(peer)
        if member is None:
            return False
        found = using or member.using.get(role, member.first)
        member.record_heard(role, found)
        changed = self._known.record(member.kind, found, at)
        for other in self._members.unheard(member.kind[0]):
            other.record_news(unknowns.usable(found))
        return changed

    def on_lost(self, peer: str) -> None:
        """Record that a member is not heard any more. The next try uses what worked."""
        member = self._members.get(peer)
        if member is not None and member.heard:
            member.record_lost(self._known.likeliest(member.kind))

    # --- inside ---------------------------------------------------------------------------------

    def _on_exhausted(self, member: MemberForms, role: Role) -> None:
        """Start over with the next shared values, unless somebody is heard with the present ones.

        If a member sends offers itself, only the local answers decide whether everything was tried.
        """
        member.tried[role].clear()
        if role == "offer" and "answer" in member.using:
            return
        if self._members.is_anybody_heard() or self._shared.advance():
            member.end_round()
