"""m.np.playstation.com: sessionManager v2 and userProfile."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator import bodies
from simulator.accounts import Person
from simulator.hosts.guard import CPSS_ID, CallHeaders, caller, json_body
from simulator.hosts.pictures import avatars
from simulator.hosts.waiting import push_settled
from simulator.party import Device
from simulator.refusals import Refused, bad_request
from simulator.world import World

_V2 = "/api/sessionManager/v2"
_ONE = _V2 + "/partySessions/{session_id}"
_ME = "members/me"
_LANGUAGE = "X-PSN-SESSION-MANAGER-SET-PROFANITY-FILTER-LANGUAGE-CODE"
_SESSION_IDS = "X-PSN-SESSION-MANAGER-SESSION-IDS"
PLATFORM = "MOBILE_APP"
"""Whoever signs in with the App's client is a phone."""


class MobileHost:
    def __init__(self, world: World) -> None:
        self._world = world
        self._headers = CallHeaders(world)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get(_V2 + "/partySessions", self.view),
                web.post(_V2 + "/sys/gameBase/parties/bulkGet", self.bulk),
                web.get(_V2 + "/users/me/partySessionsInvitations", self.invitations),
                web.post(_V2 + "/partySessions", self.create),
                web.patch(_ONE, self.change_party),
                web.post(_ONE + "/members", self.join),
                web.patch(f"{_ONE}/{_ME}", self.change_member),
                web.delete(f"{_ONE}/{_ME}", self.leave),
                web.post(_ONE + "/invitations", self.invite),
                web.post(_ONE + "/customMessage", self.custom_message),
                web.get("/api/userProfile/v1/internal/users/profiles", self.profiles),
                web.get("/api/userProfile/v1/internal/users/{account_id}/profiles", self.profile),
            ]
        )
        return app

    def _device(self, request: web.Request) -> Device:
        """Return who calls; every call needs a live token and the right headers."""
        grant = caller(self._world, request)
        self._headers.check(request)
        return Device(grant.person.account_id, grant.person.online_id, PLATFORM, grant.duid)

    # --- parties ---------------------------------------------------------------------------------

    async def view(self, request: web.Request) -> web.Response:
        device = self._device(request)
        if request.query.get("view") != "v3":
            raise bad_request("view=v3 is missing")
        ids = [one.strip() for one in request.headers.get(_SESSION_IDS, "").split(",") if one.strip()]
        if not ids:
            raise bad_request(f"{_SESSION_IDS} is missing")
        seen = [party.view() for party in self._world.parties.visible_to(device, []) if party.session_id in ids]
        return web.json_response({"partySessions": seen})

    async def bulk(self, request: web.Request) -> web.Response:
        device = self._device(request)
        limit = request.query.get("limit", "")
        if not limit.isdecimal():
            raise bad_request("limit is missing")
        body = bodies.read(await json_body(request), bodies.Bulk)
        found = self._world.parties.visible_to(device, body.groupInvitedPartySessions)
        return web.json_response({"parties": [party.summary() for party in found[: int(limit)]]})

    async def create(self, request: web.Request) -> web.Response:
        device = self._device(request)
        if not request.headers.get(_LANGUAGE):
            raise bad_request(f"{_LANGUAGE} is missing")
        body = bodies.read(await json_body(request), bodies.Create)
        if len(body.v2PartySessions) != 1:
            raise bad_request("v2PartySessions is not one party")
        new = body.v2PartySessions[0]
        member = bodies.the_member(new.members)
        await push_settled(self._world, device)
        party = self._world.create(device, new, member)
        return web.json_response({"v2PartySessions": [party.view()]}, status=201)

    async def change_party(self, request: web.Request) -> web.Response:
        device = self._device(request)
        change = bodies.read(await json_body(request), bodies.ChangeParty)
        self._world.change_party(device, request.match_info["session_id"], change)
        return web.Response(status=204)

    async def join(self, request: web.Request) -> web.Response:
        device = self._device(request)
        body = bodies.read(await json_body(request), bodies.Join)
        member = bodies.the_member(body.members)
        await push_settled(self._world, device)
        session_id = request.match_info["session_id"]
        party = self._world.join(device, session_id, member, cpss_id=request.headers.get(CPSS_ID, ""))
        mine = party.members[device.key]
        return web.json_response({"members": [mine.full_entry()], "sessionId": session_id}, status=201)

    async def change_member(self, request: web.Request) -> web.Response:
        device = self._device(request)
        change = bodies.read(await json_body(request), bodies.ChangeMember)
        self._world.change_member(device, request.match_info["session_id"], change)
        return web.Response(status=204)

    async def leave(self, request: web.Request) -> web.Response:
        """Needs no push channel: leaving must work with it down."""
        device = self._device(request)
        try:
            self._world.leave(device, request.match_info["session_id"])
        except Refused as refused:
            refused.violation = False  # whoever is unsure always sends the leave call
            raise
        return web.Response(status=204)

    async def custom_message(self, request: web.Request) -> web.Response:
        device = self._device(request)
        body = bodies.read(await json_body(request), bodies.CustomMessage)
        await push_settled(self._world, device)
        self._world.custom_message(device, request.match_info["session_id"], body)
        return web.Response(status=204)

    # --- invitations -----------------------------------------------------------------------------

    async def invitations(self, request: web.Request) -> web.Response:
        device = self._device(request)
        parties = self._world.parties.by_id.values()
        invited = [{"sessionId": party.session_id} for party in parties if device.account_id in party.invited]
        return web.json_response({"invitations": invited if self._world.parties.lists_invitations else []})

    async def invite(self, request: web.Request) -> web.Response:
        device = self._device(request)
        body = bodies.read(await json_body(request), bodies.Invite)
        number = self._world.invite(device, request.match_info["session_id"], body)
        return web.json_response({"invitations": [{"invitationType": "NORMAL"}] * number}, status=201)

    # --- profiles --------------------------------------------------------------------------------

    async def profiles(self, request: web.Request) -> web.Response:
        self._device(request)
        ids = [one for one in request.query.get("accountIds", "").split(",") if one]
        if not ids:
            raise bad_request("accountIds is missing")
        people = [self._world.accounts.people.get(one) for one in ids]
        return web.json_response({"profiles": [self._profile(person) for person in people if person is not None]})

    async def profile(self, request: web.Request) -> web.Response:
        self._device(request)
        person = self._world.accounts.people.get(request.match_info["account_id"])
        if person is None:
            raise Refused(404, "no such account id", violation=False)
        return web.json_response(self._profile(person))

    def _profile(self, person: Person) -> dict[str, Any]:
        return {
            "accountId": person.account_id,
            "onlineId": person.online_id,
            "aboutMe": "",
            "avatars": avatars(self._world.base_url, person.account_id),
            "isOfficiallyVerified": False,
            "isPlus": True,
            "languages": ["en-US"],
        }
