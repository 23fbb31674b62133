"""Our membership in a party: join, leave, resume, follow push events. It connects calls, table and memory. No bus.

Only one move (join, leave, reconcile) runs at a time. Every state is saved before the call that makes it
true, so that the next run finishes whatever a kill -9 interrupts.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import msgspec
import structlog

from common.basic.clock import Moment
from common.errors import PartylineError
from common.messages import PartyState, PushEvent
from common.psn.errors import NotAMemberError, NotFoundError, RefusedError
from common.psn.http.client import TokenSource
from common.psn.party.push import FIRST, Order
from common.psn.party.sessions import Party
from workers.session import end_reasons
from workers.session.calls.party import PartyCalls
from workers.session.leave import half_open
from workers.session.leave.pending_leaves import PendingLeaves
from workers.session.member import diagnosis
from workers.session.member.absence import Absence, LostParty
from workers.session.member.own_entry.publisher import OwnEntryPublisher
from workers.session.memory import Memory, MemoryFile, entered
from workers.session.party.call_scope import no_longer_in_it
from workers.session.party.current import CurrentParty, Taken

T = TypeVar("T")
REMEMBER_S = 60.0
"""How often a continuing membership is saved."""


class Membership:
    """The present membership. `say` is called at each change, `doubt` with a reason when a resync is needed."""

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
        self._present: CurrentParty | None = None
        self._resumed = False
        self._away = Absence(memory.now.seen)
        self._reason = ""
        self._end: end_reasons.End = ""
        self._log = structlog.get_logger("session")
        self.telling = OwnEntryPublisher(calls, self._not_a_member)
        self.leaves = PendingLeaves(
            memory.beside("leaves.json"), memory.place, calls, tokens, lambda: self.memory.session_id, self._changed
        )
        self.who = end_reasons.Who()
        """What the sign-in reports about us, for messages about a refusal."""
        self.lost: LostParty | None = None
        """The party that we lost last. None once we are in a party again, or left one."""
        self.before_leaving: Callable[[str], Awaitable[None]] = _nothing
        """Called with the session id before the leave call. It never raises and takes a second or two at most."""
        self.moves = asyncio.Lock()

    @property
    def memory(self) -> Memory:
        return self._memory.now

    @property
    def members_known(self) -> bool:
        """Whether the party could be read since we joined it."""
        return self._present is None or self._present.known

    def state(self) -> PartyState:
        kept, present = self._memory.now, self._present
        unconfirmed = len(self.leaves.now)
        if kept.phase == "none" or present is None:
            return PartyState(phase="none", reason=self._reason, end=self._end, unconfirmed=unconfirmed)
        return present.state(kept, unconfirmed, self._reason)

    def restore(self) -> bool:
        """Resume what an earlier run saved, and publish it at once. Return whether there was a party."""
        kept = self._memory.now
        if kept.phase != "none":
            self._begin(kept, resumed=True)
            self._resumed = True
        if kept.phase == "joined" and self._present is not None:
            self.telling.begin(kept.session_id, self._present.stay)
        self._say(self.state())
        return kept.phase != "none"

    async def during(self, call: Coroutine[Any, Any, T]) -> T:
        """Make a call that is useful only while we are in the party. Raises `PartyError` when that ends."""
        if self._present is None:
            call.close()
            raise no_longer_in_it()
        try:
            return await self._present.stay.during(call)
        except NotAMemberError as error:
            self._not_a_member(error)
            raise

    # --- moves ------------------------------------------------------------------------------------

    async def join(
        self, session_id: str, cpss_id: str, platform: str, push_open: Callable[[], Awaitable[None]]
    ) -> None:
        """Join, after leaving the present party. Raises the refusal. We are in no party then."""

        async def enter(kept: Memory) -> Party:
            return await self._calls.join(session_id, kept.context_id, cpss_id)

        async with self.moves:
            kept = self._memory.now
            if kept.phase != "joined" or kept.session_id.lower() != session_id.lower():
                await self._enter(Memory(session_id=session_id, cpss_id=cpss_id, platform=platform), push_open, enter)

    async def create(
        self, name: str, platform: str, push_open: Callable[[], Awaitable[None]], *, open_to_friends: bool
    ) -> None:
        """Create a party and join it, after leaving the present one. Raises the refusal."""

        async def enter(kept: Memory) -> Party:
            return await self._calls.create(name, kept.context_id, open_to_friends=open_to_friends)

        async with self.moves:
            await self._enter(Memory(name=name, platform=platform), push_open, enter)

    async def _enter(
        self, begun: Memory, push_open: Callable[[], Awaitable[None]], enter: Callable[[Memory], Awaitable[Party]]
    ) -> None:
        """Become a member by `enter`, which returns the party of its answer."""
        account_id = (await self._tokens.token()).account_id
        await push_open()
        if self._memory.now.phase != "none":
            await self._leave("Joining another party.")
        memory = msgspec.structs.replace(begun, phase="joining", context_id=str(uuid.uuid4()), account_id=account_id)
        self._begin(memory)
        self._changed()
        try:
            if memory.session_id:
                self.leaves.drop(memory.session_id)  # a later retry would remove us again
            party = await half_open.entered(self._calls, memory, self.leaves, enter)
        except PartylineError as error:
            raise await self._not_entered(error, memory) from error
        if party.session_id != memory.session_id:
            self._begin(msgspec.structs.replace(memory, session_id=party.session_id))
        self._memory.keep(entered(self._memory.now))
        await self._after_join(party)

    async def _not_entered(self, error: PartylineError, memory: Memory) -> PartylineError:
        """Leave after a failed join, since a half-open membership blocks the next try. Return the refusal's meaning."""
        meant = await diagnosis.why(self._calls, error, memory, self.who)
        if not memory.session_id and isinstance(error, RefusedError | NotFoundError):
            self._over(meant.message, "refused")  # nothing was made, so there is nothing to leave
        else:
            await self._leave(meant.message, "refused")
        return meant

    async def _after_join(self, answer: Party) -> None:
        """Read the members. A failure here does not undo the join."""
        present = self._present
        if present is None:
            return
        self.lost, self._resumed = None, False
        self._away.seen(Moment.now())
        present.joined(answer)
        self.telling.begin(present.session_id, present.stay)
        try:
            await self._read(present)
        except PartylineError as error:
            self._log.warning("joined, but the party cannot be read yet", error=error.message)
        if not present.known:
            self._doubt("the party could not be read after joining")
        self._changed()

    async def leave(self, reason: str) -> PartylineError | None:
        """Leave the party, if any. Return the error if the leave is not confirmed. It is retried then."""
        if self._present is not None:
            self._present.stay.end()  # also stops the move that holds `moves`
        async with self.moves:
            return await self._leave(reason) if self._memory.now.phase != "none" else None

    async def leave_now(self, reason: str) -> PartylineError | None:
        """Leave without waiting for another move. The stopping worker has cancelled them."""
        return await self._leave(reason) if self._memory.now.phase != "none" else None

    async def _leave(self, reason: str, end: end_reasons.End = "left") -> PartylineError | None:
        kept = self._memory.now
        if self._present is not None:
            self._present.stay.end()
        self._memory.keep(msgspec.structs.replace(kept, phase="leaving"))
        self._changed()
        failure: PartylineError | None = None
        try:
            session_id = kept.session_id
            if not session_id:
                session_id = await half_open.made_party(self._calls, kept.account_id, kept.platform)
            if session_id:
                if kept.phase == "joined":
                    await self.before_leaving(session_id)
                await self._calls.leave(session_id)
        except PartylineError as error:
            self._log.info("a leave is not confirmed", error=error.message)
            self.leaves.add(kept.session_id, kept.account_id, kept.platform)
            failure = error
        self._over(reason, end)
        return failure

    async def reconcile(self) -> None:
        """Resync with the server. Continue, end the membership, or finish a leave that was begun."""
        async with self.moves:
            kept, present = self._memory.now, self._present
            if kept.phase == "none" or present is None:
                return
            if (await self._tokens.token()).account_id != kept.account_id:
                self._over("Another account has signed in.")
            elif kept.phase == "leaving" or not kept.session_id:
                await self._leave("Left the party.")
            else:
                await self._compare(kept, present)

    async def _compare(self, kept: Memory, present: CurrentParty) -> None:
        try:
            there = await self._read(present)
        except NotAMemberError as error:
            self._not_a_member(error)
            return
        except PartylineError:
            if present.stay.over:
                return
            raise
        if self._present is not present:
            return
        if not there:
            await self._missing(kept, present)
            return
        if kept.phase == "joining":
            self._memory.keep(entered(self._memory.now))
            self.telling.begin(present.session_id, present.stay)
        present.table.reason, present.table.end = "", ""
        self._changed()

    async def _read(self, present: CurrentParty) -> bool:
        """Read the party. Return whether it lists us."""
        mine = await present.read()
        if mine is None:
            return False
        self._away.seen(Moment.now())
        self.telling.shown(mine, resumed=self._resumed)
        self._resumed = False
        return True

    async def _missing(self, kept: Memory, present: CurrentParty) -> None:
        """Decide what it means that the server does not list us. Raises while that is uncertain."""
        reason, end = await diagnosis.verdict(self._calls, kept, present, Moment.now())
        if present.shown:
            self._over(reason, end)
        else:  # a half-open membership blocks the next try [seen: chiaki]
            await self._leave(reason, end)

    def _not_a_member(self, error: NotAMemberError) -> None:
        """Treat the party as left, as the app does [app]."""
        if self._memory.now.phase in ("joined", "joining"):
            self._log.info("not a member", error=error.message, reference_id=error.reference_id)
            table = self._present.table if self._present else None
            self._over(*((table.reason, table.end) if table and table.end else (end_reasons.NOT_A_MEMBER, "dropped")))

    def forget_wish(self, left_under: int) -> None:
        """Save that the user asked to leave under that supervisor (0 if they asked for a party again)."""
        self._memory.keep(msgspec.structs.replace(self._memory.now, left_under=left_under))

    # --- following --------------------------------------------------------------------------------

    def take(self, event: PushEvent, now: float) -> float | None:
        """Take in a push event. Return the time (on `now`'s clock) at which to call `expire`, if any."""
        return self._took(self._present.take(event, now)) if self._present else None

    def reopened(self) -> float | None:
        """Handle a reopened push channel, where events may be missing. Returns as `take` does."""
        return self._took(self._present.reopened()) if self._present else None

    def expire(self, now: float) -> float | None:
        """Give up on events that did not come. Return when to call it next."""
        return self._took(self._present.expire(now)) if self._present else None

    def tick(self, now: Moment, *, connected: bool) -> None:
        """Record that time passes. Call every few seconds."""
        self._away.tick(now, connected=connected)
        seen, kept = self._away.known_at, self._memory.now.seen
        if self._memory.now.phase == "joined" and seen and (kept is None or kept.ago_s(seen) > REMEMBER_S):
            self._memory.keep(msgspec.structs.replace(self._memory.now, seen=seen))

    def _took(self, taken: Taken) -> float | None:
        present = self._present
        if present is None:
            return None
        if taken.ended and self._memory.now.phase == "joined":
            self._over(present.table.reason, present.table.end)
            return None
        for reason in taken.doubts:
            self._doubt(reason)
        if taken.changed:
            self._changed()
        return present.deadline

    # --- inside -----------------------------------------------------------------------------------

    def _begin(self, memory: Memory, *, resumed: bool = False) -> None:
        self._memory.keep(memory)
        before = self._present
        order = before.order if before is not None and before.context_id == memory.context_id else None
        if order is None:
            order = Order(memory.context_id, first=None if resumed else FIRST)
        self._present = CurrentParty(self._calls, memory, order)
        self._reason, self._end = "", ""

    def _over(self, reason: str, end: end_reasons.End = "left") -> None:
        self._log.info("no party", reason=reason, end=end)
        kept, present = self._memory.now, self._present
        if present is not None:
            present.stay.end()
        was_in = kept.phase == "joined" or bool(kept.joined_at)
        away_s = self._away.away_s(Moment.now())
        self.lost = (
            LostParty(session_id=kept.session_id, cpss_id=kept.cpss_id, end=end, away_s=away_s) if was_in else None
        )
        self._present, self._reason, self._end = None, reason, end
        self._memory.keep(Memory(left_under=kept.left_under))
        self._say(self.state())

    def _changed(self) -> None:
        present = self._present
        if present is not None:
            kept = self._memory.now
            self._memory.keep(
                msgspec.structs.replace(
                    kept,
                    name=present.table.name,
                    members=present.table.members,
                    known=present.known,
                    seen=self._away.known_at,
                )
            )
            self.telling.members(present.table.members)
        self._say(self.state())


async def _nothing(_: str) -> None:
    """Do nothing before leaving."""
