"""The present party, with a table of members that ordered push events and REST views update."""

from __future__ import annotations

import msgspec

from common.basic.clock import Moment
from common.messages import Member, PartyState, PushEvent
from common.psn.party.push import Order, Released
from common.psn.party.sessions import Party, PartyMember
from workers.session.calls.party import PartyCalls
from workers.session.memory import Memory
from workers.session.party.call_scope import CallScope
from workers.session.party.online_ids import OnlineIds
from workers.session.party.table import Outcome, PartyTable


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The result of events: whether the party is over, whether anything changed, and the reasons for a resync."""

    ended: bool = False
    changed: bool = False
    doubts: tuple[str, ...] = ()


class CurrentParty:
    """One membership's view of its party. `stay` ends with it."""

    def __init__(self, calls: PartyCalls, memory: Memory, order: Order[PushEvent]) -> None:
        """`order` belongs to the membership's context, which may have begun before the party's id was known."""
        self._calls = calls
        self.context_id = memory.context_id
        self.order = order
        self.session_id = memory.session_id
        self.cpss_id = memory.cpss_id
        self.stay = CallScope()
        self.table = PartyTable(memory.session_id, memory.account_id, memory.platform)
        me = Member(account_id=memory.account_id, platform=memory.platform, is_me=True)
        self.table.restore(memory.name, memory.members or (me,))
        self.known = memory.known
        """Whether the party could be read since we joined."""
        self.shown = False
        """Whether the latest view showed the party, with or without us."""
        self._since_asked: list[PushEvent] | None = None
        self._names = OnlineIds(calls)

    @property
    def deadline(self) -> float | None:
        """When to call `expire`."""
        return self.order.deadline

    def state(self, kept: Memory, unconfirmed: int, reason: str) -> PartyState:
        """Return the state to publish. `unconfirmed` counts leaves of other parties, `reason` explains a move."""
        now = Moment.now()
        return PartyState(
            phase=kept.phase,
            session_id=kept.session_id,
            name=self.table.name,
            context_id=kept.context_id,
            cpss_id=kept.cpss_id,
            me=self.table.me,
            joined_at=kept.joined_at,
            joined_s=kept.joined.in_this_run(now) if kept.joined is not None else 0.0,
            members=self.table.members,
            open=self.table.open,
            members_known=self.known,
            unconfirmed=unconfirmed,
            reason=reason,
        )

    def joined(self, answer: Party | None) -> None:
        """Merge what the answer to create or join reports about us and the other members."""
        if answer is None:
            return
        if answer.name:
            self.table.name = answer.name
        self.table.note(answer.members)

    async def read(self) -> PartyMember | None:
        """Read the party by REST, and apply the events that came meanwhile on top. Return our own entry.

        None if the party is not shown, or not with us. Raises the call's errors, and `PartyError` when we leave.
        """
        self._since_asked = []
        try:
            party = await self.stay.during(self._calls.party(self.session_id, self.cpss_id))
            missed = self._since_asked
        finally:
            self._since_asked = None
        self.shown = party is not None
        if party is None:
            return None
        self.table.snapshot(party)
        for event in missed:
            self.table.apply(event)
        mine = next((entry for entry in party.members if self.table.is_mine(entry)), None)
        if mine is not None and self.table.has_me:
            self.known = True
            await self._names.tell(self.table, self.stay)
        return mine if self.table.has_me else None

    def take(self, event: PushEvent, now: float) -> Taken:
        """Take in a push event. Events of other parties do nothing."""
        ours = any(context_id == self.context_id for context_id, _ in event.contexts)
        known = self.session_id or (event.session_id if ours else "")  # not known yet while we create the party
        if not event.session_id or event.session_id.lower() != known.lower():
            return Taken()
        return self._apply(self.order.take(event, event.contexts, now))

    def reopened(self) -> Taken:
        """Handle a reopened push channel, where events may be missing."""
        return self._apply(Released(events=self.order.restart().events))

    def expire(self, now: float) -> Taken:
        """Give up on events that did not come."""
        return self._apply(self.order.expire(now))

    def _apply(self, released: Released[PushEvent]) -> Taken:
        changed, doubts = False, ["a push event is missing"] if released.gap else []
        for event in released.events:
            if self._since_asked is not None:
                self._since_asked.append(event)
            outcome = self.table.apply(event)
            if outcome is Outcome.ENDED:
                return Taken(ended=True)
            if outcome is Outcome.KICKED:
                doubts.append("our own entry was deleted")  # maybe of an earlier membership, so the server decides
            changed |= outcome is Outcome.CHANGED
        if changed and self._names.missing(self.table):
            doubts.append("a member without a name")
        return Taken(changed=changed, doubts=tuple(doubts))
