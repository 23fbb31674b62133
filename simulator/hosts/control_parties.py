"""What the control API does to parties: take members out, end them, make them smaller or closed."""

from __future__ import annotations

import time

from aiohttp import web

from simulator import events
from simulator.events import Delivery
from simulator.hosts import control_body as body
from simulator.party import Party
from simulator.refusals import Refused
from simulator.world import World, find_member


class PartyControl:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/kick", self.kick),
            web.post("/end-party", self.end),
            web.post("/party", self.change),
            web.post("/invitations", self.invitations),
        ]

    async def kick(self, request: web.Request) -> web.Response:
        """Let the host take a member out of its party: ``{"accountId": "…"}``."""
        account_id = body.text(await body.read(request), "accountId")
        found = find_member(self._world, account_id)
        if found is None:
            raise Refused(404, f"{account_id[:40]!r} is in no party", violation=False)
        party, member = found
        told = self._world.parties.kick(party.session_id, member.device, party.owner)
        self._world.relay.note_left(party.session_id, member.device.key, time.monotonic())
        self._tell(told)
        return body.answer({})

    async def end(self, request: web.Request) -> web.Response:
        """End a party with members in it: ``{"sessionId": "…", "cause": "SESSION_CLOSED"}``."""
        given = await body.read(request)
        party = self._party(body.text(given, "sessionId"))
        self._tell(self._world.parties.end(party.session_id, str(given.get("cause", events.CLOSED))))
        return body.answer({})

    async def change(self, request: web.Request) -> web.Response:
        """Set ``maxMembers`` or ``joinableUserType`` of ``sessionId`` without telling its members."""
        given = await body.read(request)
        party = self._party(body.text(given, "sessionId"))
        most = given.get("maxMembers", party.max_members)
        if not isinstance(most, int) or most < 1:
            raise Refused(400, "maxMembers is no number above 0", violation=False)
        party.max_members = most
        party.joinable_by = str(given.get("joinableUserType", party.joinable_by))
        return body.answer({})

    async def invitations(self, request: web.Request) -> web.Response:
        """Let invitations come by push only: ``{"listed": false}``, or be listed by REST too."""
        self._world.parties.lists_invitations = bool((await body.read(request)).get("listed", True))
        return body.answer({})

    def _party(self, session_id: str) -> Party:
        return self._world.parties.find(session_id)

    def _tell(self, deliveries: list[Delivery]) -> None:
        for delivery in deliveries:
            self._world.hub.deliver(delivery)
