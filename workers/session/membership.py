"""Our membership in a party: join, leave, resume, follow. Calls, table and memory meet here; no bus.

One move (join, leave, reconcile) at a time. Every state is remembered before the call that makes it
true, so that a kill -9 at any moment leaves nothing half done that the next run does not finish.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable

import msgspec
import structlog

from common.errors import PartylineError
from common.messages import Member, PartyState, PushEvent
from common.psn.errors import NotFoundError, RefusedError
from common.psn.http import TokenSource
from common.psn.push import FIRST, Order
from workers.session import ends, lookups
from workers.session.calls import PartyCalls
from workers.session.memory import Memory, MemoryFile
from workers.session.names import Names
from workers.session.table import Outcome, PartyTable
from workers.session.telling import Telling


class Membership:
    """`say` is called at each change; `doubt` when the table must be read anew (with the reason)."""

    def __init__(
        self,
        calls: PartyCalls,
        tokens: TokenSource,
        memory: MemoryFile,
        say: Callable[[PartyState], None],
        doubt: Callable[[str], None],
    ) -> None:
        self._calls = calls
        self._tokens = tokens
        self._memory = memory
        self._say = say
        self._doubt = doubt
        self._table: PartyTable | None = None
        self._order: Order[PushEvent] | None = None
        self._since_asked: list[PushEvent] | None = None
        self._names = Names(calls)
        self._own = Telling(calls)
        self._reason = ""
        self._end: ends.End = ""
        self._log = structlog.get_logger("session")
        self.moves = asyncio.Lock()

    @property
    def memory(self) -> Memory:
        return self._memory.now

    def state(self) -> PartyState:
        kept, table = self._memory.now, self._table
        if kept.phase == "none" or table is None:
            return PartyState(phase="none", reason=self._reason, end=self._end)
        return PartyState(
            phase=kept.phase,
            session_id=kept.session_id,
            name=table.name,
            context_id=kept.context_id,
            me=table.me,
            joined_at=kept.joined_at,
            members=table.members,
            open=table.open,
            reason=self._reason,
        )

    def restore(self) -> bool:
        """Take up what an earlier run remembered, and say it at once; return whether there was a party."""
        kept = self._memory.now
        if kept.phase != "none":
            self._begin(kept, resumed=True)
        self._say(self.state())
        return kept.phase != "none"

    # --- moves ------------------------------------------------------------------------------------

    async def join(
        self, session_id: str, cpss_id: str, platform: str, push_open: Callable[[], Awaitable[None]]
    ) -> None:
        """Join, after leaving where we are. Raises what was refused; we have left then, whatever it was."""

        async def enter(kept: Memory) -> str:
            await self._calls.join(session_id, kept.context_id, cpss_id)
            return session_id

        async with self.moves:
            kept = self._memory.now
            if kept.phase != "joined" or kept.session_id.lower() != session_id.lower():
                await self._enter(Memory(session_id=session_id, cpss_id=cpss_id, platform=platform), push_open, enter)

    async def create(
        self, name: str, joinable_by: str, platform: str, push_open: Callable[[], Awaitable[None]]
    ) -> None:
        """Make a party and be in it, after leaving where we are. Raises what was refused."""

        async def enter(kept: Memory) -> str:
            return await self._calls.create(name, joinable_by, kept.context_id)

        async with self.moves:
            await self._enter(Memory(name=name, platform=platform), push_open, enter)

    async def _enter(
        self, begun: Memory, push_open: Callable[[], Awaitable[None]], enter: Callable[[Memory], Awaitable[str]]
    ) -> None:
        """Become a member by `enter`, which returns the session id."""
        account_id = (await self._tokens.token()).account_id
        await push_open()
        if self._memory.now.phase != "none":
            await self._leave("Joining another party.")
        memory = msgspec.structs.replace(
            begun,
            phase="joining",
            context_id=str(uuid.uuid4()),
            account_id=account_id,
        )
        self._begin(memory)
        self._changed()
        try:
            session_id = await enter(memory)
        except PartylineError as error:
            meant = await lookups.why(self._calls, error, memory)
            if not memory.session_id and isinstance(error, RefusedError | NotFoundError):
                self._over(meant.message, "refused")  # nothing was made, so there is nothing to leave
            else:
                await self._leave_after(meant)
            raise meant from error
        if session_id != memory.session_id:
            self._begin(msgspec.structs.replace(memory, session_id=session_id))
        self._memory.keep(msgspec.structs.replace(self._memory.now, phase="joined", joined_at=time.time()))
        await self._after_join()

    async def _after_join(self) -> None:
        """Read who is there, then say what members say. Neither can undo that we are in."""
        kept = self._memory.now
        try:
            await self._snapshot()
        except PartylineError as error:
            self._log.warning("joined, but the party cannot be read yet", error=error.message)
            self._doubt("the party could not be read after joining")
        self._changed()
        await self._own.joined(kept)

    async def leave(self, reason: str) -> None:
        """Leave if we are anywhere; raises when the server did not answer (`reconcile` tries again then)."""
        async with self.moves:
            if self._memory.now.phase != "none":
                await self._leave(reason)

    async def leave_now(self, reason: str) -> None:
        """Leave without waiting for another move: the worker is stopping, and has cancelled them."""
        if self._memory.now.phase != "none":
            await self._leave(reason)

    async def _leave_after(self, failure: PartylineError) -> None:
        """Leave after a failed join: a half-open membership blocks the next try [seen: chiaki]."""
        try:
            await self._leave(failure.message, "refused")
        except PartylineError:
            self._doubt("a leave without an answer")

    async def _leave(self, reason: str, end: ends.End = "left") -> None:
        kept = self._memory.now
        self._memory.keep(msgspec.structs.replace(kept, phase="leaving"))
        self._changed()
        if session_id := kept.session_id or await lookups.made_party(self._calls, kept):
            await self._calls.leave(session_id)
        self._over(reason, end)

    async def reconcile(self) -> None:
        """Compare with the server: go on, say that it is over, or finish a leave that was begun."""
        async with self.moves:
            kept = self._memory.now
            if kept.phase == "none":
                return
            if (await self._tokens.token()).account_id != kept.account_id:
                self._over("Another account has signed in.")
            elif kept.phase == "leaving" or not kept.session_id:
                await self._leave("Left the party.")
            elif not (shown := await self._snapshot()) or self._table is None or not self._table.has_me:
                found: tuple[str, ends.End] = (ends.MISSED, "dropped") if shown else (ends.NOT_SHOWN, "gone")
                if self._table and self._table.reason:
                    found = self._table.reason, self._table.end
                # A half-open membership blocks the next try [seen: chiaki].
                await self._leave(*found)
            else:
                if kept.phase == "joining":
                    joined_at = kept.joined_at or time.time()
                    self._memory.keep(msgspec.structs.replace(kept, phase="joined", joined_at=joined_at))
                self._table.reason, self._table.end = "", ""
                self._changed()
                await self._own.resumed(kept)

    def forget_wish(self, left_under: int) -> None:
        """Remember that the person asked to leave under that supervisor (0: they asked for a party again)."""
        self._memory.keep(msgspec.structs.replace(self._memory.now, left_under=left_under))

    # --- following --------------------------------------------------------------------------------

    def take(self, event: PushEvent, now: float) -> float | None:
        """Take in a push event; return when (`now`'s clock) `expire` wants to be called, if at all."""
        if self._order is None or self._table is None:
            return None
        kept = self._memory.now
        ours = any(context_id == kept.context_id for context_id, _ in event.contexts)
        known = kept.session_id or (event.session_id if ours else "")  # of a party that we make: not told yet
        if not event.session_id or event.session_id.lower() != known.lower():
            return None
        released = self._order.take(event, event.contexts, now)
        self._apply(released.events, gap=released.gap)
        return self._order.deadline if self._order else None

    def reopened(self) -> float | None:
        """Take note that events may be missing: the push channel was opened again; return as `take` does."""
        if self._order is not None:
            self._apply(self._order.restart().events, gap=False)
        return self._order.deadline if self._order else None

    def expire(self, now: float) -> float | None:
        """Give up on events that did not come; return when to be called next."""
        if self._order is None:
            return None
        released = self._order.expire(now)
        self._apply(released.events, gap=released.gap)
        return self._order.deadline if self._order else None

    def _apply(self, events: tuple[PushEvent, ...], *, gap: bool) -> None:
        changed = False
        for event in events:
            if self._table is None:
                return
            if self._since_asked is not None:
                self._since_asked.append(event)
            outcome = self._table.apply(event)
            if outcome is Outcome.ENDED and self._memory.now.phase == "joined":
                self._over(self._table.reason, self._table.end)
                return
            if outcome is Outcome.KICKED:
                # It may be the echo of an earlier membership: the server decides.
                self._doubt("our own entry was deleted")
            changed |= outcome is Outcome.CHANGED
        if gap:
            self._doubt("a push event is missing")
        if changed:
            self._changed()
            if self._names.missing(self._table):
                self._doubt("a member without a name")

    # --- inside -----------------------------------------------------------------------------------

    def _begin(self, memory: Memory, *, resumed: bool = False) -> None:
        self._memory.keep(memory)
        self._table = PartyTable(memory.session_id, memory.account_id, memory.platform)
        me = Member(account_id=memory.account_id, platform=memory.platform, is_me=True)
        members = memory.members or ((me,) if memory.phase != "none" else ())
        self._table.restore(memory.name, members)
        if self._order is None or self._order.context_id != memory.context_id:
            self._order = Order(memory.context_id, first=None if resumed else FIRST)
        self._names.forget()
        self._reason, self._end = "", ""

    def _over(self, reason: str, end: ends.End = "left") -> None:
        self._log.info("no party", reason=reason, end=end)
        self._table, self._order, self._reason, self._end = None, None, reason, end
        self._memory.keep(Memory(left_under=self._memory.now.left_under))
        self._say(self.state())

    def _changed(self) -> None:
        if self._table is not None:
            kept = msgspec.structs.replace(self._memory.now, name=self._table.name, members=self._table.members)
            self._memory.keep(kept)
        self._say(self.state())

    async def _snapshot(self) -> bool:
        """Read the party by REST, with the events that came meanwhile on top; return whether it is there."""
        kept = self._memory.now
        self._since_asked = []
        try:
            party = await self._calls.party(kept.session_id)
            missed = self._since_asked
        finally:
            self._since_asked = None
        if party is None or self._table is None:
            return False
        self._table.snapshot(party)
        self._own.shown = next((entry for entry in party.members if self._table.is_mine(entry)), None)
        for event in missed:
            self._table.apply(event)
        await self._names.tell(self._table)
        return True
