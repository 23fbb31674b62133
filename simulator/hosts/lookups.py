"""The small hosts: web.np (share links), dms (own account id), us-prof (online id → account id), party (link page)."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web

from common.psn.party.links import HOST
from simulator.facts import account, rests_on
from simulator.facts.party import SHARE_LINK
from simulator.hosts.middleware import caller
from simulator.shared.refusals import NO_SUCH_USER, Refused, bad_request
from simulator.world import World


@rests_on(SHARE_LINK)
def web_app(world: World) -> web.Application:
    """web.np.playstation.com, which resolves share links. No token, but the page's Origin and Referer."""

    async def party_info(request: web.Request) -> web.Response:
        own = urlsplit(world.base_url).netloc
        for header in ("Origin", "Referer"):
            if urlsplit(request.headers.get(header, "")).netloc not in (HOST, own):
                raise Refused(403, f"{header} is not https://{HOST}")
        if not request.query.get("country") or not request.query.get("language"):
            raise bad_request("country or language is missing")
        party = world.parties.by_link(request.match_info["cpss_id"])
        if party is None:
            raise Refused(404, "no party has that link", violation=False)
        return web.json_response(party.shared())

    app = web.Application()
    app.add_routes([web.get("/api/cpss/v1/partyInfo/{cpss_id}", party_info)])
    return app


def party_app(world: World) -> web.Application:
    """party.playstation.com, the page behind a share link."""

    async def page(request: web.Request) -> web.Response:
        party = world.parties.by_link(request.match_info["cpss_id"])
        if party is None:
            return web.Response(status=404, text="This party has ended.")
        text = f"{len(party.members)} people are in this simulated party. Join it: partyline join {request.url}"
        return web.Response(text=text)

    app = web.Application()
    app.add_routes([web.get("/{cpss_id}", page)])
    return app


@rests_on(account.WHO_AM_I)
def dms_app(world: World) -> web.Application:
    """dms.api.playstation.com, the caller's own account id."""

    async def me(request: web.Request) -> web.Response:
        return web.json_response({"accountId": caller(world, request).person.account_id})

    app = web.Application()
    app.add_routes([web.get("/api/v1/devices/accounts/me", me)])
    return app


@rests_on(account.ONLINE_ID)
def profile_app(world: World) -> web.Application:
    """us-prof.np.community.playstation.net, online id → account id."""

    async def profile2(request: web.Request) -> web.Response:
        caller(world, request)
        person = world.accounts.by_online_id(request.match_info["online_id"])
        if person is None:
            raise Refused(404, "no such online id", message="User not found", code=NO_SUCH_USER, violation=False)
        found = {"onlineId": person.online_id, "accountId": person.account_id, "currentOnlineId": person.online_id}
        return web.json_response({"profile": found})

    app = web.Application()
    app.add_routes([web.get("/userProfile/v1/users/{online_id}/profile2", profile2)])
    return app
