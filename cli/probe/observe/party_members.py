"""The other members of the party, with their aliases, their order and the size of their account ids. No I/O."""

from __future__ import annotations

from typing import NamedTuple

from common.messages import Member, PartyState

_MOST = 32
"""Most peers that get an alias, so that a flood of messages takes no memory."""
_UNKNOWN = "?"


class MemberChanges(NamedTuple):
    """Peer keys of the members that joined and left with a new party state."""

    joined: list[str]
    left: set[str]


class PartyMembers:
    """The other members, from the latest `PartyState`. Peers keep their alias for the whole run."""

    def __init__(self) -> None:
        self._party = PartyState(phase="none")
        self._aliases: dict[str, str] = {}

    def on_party(self, state: PartyState) -> MemberChanges:
        """Store the party's state. Return who joined and who left. After a change of party, everybody did both."""
        before = {member.peer for member in self.others()}
        same = state.session_id == self._party.session_id
        self._party = state
        present = [member.peer for member in self.others()]
        for peer in present:
            self.alias(peer)
        joined = [peer for peer in present if not same or peer not in before]
        return MemberChanges(joined, before - (set(present) if same else set()))

    # --- aliases -------------------------------------------------------------------------------------

    def alias(self, peer: str) -> str:
        """Return a member's alias in the probe's output: ``A``, ``B`` and so on."""
        number = len(self._aliases)
        if peer not in self._aliases and number < _MOST:
            self._aliases[peer] = chr(ord("A") + number) if number < 26 else f"{number + 1}"
        return self._aliases.get(peer, _UNKNOWN)

    def has_alias(self, peer: str) -> bool:
        """Return whether the peer has an alias. It gets one if there are not too many."""
        return self.alias(peer) != _UNKNOWN

    def aliases(self) -> dict[str, str]:
        """Return peer key → alias of every peer of the run."""
        return dict(self._aliases)

    # --- the party -----------------------------------------------------------------------------------

    @property
    def session_id(self) -> str:
        return self._party.session_id

    @property
    def me(self) -> str:
        """Our own peer key."""
        return self._party.me

    def others(self) -> list[Member]:
        if self._party.phase != "joined":
            return []
        return [member for member in self._party.members if not member.is_me and member.peer != self._party.me]

    def find(self, peer: str) -> Member | None:
        return next((member for member in self.others() if member.peer == peer), None)

    def is_older(self, member: Member) -> bool | None:
        """Return whether the member joined before us, or None if a joinOrder is unknown."""
        mine = next((one.join_order for one in self._party.members if one.peer == self._party.me or one.is_me), 0)
        return member.join_order < mine if member.join_order and mine else None

    def is_smaller(self, member: Member) -> bool:
        """Return whether its account id is smaller than ours, or it is a console of our own account."""
        mine, theirs = self._party.my_key.account_id, member.account_id
        if not (mine.isdecimal() and theirs.isdecimal()):
            return False
        return int(theirs) < int(mine) or (mine == theirs and member.platform != "MOBILE_APP")
