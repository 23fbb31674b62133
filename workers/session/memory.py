"""State file of session, which keeps the present party across a kill -9. No secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from common.basic.clock import Moment
from common.files import state
from common.files.state import SET_ASIDE, Placed, StateFile
from common.messages import Member


class PartyMemory(Placed, frozen=True, kw_only=True):
    """One membership, or none."""

    phase: Literal["none", "joining", "joined", "leaving"] = "none"
    session_id: str = ""
    """Empty while we create a party and do not know its id yet."""
    context_id: str = ""
    cpss_id: str = ""
    """Of the share link that led here. Empty without one."""
    account_id: str = ""
    platform: str = ""
    name: str = ""
    joined_at: float = 0.0
    """Unix seconds, for people to read."""
    joined: Moment | None = None
    seen: Moment | None = None
    """When we last knew that we were in it."""
    known: bool = False
    """Whether the party could be read since we joined."""
    members: tuple[Member, ...] = ()
    left_under: int = 0
    """Process id of the pipeline's supervisor under which the user asked to leave. 0 if they did not."""

    def is_in(self, session_id: str) -> bool:
        """Return whether we are a member of that party."""
        return self.phase == "joined" and self.session_id.lower() == session_id.lower()


def since_now(memory: PartyMemory) -> PartyMemory:
    """Return `memory` with the time of joining, which is now unless it is known."""
    now = Moment.now()
    return msgspec.structs.replace(memory, joined_at=memory.joined_at or now.unix, joined=memory.joined or now)


ELSEWHERE = "session-elsewhere.json"


class PartyMemoryFile(StateFile[PartyMemory]):
    """Keeps the `PartyMemory`."""

    def __init__(self, path: Path, place: str) -> None:
        super().__init__(path, PartyMemory, place, "the party")

    def set_left_under(self, supervisor: int) -> None:
        """Save that the user asked to leave under that supervisor (0 if they asked for a party again)."""
        self.keep(msgspec.structs.replace(self.now, left_under=supervisor))

    def beside(self, name: str) -> Path:
        """Return the path of another file in the same folder."""
        return self.path.with_name(name)

    def fresh(self, other: PartyMemory | None) -> PartyMemory:
        return (self._other_servers(other) if other is not None else None) or super().fresh(other)

    def _other_servers(self, there: PartyMemory) -> PartyMemory | None:
        """Return the state for the servers of the present settings, and set that of the former ones aside.

        A party on the former servers cannot be left now. It is resumed when the settings name them again.
        """
        aside = self.beside(ELSEWHERE)
        here = state.load(aside, PartyMemory, "a party elsewhere")
        state.drop(self.path)
        if there.phase == "none":
            state.drop(aside)
        else:
            state.save(aside, there, "a party on other servers")
            SET_ASIDE.note(aside, f"You may still be in a party on other servers ({there.place}). It was not left.")
        return here if here is not None and here.place == self.place else None
