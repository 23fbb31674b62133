"""The requests to join, create and leave a party."""

from __future__ import annotations

import os

from common.bus import Bus
from common.messages import PartyState
from common.requests import CreateParty, Done, JoinParty, LeaveParty
from workers.session import end_reasons
from workers.session.automatic.joins import AutomaticJoins
from workers.session.member.join_tasks import JoinTasks
from workers.session.member.leaving import Leaving
from workers.session.requests.listing import PartyListing


class MoveRequests:
    """Serves the requests. Each stops the automatic joins. A refusal is raised."""

    def __init__(self, joins: JoinTasks, leaving: Leaving, automatic: AutomaticJoins, listing: PartyListing) -> None:
        self._joins = joins
        self._leaving = leaving
        self._automatic = automatic
        self._listing = listing

    def serve(self, bus: Bus) -> None:
        bus.serve(JoinParty, self._serve_join)
        bus.serve(CreateParty, self._serve_create)
        bus.serve(LeaveParty, self._serve_leave)

    async def _serve_join(self, request: JoinParty) -> PartyState:
        target = request.target.strip()
        if not target:
            demo_link = self._automatic.demo_link()
            target = demo_link if demo_link is not None else await self._listing.only_party()
        self._automatic.stop()
        return await self._joins.start(target)

    async def _serve_create(self, request: CreateParty) -> PartyState:
        self._automatic.stop()
        return await self._joins.start_create(request.name.strip(), open_to_friends=request.open)

    async def _serve_leave(self, _: LeaveParty) -> Done:
        has_party = self._leaving.has_party
        stopped = self._automatic.stop(os.getppid())
        if not has_party:
            return Done(message=f"There was no party to leave.{stopped}")
        failure = await self._leaving.leave("Left the party.")
        if failure is not None:
            return Done(message=f"Left the party here. {end_reasons.unconfirmed(failure)}{stopped}")
        return Done(message=f"Left the party.{stopped}")
