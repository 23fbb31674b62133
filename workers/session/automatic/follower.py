"""The follower, which joins the party of a followed player. It polls at a rate that PlayStation tolerates."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

import structlog

from common.errors import PartylineError
from common.messages import Following, PartyState
from common.psn.errors import RateLimitedError
from workers.session.automatic.followed import Followed, FollowedFile, is_among
from workers.session.automatic.player_search import PlayerSearch
from workers.session.automatic.poll_schedule import PollSchedule
from workers.session.events.event_kind import EventKind
from workers.session.member.join_tasks import JoinTasks
from workers.session.member.membership import Membership
from workers.session.state import following

AWAY = "in no party that this account may join"


class Follower:
    """Follows one player at a time. Call `run` once."""

    def __init__(
        self, file: FollowedFile, schedule: PollSchedule, search: PlayerSearch, membership: Membership
    ) -> None:
        self._file = file
        self._schedule = schedule
        self._search = search
        self._membership = membership
        self._woken = asyncio.Event()
        self._detail = ""
        """The result of the last search."""
        self._session_id = ""
        """The party that we are in."""
        self._join: asyncio.Task[PartyState] | None = None
        self._published = Following()
        self._log = structlog.get_logger("session")

    @property
    def follows(self) -> bool:
        return bool(self._file.now.account_id)

    def start(self, account_id: str, online_id: str) -> None:
        self._detail = ""
        self._file.keep(Followed(account_id=account_id, online_id=online_id))
        self._schedule.reset_interval()
        self.wake()

    def stop(self) -> str:
        """Stop following. Return a sentence about it with a leading space, or "" if nobody was followed."""
        online_id = self._file.now.online_id
        self._file.keep(Followed())
        if self._join is not None:
            self._join.cancel()
        self.wake()
        return f" {online_id} is not followed any more." if online_id else ""

    def wake(self) -> None:
        """Check again what is due."""
        self._woken.set()

    def on_wake(self) -> None:
        """Search soon after a sleep of this machine, in which the player may have moved on."""
        self._schedule.reset_interval()
        self.wake()

    def on_party(self, state: PartyState) -> None:
        """Record the local party state. A party that removed this account is not joined again."""
        if state.phase == "joined":
            self._session_id = state.session_id
        elif state.phase == "none":
            if state.end == "removed" and self._session_id:
                self._file.shun(self._session_id)
            self._session_id = ""
            if state.end != "refused":
                self._schedule.reset_interval()
        self.wake()

    def on_push_event(self, kind: EventKind) -> None:
        """Search soon after an event that may be about the player's party."""
        if kind.outside or kind.invitation:
            self._schedule.reset_interval()
            self.wake()

    async def run(self, push_open: asyncio.Event, joins: JoinTasks, publish: Callable[[Following], object]) -> None:
        publish(self._published)
        while True:
            self._woken.clear()
            wait_s = await self._step(push_open, joins)
            self._publish(publish)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()

    async def _step(self, push_open: asyncio.Event, joins: JoinTasks) -> float | None:
        """Search if it is due. Return the seconds until the next search, or None if only an event can cause one."""
        state = self._membership.party_state()
        if not self.follows or self._is_with(state) or state.phase in ("joining", "leaving") or not push_open.is_set():
            return None
        wait_s = self._schedule.due_at() - time.monotonic()
        if wait_s > 0:
            return wait_s
        try:
            session_id = await self._poll()
            if session_id:
                await self._join_party(session_id, joins)
        except PartylineError as error:
            self._detail = error.message
            self._log.info("following failed for now", error=error.message)
            if isinstance(error, RateLimitedError):
                self._schedule.hold(time.monotonic() + error.retry_after)
        return max(0.0, self._schedule.due_at() - time.monotonic())

    async def _poll(self) -> str:
        """Return the id of the party to join, or ""."""
        followed, here = self._file.now, self._membership.memory.session_id
        self._schedule.record_poll(time.monotonic())
        found = await self._search.search(followed)
        if self._file.now != followed or found in ("", here):
            self._detail = AWAY
            return ""
        return found

    async def _join_party(self, session_id: str, joins: JoinTasks) -> None:
        """Join, unless `stop` cancels it."""
        self._join = joins.start(session_id)
        await asyncio.wait([self._join])
        if not self._join.cancelled():
            self._join.result()
            self._schedule.reset_interval()

    def _is_with(self, state: PartyState) -> bool:
        return state.phase == "joined" and is_among(state.members, self._file.now)

    def _publish(self, publish: Callable[[Following], object]) -> None:
        followed, due_s = self._file.now, self._schedule.due_at() - time.monotonic()
        now = following(
            followed.account_id,
            followed.online_id,
            is_with=self._is_with(self._membership.party_state()),
            detail=self._detail,
            next_look_at=0.0 if due_s <= 0 else round(time.time() + due_s),
        )
        if now != self._published:
            self._published = now
            publish(now)
