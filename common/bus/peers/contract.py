"""What two machines tell each other of their versions, and what follows from it. No I/O."""

from __future__ import annotations

from typing import Literal

import msgspec

from common.bus.peers.peer_rights import PeerRight

CONTRACT = 1
"""Version of what crosses the gate: its sockets, frames and questions. It is raised when an older side would not
understand a newer one. Fields and requests that are added do not raise it."""
OLDEST = 1
"""The oldest version that this one still understands."""

Understanding = Literal["same", "differs", "update there", "update here"]
"""`differs`: other versions of partyline that understand each other."""


class GateAbout(msgspec.Struct, frozen=True, kw_only=True):
    """What a gate says of itself to a paired machine, and what that one may do there."""

    name: str = ""
    version: str = ""
    """Version of partyline, empty for one that does not say it."""
    contract: int = CONTRACT
    oldest: int = OLDEST
    right: PeerRight | None = None
    may_sign_in: bool = False


def understanding(theirs: GateAbout, version: str, contract: int = CONTRACT, oldest: int = OLDEST) -> Understanding:
    """Return whether the two sides work together, and if not, which one must be updated."""
    if theirs.contract < oldest:
        return "update there"
    if contract < theirs.oldest:
        return "update here"
    return "same" if theirs.version == version else "differs"
