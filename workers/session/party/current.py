"""The party that we are in, from ordered push events and REST views. No calls, no clock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import msgspec

from common.messages import Member, PushEvent
from common.psn.party.push import Order, Released
from common.psn.party.sessions import Party, PartyMember
from workers.session.memory import PartyMemory
from workers.session.party.call_scope import CallScope
from workers.session.party.own_device import OwnDevice
from workers.session.party.table import PartyTable
from workers.session.party.table_events import TableChange, TableEvents


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """The result of events: whether the party is over, whether anything changed, and the reasons for a resync."""

    ended: bool = False
    changed: bool = False
    resync: tuple[str, ...] = ()


class CurrentParty:
    """One membership's view of its party. `scope` ends with the membership."""

    def __init__(self, memory: PartyMemory, order: Order[PushEvent], *, resumed: bool = False) -> None:
        """`order` belongs to the membership's context, which may have begun before the party's id was known."""
        self.context_id = memory.context_id
        self.session_id = memory.session_id
        self.cpss_id = memory.cpss_id
        self.order = order
        self.scope = CallScope()
        self.table = PartyTable(memory.session_id, OwnDevice(memory.account_id, memory.platform))
        me = Member(account_id=memory.account_id, platform=memory.platform, is_me=True)
        self.table.restore(memory.name, memory.members or (me,))
        self.events = TableEvents(self.table)
        self._resumed = resumed
        self._shown = False
        self._meanwhile: list[PushEvent] | None = None
        self._requested_names: set[str] = set()

    @property
    def deadline(self) -> float | None:
        """When to call `on_expiry`."""
        return self.order.deadline

    @property
    def shown(self) -> bool:
        """Whether the latest view showed the party, with or without us."""
        return self._shown

    @property
    def resumed(self) -> bool:
        """Whether an earlier run joined it, and no view has listed us since."""
        return self._resumed

    # --- REST ------------------------------------------------------------------------------------

    def merge_answer(self, answer: Party) -> None:
        """Merge what the answer to create or join reports about us and the other members."""
        if answer.name:
            self.table.name = answer.name
        self.table.merge(answer.members)

    @contextlib.contextmanager
    def collecting(self) -> Iterator[list[PushEvent]]:
        """Collect the events that come while a view is requested."""
        self._meanwhile = []
        try:
            yield self._meanwhile
        finally:
            self._meanwhile = None

    def merge_view(self, view: Party | None, meanwhile: list[PushEvent]) -> PartyMember | None:
        """Take over a view, and apply the events that came meanwhile on top. Return our own entry, if it is listed."""
        self._shown = view is not None
        if view is None:
            return None
        self.table.snapshot(view)
        for event in meanwhile:
            self.events.apply(event)
        mine = next((entry for entry in view.members if self.table.own.owns(entry)), None)
        return mine if self.table.has_me else None

    def on_listed(self) -> None:
        """Record that a view lists us."""
        self._resumed = False

    def missing_names(self) -> list[str]:
        """Return the account ids whose online ids were not requested yet."""
        return [account for account in self.table.nameless if account not in self._requested_names]

    def record_names_requested(self, account_ids: list[str]) -> None:
        self._requested_names.update(account_ids)

    # --- push ------------------------------------------------------------------------------------

    def on_push_event(self, event: PushEvent, now: float) -> Update:
        """Apply a push event. Events of other parties do nothing."""
        ours = any(context_id == self.context_id for context_id, _ in event.contexts)
        known = self.session_id or (event.session_id if ours else "")  # not known yet while we create the party
        if not event.session_id or event.session_id.lower() != known.lower():
            return Update()
        return self._apply(self.order.add(event, event.contexts, now))

    def on_channel_reopened(self) -> Update:
        """Apply what waits, since missing events do not come any more."""
        return self._apply(Released(events=self.order.restart().events))

    def on_expiry(self, now: float) -> Update:
        """Apply what waits, if the missing events did not come in time."""
        return self._apply(self.order.expire(now))

    def _apply(self, released: Released[PushEvent]) -> Update:
        changed, resync = False, ["a push event is missing"] if released.gap else []
        for event in released.events:
            if self._meanwhile is not None:
                self._meanwhile.append(event)
            outcome = self.events.apply(event)
            if outcome is TableChange.ENDED:
                return Update(ended=True)
            if outcome is TableChange.KICKED:
                resync.append("our own entry was deleted")  # maybe of an earlier membership, so the server decides
            changed |= outcome is TableChange.CHANGED
        if changed and self.missing_names():
            resync.append("a member has no name")
        return Update(changed=changed, resync=tuple(resync))
