"""Invitations, and the open parties of groups."""

from __future__ import annotations

from aiohttp import web

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.hosts.middleware import json_body
from simulator.hosts.mobile.caller import Caller
from simulator.parties import bodies
from simulator.world import World

_V2 = "/api/sessionManager/v2"
_ONE = _V2 + "/partySessions/{session_id}"
_GROUPS = "/api/gamingLoungeGroups/v1/members/me/groups"


class InvitationRoutes:
    """The calls of m.np about invitations."""

    def __init__(self, world: World, caller: Caller) -> None:
        self._world = world
        self._caller = caller

    def routes(self) -> list[web.RouteDef]:
        """Return the routes on m.np."""
        return [
            web.get(_V2 + "/users/me/partySessionsInvitations", self.invitations),
            web.get(_GROUPS + "/openPartySessions", self.open_parties),
            web.post(_ONE + "/invitations", self.invite),
        ]

    @rests_on(facts.INVITATIONS)
    async def invitations(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        parties = self._world.parties.by_id.values()
        invited = [{"sessionId": party.session_id} for party in parties if device.account_id in party.invited]
        return web.json_response({"invitations": invited if self._world.parties.lists_invitations else []})

    @rests_on(facts.OPEN_PARTIES, facts.OPEN_PARTIES_ENTRY)
    async def open_parties(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        found = [
            {"groupId": party.group_id, **party.summary()} for party in self._world.parties.of_groups(device.account_id)
        ]
        if self._world.ways.of(facts.OPEN_PARTIES_ENTRY) == "nested":
            found = [{"groupId": one.pop("groupId"), "partySession": one} for one in found]
        return web.json_response({"openPartySessions": found})

    @rests_on(facts.INVITE)
    async def invite(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        body = bodies.read(await json_body(request), bodies.Invite)
        number = self._world.invite(device, request.match_info["session_id"], body)
        return web.json_response({"invitations": [{"invitationType": "NORMAL"}] * number}, status=201)
