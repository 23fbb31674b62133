"""m.np.playstation.com with sessionManager v2, invitations (`invitations`) and userProfile (`profiles`)."""

from __future__ import annotations

from aiohttp import web

from simulator.facts import party as facts
from simulator.facts import rests_on
from simulator.facts.bridge import VIEWED
from simulator.hosts.middleware import CPSS_ID, json_body
from simulator.hosts.mobile.caller import Caller
from simulator.hosts.mobile.invitations import InvitationRoutes
from simulator.hosts.mobile.profiles import ProfileRoutes
from simulator.hosts.waiting import push_settled
from simulator.parties import bodies
from simulator.parties.party import Device, SimulatedParty
from simulator.shared.refusals import Refused, bad_request
from simulator.world import World

_V2 = "/api/sessionManager/v2"
_ONE = _V2 + "/partySessions/{session_id}"
_ME = "members/me"
_LANGUAGE = "X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE"
_SESSION_IDS = "X-PSN-SESSION-MANAGER-SESSION-IDS"


class MobileHost:
    def __init__(self, world: World) -> None:
        self._world = world
        self._caller = Caller(world)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                *InvitationRoutes(self._world, self._caller).routes(),
                *ProfileRoutes(self._world, self._caller).routes(),
                web.get(_V2 + "/partySessions", self.view),
                web.post(_V2 + "/sys/gameBase/parties/bulkGet", self.bulk),
                web.post(_V2 + "/partySessions", self.create),
                web.patch(_ONE, self.change_party),
                web.post(_ONE + "/members", self.join),
                web.patch(f"{_ONE}/{_ME}", self.change_member),
                web.delete(f"{_ONE}/{_ME}", self.leave),
                web.delete(_ONE + "/members/{account_id}", self.kick),
                web.post(_ONE + "/customMessage", self.custom_message),
            ]
        )
        return app

    # --- parties ---------------------------------------------------------------------------------

    @rests_on(facts.VIEW_KEY, facts.VIEW_VERSION, facts.VIEW_HEADER, facts.VIEW_TIMESTAMP, VIEWED)
    async def view(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        view = request.query.get("view")
        if view not in ("v3", "v2"):
            raise bad_request("neither view=v3 nor view=v2")
        ids = [one.strip() for one in request.headers.get(_SESSION_IDS, "").split(",") if one.strip()]
        if not ids:
            raise bad_request(f"{_SESSION_IDS} is missing")
        ways, parties = self._world.ways, self._world.parties
        found = [party for party in parties.visible_to(device, []) if party.session_id in ids]
        for party in found:
            self._check_link(party, device, request.headers.get(CPSS_ID, ""))
        seen = [party.view(ways.of(facts.VIEW_TIMESTAMP)) for party in found]
        if view == "v3":
            seen = [{**entry, "bridges": []} for entry in seen]
        return web.json_response({ways.of(facts.VIEW_KEY): seen})

    @rests_on(facts.VIEW_CPSS, facts.VIEW_CPSS_MISSING)
    def _check_link(self, party: SimulatedParty, device: Device, cpss_id: str) -> None:
        """Refuse the id of another party's link, and a missing one by the way of `VIEW_CPSS_MISSING`."""
        if cpss_id and cpss_id != party.cpss_id:
            raise bad_request(f"{CPSS_ID} of the view is not the id of that party's link")
        member = party.members.get(device.key)
        if cpss_id or member is None or not member.cpss_id:
            return
        if self._world.ways.of(facts.VIEW_CPSS_MISSING) == "refused":
            raise bad_request(f"{CPSS_ID} is missing from the view of who joined by a link")

    @rests_on(facts.BULK)
    async def bulk(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        limit = request.query.get("limit", "")
        if not limit.isdecimal():
            raise bad_request("limit is missing")
        body = bodies.read(await json_body(request), bodies.Bulk)
        found = self._world.parties.visible_to(device, body.groupInvitedPartySessions)
        return web.json_response({"parties": [party.summary() for party in found[: int(limit)]]})

    @rests_on(facts.CREATE, facts.RENAME)
    def _check_language(self, request: web.Request) -> None:
        if not request.headers.get(_LANGUAGE):
            raise bad_request(f"{_LANGUAGE} is missing")

    @rests_on(facts.CREATE)
    async def create(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        self._check_language(request)
        body = bodies.read(await json_body(request), bodies.Create)
        if len(body.v2PartySessions) != 1:
            raise bad_request("v2PartySessions is not one party")
        new = body.v2PartySessions[0]
        member = bodies.the_member(new.members)
        await push_settled(self._world, device)
        party = self._world.create(device, new, member)
        seen = party.view(self._world.ways.of(facts.VIEW_TIMESTAMP))
        return web.json_response({"v2PartySessions": [seen]}, status=201)

    async def change_party(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        change = bodies.read(await json_body(request), bodies.ChangeParty)
        if change.sessionName is not None:
            self._check_language(request)
        self._world.change_party(device, request.match_info["session_id"], change)
        return web.Response(status=204)

    @rests_on(facts.JOIN_ORDER, facts.CONTEXT)
    async def join(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        body = bodies.read(await json_body(request), bodies.Join)
        member = bodies.the_member(body.members)
        await push_settled(self._world, device)
        session_id = request.match_info["session_id"]
        party = self._world.join(device, session_id, member, cpss_id=request.headers.get(CPSS_ID, ""))
        mine = party.members[device.key]
        entry = mine.full_entry(self._world.ways.of(facts.VIEW_TIMESTAMP))
        return web.json_response({"members": [entry], "sessionId": session_id}, status=201)

    async def change_member(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        change = bodies.read(await json_body(request), bodies.ChangeMember)
        self._world.change_member(device, request.match_info["session_id"], change)
        return web.Response(status=204)

    @rests_on(facts.LEAVE)
    async def leave(self, request: web.Request) -> web.Response:
        """Leave a party. Needs no push channel, as leaving must work while it is down."""
        device = self._caller.device(request)
        try:
            self._world.leave(device, request.match_info["session_id"])
        except Refused as refused:
            refused.violation = False  # a client in doubt always sends the leave call
            raise
        return web.Response(status=204)

    @rests_on(facts.KICK)
    async def kick(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        self._world.kick(device, request.match_info["session_id"], request.match_info["account_id"])
        return web.Response(status=204)

    async def custom_message(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        body = bodies.read(await json_body(request), bodies.CustomMessage)
        await push_settled(self._world, device)
        self._world.custom_message(device, request.match_info["session_id"], body)
        return web.Response(status=204)
