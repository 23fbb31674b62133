"""The follower, which joins the party of a followed person. It polls at a rate that PlayStation tolerates."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import structlog

from common.basic.clock import Moment
from common.errors import PartylineError
from common.messages import Following, PartyState, PushEvent
from common.psn.errors import RateLimitedError
from common.psn.party.push import event_name
from workers.session.automatic.followed import Followed, FollowedFile, LookSchedule, find, with_them
from workers.session.calls.party import PartyCalls
from workers.session.invitations import ReceivedInvitations
from workers.session.member.membership import Membership

AWAY = "in no party that this account may join"


class Follower:
    """Call `run` once, `note` with each local party state, and `hint` with each push event."""

    def __init__(
        self,
        file: FollowedFile,
        pace: LookSchedule,
        calls: PartyCalls,
        membership: Membership,
        invited: ReceivedInvitations,
    ) -> None:
        self._file = file
        self._pace = pace
        self._calls = calls
        self._membership = membership
        self._invited = invited
        self._poked = asyncio.Event()
        self._detail = ""
        self._in = ""
        self._going: asyncio.Future[PartyState] | None = None
        self._said = Following()
        self._log = structlog.get_logger("session")

    @property
    def follows(self) -> bool:
        return bool(self._file.now.account_id)

    def start(self, account_id: str, online_id: str) -> None:
        self._detail = ""
        self._file.keep(Followed(account_id=account_id, online_id=online_id))
        self._pace.hint()
        self.poke()

    def stop(self) -> str:
        """Stop following. Return a sentence about it with a leading space, or "" if nobody was followed."""
        online_id = self._file.now.online_id
        self._file.keep(Followed())
        if self._going is not None:
            self._going.cancel()
        self.poke()
        return f" {online_id} is not followed any more." if online_id else ""

    def poke(self) -> None:
        self._poked.set()

    def note(self, state: PartyState) -> None:
        """Record the local party state. A party that removed this account is not joined again."""
        if state.phase == "joined":
            self._in = state.session_id
        elif state.phase == "none":
            if state.end == "removed" and self._in:
                self._file.shun(self._in)
            self._in = ""
            if state.end != "refused":
                self._pace.hint()
        self.poke()

    def hint(self, event: PushEvent) -> None:
        name = event_name(event.data_type)
        if "outside:" in event.data_type or "nvitation" in name:
            self._pace.hint()
            self.poke()

    async def run(
        self,
        push_open: asyncio.Event,
        join: Callable[[str], Awaitable[PartyState]],
        say: Callable[[Following], None],
    ) -> None:
        say(self._said)
        while True:
            self._poked.clear()
            wait_s = await self._step(push_open, join)
            self._say(say)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._poked.wait()

    async def _step(self, push_open: asyncio.Event, join: Callable[[str], Awaitable[PartyState]]) -> float | None:
        """Look if it is due. Return the seconds until the next look, or None if only an event can cause one."""
        state = self._membership.state()
        if not self.follows or self._is_with(state) or state.phase in ("joining", "leaving") or not push_open.is_set():
            return None
        wait_s = self._pace.due_at() - time.monotonic()
        if wait_s > 0:
            return wait_s
        try:
            found = await self._look()
            if found:
                await self._go(found, join)
        except PartylineError as error:
            self._detail = error.message
            self._log.info("following failed for now", error=error.message)
            if isinstance(error, RateLimitedError):
                self._pace.hold(time.monotonic() + error.retry_after)
        return max(0.0, self._pace.due_at() - time.monotonic())

    async def _look(self) -> str:
        """Return the id of the party to join, or ""."""
        wish, memory = self._file.now, self._membership.memory
        self._pace.looked(time.monotonic())
        invited = [one.session_id for one in self._invited.now(Moment.now())]
        me = (await self._calls.me(), self._calls.platform)
        party = find(await self._calls.parties(invited), wish, me)
        if self._file.now != wish or party is None or party.session_id == memory.session_id:
            self._detail = AWAY
            return ""
        return party.session_id

    async def _go(self, found: str, join: Callable[[str], Awaitable[PartyState]]) -> None:
        """Join, unless `stop` cancels it."""
        self._going = asyncio.ensure_future(join(found))
        await asyncio.wait([self._going])
        if not self._going.cancelled():
            self._going.result()
            self._pace.hint()

    def _is_with(self, state: PartyState) -> bool:
        return state.phase == "joined" and with_them(state.members, self._file.now)

    def _say(self, say: Callable[[Following], None]) -> None:
        wish = self._file.now
        following = Following()
        if self.follows:
            here = self._is_with(self._membership.state())
            due_s = self._pace.due_at() - time.monotonic()
            following = Following(
                online_id=wish.online_id,
                account_id=wish.account_id,
                state="with" if here else "looking",
                detail="" if here else self._detail,
                next_look_at=0.0 if here or due_s <= 0 else round(time.time() + due_s),
            )
        if following != self._said:
            self._said = following
            say(following)
