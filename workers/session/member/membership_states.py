"""The states of the local membership, and their transition table. No I/O.

notes/party-api.md draws this table, and a test compares the two. A pair (state, event) that is not in the table changes
nothing. The state is a part of `PartyMemory`, so it survives a restart.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

import msgspec

from workers.session.memory import PartyMemory


class MembershipState(Enum):
    OUT = "out"
    """In no party."""
    CREATING = "creating"
    """A create call was made. The party's id is not known yet."""
    JOINING = "joining"
    """A join call was made."""
    UNREAD = "unread"
    """The server let us in. The party could not be read yet."""
    JOINED = "joined"
    """The server lists us, and the members are known."""
    LEAVING = "leaving"
    """A leave call is made. It may be repeated."""


class MembershipEvent(Enum):
    CREATE = "create"
    JOIN = "join"
    LET_IN = "let in"
    """The server accepted the create or join."""
    LISTED = "listed"
    """A view of the party shows us."""
    NOT_CREATED = "not created"
    """The server refused the create, so there is nothing to leave."""
    LEAVE = "leave"
    LEFT = "left"
    """The leave was confirmed, or it is retried from now on."""
    PARTY_ENDED = "party ended"
    """A push event says that the party is over, or over for us."""
    NOT_LISTED = "not listed"
    """A view shows the party without us."""
    NOT_A_MEMBER = "not a member"
    """The server refused a call, because we are not in the party."""
    OTHER_ACCOUNT = "other account"
    """Another account has signed in."""


S, E = MembershipState, MembershipEvent

TABLE: dict[tuple[MembershipState, MembershipEvent], MembershipState] = {
    (S.OUT, E.CREATE): S.CREATING,
    (S.OUT, E.JOIN): S.JOINING,
    # the call is under way
    (S.CREATING, E.LET_IN): S.UNREAD,
    (S.CREATING, E.NOT_CREATED): S.OUT,
    (S.CREATING, E.LEAVE): S.LEAVING,
    (S.JOINING, E.LET_IN): S.UNREAD,
    (S.JOINING, E.LISTED): S.JOINED,  # a restart lost the answer
    (S.JOINING, E.LEAVE): S.LEAVING,
    (S.JOINING, E.NOT_LISTED): S.OUT,
    (S.JOINING, E.NOT_A_MEMBER): S.OUT,
    # in the party
    (S.UNREAD, E.LISTED): S.JOINED,
    (S.UNREAD, E.LEAVE): S.LEAVING,
    (S.UNREAD, E.PARTY_ENDED): S.OUT,
    (S.UNREAD, E.NOT_LISTED): S.OUT,
    (S.UNREAD, E.NOT_A_MEMBER): S.OUT,
    (S.JOINED, E.LISTED): S.JOINED,
    (S.JOINED, E.LEAVE): S.LEAVING,
    (S.JOINED, E.PARTY_ENDED): S.OUT,
    (S.JOINED, E.NOT_LISTED): S.OUT,
    (S.JOINED, E.NOT_A_MEMBER): S.OUT,
    # the leave is under way
    (S.LEAVING, E.LEAVE): S.LEAVING,  # a restart lost the answer
    (S.LEAVING, E.LEFT): S.OUT,
    # anywhere in a party
    **{(state, E.OTHER_ACCOUNT): S.OUT for state in S if state is not S.OUT},
}

_PHASES: dict[MembershipState, Literal["none", "joining", "joined", "leaving"]] = {
    MembershipState.OUT: "none",
    MembershipState.CREATING: "joining",
    MembershipState.JOINING: "joining",
    MembershipState.UNREAD: "joined",
    MembershipState.JOINED: "joined",
    MembershipState.LEAVING: "leaving",
}
"""`PartyState.phase` of each state."""


def state_of(memory: PartyMemory) -> MembershipState:
    """Return the state that `memory` is in."""
    if memory.phase == "joined":
        return MembershipState.JOINED if memory.known else MembershipState.UNREAD
    if memory.phase == "joining":
        return MembershipState.JOINING if memory.session_id else MembershipState.CREATING
    return MembershipState.LEAVING if memory.phase == "leaving" else MembershipState.OUT


def in_state(memory: PartyMemory, state: MembershipState) -> PartyMemory:
    """Return `memory` in `state`."""
    known = memory.known if state is MembershipState.LEAVING else state is MembershipState.JOINED
    return msgspec.structs.replace(memory, phase=_PHASES[state], known=known)
