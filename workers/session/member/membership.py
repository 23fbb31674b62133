"""The local membership: its state, its party, what is saved, and what is published. No calls.

Each change is saved before its method returns. A state is saved before the call that makes it true, so that the next
run finishes whatever a kill -9 interrupts.
"""

from __future__ import annotations

import asyncio

import msgspec
import structlog

from common.basic.clock import Moment
from common.messages import PartyState
from common.psn.party.push import FIRST, Order
from common.psn.party.sessions import Party
from workers.session.actions import Action, LostParty, NameMembers, PublishParty
from workers.session.end_reasons import End
from workers.session.leave.pending_leaves import PendingLeaves
from workers.session.member.absence import Absence
from workers.session.member.membership_states import TABLE, MembershipEvent, MembershipState, in_state, state_of
from workers.session.memory import PartyMemory, PartyMemoryFile, since_now
from workers.session.party.current import CurrentParty
from workers.session.state import no_party, party_state


class Membership:
    """The membership. Methods return the actions to carry out, in order. `states.TABLE` has the transitions."""

    def __init__(self, file: PartyMemoryFile, leaves: PendingLeaves) -> None:
        self._file = file
        self._leaves = leaves
        self._party: CurrentParty | None = None
        self._reason = ""
        """Why there is no party."""
        self._end: End = ""
        self._log = structlog.get_logger("session")
        self.absence = Absence(file.now.seen)
        self.lock = asyncio.Lock()
        """Held by a move (join, leave, resync). Only one runs at a time."""

    @property
    def memory(self) -> PartyMemory:
        return self._file.now

    @property
    def state(self) -> MembershipState:
        return state_of(self.memory)

    @property
    def party(self) -> CurrentParty | None:
        """The party, from the join or create call until we are out of it."""
        return self._party

    def party_state(self) -> PartyState:
        """Return the state to publish."""
        unconfirmed = len(self._leaves.now)
        if self._party is None:
            return no_party(self._reason, self._end, unconfirmed)
        return party_state(self.memory, self._party, unconfirmed, Moment.now())

    # --- moves -----------------------------------------------------------------------------------

    def restore(self) -> list[Action]:
        """Resume what an earlier run saved."""
        if self.state is not MembershipState.OUT:
            self._open(resumed=True)
        return [PublishParty(self.party_state())]

    def begin(self, wanted: PartyMemory) -> list[Action]:
        """Begin to join the party of `wanted`, or to create one if it has no session id."""
        self._fire(MembershipEvent.JOIN if wanted.session_id else MembershipEvent.CREATE, wanted)
        self._open()
        return self.refresh()

    def let_in(self, answer: Party) -> None:
        """Merge the answer to a join or create. Publish it with `refresh`."""
        other_id = answer.session_id != self.memory.session_id
        self._fire(
            MembershipEvent.LET_IN, since_now(msgspec.structs.replace(self.memory, session_id=answer.session_id))
        )
        if self._party is None or other_id:
            self._open()
        self.absence.record_seen(Moment.now())
        if self._party is not None:
            self._party.merge_answer(answer)

    def listed(self) -> None:
        """Record that a view lists us. Publish it with `refresh`."""
        self.absence.record_seen(Moment.now())
        if self._party is not None:
            self._party.on_listed()
        if self.state is not MembershipState.JOINED:
            self._fire(MembershipEvent.LISTED, since_now(self.memory))

    def begin_leave(self) -> list[Action]:
        """Begin to leave. Nothing more is sent about the party but the leave."""
        if self._party is not None:
            self._party.scope.close()
        self._fire(MembershipEvent.LEAVE, self.memory)
        return self.refresh()

    def finish(self, event: MembershipEvent, reason: str, end: End = "left") -> list[Action]:
        """Be in no party, because of `event`. Nothing happens if that cannot follow in this state."""
        was, party = self.memory, self._party
        if not self._fire(event, PartyMemory(left_under=was.left_under)):
            return []
        self._log.info("no party", reason=reason, end=end)
        if party is not None:
            party.scope.close()
        self._party, self._reason, self._end = None, reason, end
        actions: list[Action] = [PublishParty(self.party_state())]
        if was.phase == "joined" or was.joined_at:
            away_s = self.absence.away_s(Moment.now())
            actions.append(LostParty(session_id=was.session_id, cpss_id=was.cpss_id, end=end, away_s=away_s))
        return actions

    def refresh(self) -> list[Action]:
        """Save the party as it is now, and publish it."""
        if self._party is None:
            return [PublishParty(self.party_state())]
        table, seen = self._party.table, self.absence.known_at
        self._file.keep(msgspec.structs.replace(self.memory, name=table.name, members=table.members, seen=seen))
        return [NameMembers(table.members), PublishParty(self.party_state())]

    # --- inside ----------------------------------------------------------------------------------

    def _fire(self, event: MembershipEvent, memory: PartyMemory) -> bool:
        """Save `memory` in the state after `event`. Return False if the event changes nothing in this state."""
        after = TABLE.get((self.state, event))
        if after is None:
            return False
        self._file.keep(in_state(memory, after))
        return True

    def _open(self, *, resumed: bool = False) -> None:
        """Make the view of the party. The order of events goes on within one context."""
        memory, before = self.memory, self._party
        order = before.order if before is not None and before.context_id == memory.context_id else None
        if order is None:
            order = Order(memory.context_id, first=None if resumed else FIRST)
        self._party = CurrentParty(memory, order, resumed=resumed)
        self._reason, self._end = "", ""
