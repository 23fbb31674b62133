"""Where we go on request: join, create, leave, follow, and what there is to go to."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from common.bus import Bus
from common.errors import PartylineError
from common.messages import PartyState
from common.psn.endpoints import EndpointSource
from common.psn.links import SessionId, parse_target
from common.requests import (
    CreateParty,
    Done,
    FindPictures,
    FollowPlayer,
    JoinParty,
    LeaveParty,
    ListParties,
    Parties,
    Pictures,
)
from workers.session import ends
from workers.session.calls import PartyCalls
from workers.session.follower import Follower
from workers.session.invited import Invited
from workers.session.listing import Listing
from workers.session.membership import Membership
from workers.session.rejoin import Rejoin


@dataclass(frozen=True)
class Ways:
    """What goes somewhere, and what it needs."""

    calls: PartyCalls
    endpoints: EndpointSource
    membership: Membership
    invited: Invited
    follower: Follower
    push_open: Callable[[], Awaitable[None]]
    """Waits for the push channel; raises `PartyError` when it does not open."""
    demo_link: Callable[[], str] | None
    """The demo party's link, where an empty target means that one."""
    doubt: Callable[[str], None]
    well: Callable[[], None]


class Going:
    """Answers the requests that choose a party. Each move is a task of its own, which `stop` ends."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._membership = ways.membership
        self._listing = Listing(ways.calls, ways.membership, ways.invited)
        self._moves: set[asyncio.Task[PartyState]] = set()
        self.rejoin: Rejoin | None = None
        """What goes back by itself, to be stopped when the person wants something else."""

    def serve(self, bus: Bus) -> None:
        bus.serve(JoinParty, self.join)
        bus.serve(LeaveParty, self.leave)
        bus.serve(CreateParty, self.create)
        bus.serve(FollowPlayer, self.follow)
        bus.serve(ListParties, self.parties)
        bus.serve(FindPictures, self.pictures)

    async def stop(self) -> None:
        """Break off every move."""
        for task in list(self._moves):
            task.cancel()
        await asyncio.gather(*self._moves, return_exceptions=True)

    def start(self, target: str) -> asyncio.Task[PartyState]:
        """Join what `target` names."""
        return self._start(self._join(target))

    def back(self, session_id: str, cpss_id: str) -> asyncio.Task[PartyState]:
        """Join a party that we were in, with the id of the link that had led there."""
        return self._start(self._go_to(session_id, cpss_id))

    # --- requests ---------------------------------------------------------------------------------

    async def join(self, request: JoinParty) -> PartyState:
        target = request.target.strip()
        if not target:
            target = self._ways.demo_link() if self._ways.demo_link else await self._listing.only_party()
        self._other_wish()
        return await self.start(target)

    async def create(self, request: CreateParty) -> PartyState:
        self._other_wish()
        return await self._start(self._create(request))

    async def leave(self, _: LeaveParty) -> Done:
        phase = self._membership.memory.phase
        self._membership.forget_wish(os.getppid())
        ended = self._stop_following()
        if phase == "none":
            return Done(message=f"There was no party to leave.{ended}")
        failure = await self._membership.leave("Left the party.")
        if failure is not None:
            return Done(message=f"Left the party here; {ends.unconfirmed(failure)}{ended}")
        return Done(message=f"Left the party.{ended}")

    async def follow(self, request: FollowPlayer) -> Done:
        if not request.online_id.strip():
            ended = self._ways.follower.stop().strip()
            self._ways.doubt("a join may have been broken off")
            return Done(message=ended or "Nobody was followed.")
        account_id, online_id = await self._ways.calls.account(request.online_id.strip())
        self._other_wish()
        self._ways.follower.start(account_id, online_id)
        return Done(message=f"Following {online_id}: partyline is in whatever party they are in, from now on.")

    async def parties(self, _: ListParties) -> Parties:
        return Parties(parties=await self._listing.parties())

    async def pictures(self, request: FindPictures) -> Pictures:
        return Pictures(urls=await self._ways.calls.pictures(request.account_ids) if request.account_ids else {})

    # --- inside -----------------------------------------------------------------------------------

    def _other_wish(self) -> None:
        """Give up what was going to be done by itself: the person chose something else."""
        self._membership.forget_wish(0)
        self._stop_following()

    def _stop_following(self) -> str:
        if self.rejoin is not None:
            self.rejoin.stop()
        return self._ways.follower.stop()

    def _start(self, move: Coroutine[Any, Any, PartyState]) -> asyncio.Task[PartyState]:
        task = asyncio.create_task(move)
        self._moves.add(task)
        task.add_done_callback(self._moves.discard)
        return task

    async def _create(self, request: CreateParty) -> PartyState:
        name, platform = request.name.strip(), self._ways.calls.platform
        await self._membership.create(name, platform, self._ways.push_open, open_to_friends=request.open)
        self._ways.well()
        return self._membership.state()

    async def _join(self, target: str) -> PartyState:
        return await self._go_to(*await self._resolve(target))

    async def _go_to(self, session_id: str, cpss_id: str) -> PartyState:
        try:
            await self._membership.join(session_id, cpss_id, self._ways.calls.platform, self._ways.push_open)
        except PartylineError as error:
            if error.code == ends.GONE:
                self._ways.invited.forget(session_id)
            raise
        self._ways.invited.forget(session_id)
        self._ways.well()
        return self._membership.state()

    async def _resolve(self, target: str) -> tuple[str, str]:
        """Return session id and cpssId ("" without a link)."""
        meant = parse_target(target, self._ways.endpoints.current().party_link)
        if isinstance(meant, SessionId):
            return meant.value, ""
        info = await self._ways.calls.resolve(meant.value)
        memory = self._membership.memory
        if not info.joinable and not (memory.phase == "joined" and memory.session_id == info.session_id):
            raise ends.not_joinable(info)
        return info.session_id, meant.value
