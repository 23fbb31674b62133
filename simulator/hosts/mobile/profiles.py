"""userProfile: the people behind account ids."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.account.accounts import Person
from simulator.facts import account, rests_on
from simulator.hosts.mobile.caller import Caller
from simulator.hosts.pictures import avatars
from simulator.shared.refusals import Refused, bad_request
from simulator.world import World


class ProfileRoutes:
    """The calls of m.np about profiles."""

    def __init__(self, world: World, caller: Caller) -> None:
        self._world = world
        self._caller = caller

    def routes(self) -> list[web.RouteDef]:
        """Return the routes on m.np."""
        return [
            web.get("/api/userProfile/v1/internal/users/profiles", self.profiles),
            web.get("/api/userProfile/v1/internal/users/{account_id}/profiles", self.profile),
        ]

    @rests_on(account.PROFILES)
    async def profiles(self, request: web.Request) -> web.Response:
        self._caller.device(request)
        ids = [one for one in request.query.get("accountIds", "").split(",") if one]
        if not ids:
            raise bad_request("accountIds is missing")
        people = [self._world.accounts.people.get(one) for one in ids]
        return web.json_response({"profiles": [self._profile(person) for person in people if person is not None]})

    @rests_on(account.PROFILES)
    async def profile(self, request: web.Request) -> web.Response:
        self._caller.device(request)
        person = self._world.accounts.people.get(request.match_info["account_id"])
        if person is None:
            raise Refused(404, "no such account id", violation=False)
        return web.json_response(self._profile(person))

    @rests_on(account.PROFILES)
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
