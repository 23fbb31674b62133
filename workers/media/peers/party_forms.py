"""The members of a party with their message forms, by peer key. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Iterator

from workers.media.peers.member_forms import MemberForms


class PartyForms:
    def __init__(self) -> None:
        self._members: dict[str, MemberForms] = {}

    def __contains__(self, peer: object) -> bool:
        return peer in self._members

    def add(self, peer: str, member: MemberForms) -> None:
        self._members[peer] = member

    def remove(self, peer: str) -> None:
        self._members.pop(peer, None)

    def get(self, peer: str) -> MemberForms | None:
        return self._members.get(peer)

    def unheard(self, platform: str) -> Iterator[MemberForms]:
        """Return the members of a platform that are not heard."""
        return (member for member in self._members.values() if not member.heard and member.kind[0] == platform)

    def is_anybody_heard(self) -> bool:
        return any(member.heard for member in self._members.values())

    def leads(self, member: MemberForms) -> bool:
        """Return whether a member is the first unheard one of its platform. The others wait for its result."""
        return next(self.unheard(member.kind[0]), member) is member
