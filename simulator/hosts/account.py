"""ca.account.sony.com and my.account.sony.com: sign-in page, sign-in cookie, authorize, token."""

from __future__ import annotations

import html
import time

from aiohttp import web

from simulator.account.oauth import NOT_SIGNED_IN
from simulator.facts import account as facts
from simulator.facts import rests_on
from simulator.world import World

_PAGE = """<!doctype html><meta charset="utf-8"><title>Sign in (simulator)</title>
<h1>Sign in to the simulated PlayStation Network</h1>
<p>These accounts are invented; no password is needed.</p>
<form method="post"><select name="account">{options}</select> <button>Sign in</button></form>
"""


class AccountHost:
    def __init__(self, world: World) -> None:
        self._world = world

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/signin/", self.page),
                web.post("/signin/", self.sign_in),
                web.get("/api/v1/ssocookie", self.sso_cookie),
                web.get("/api/authz/v3/oauth/authorize", self.authorize),
                web.post("/api/authz/v3/oauth/token", self.token),
            ]
        )
        return app

    async def page(self, _: web.Request) -> web.Response:
        people = [person for person in self._world.accounts.people.values() if person.npsso]
        options = "".join(f'<option value="{p.account_id}">{html.escape(p.online_id)}</option>' for p in people)
        return web.Response(text=_PAGE.format(options=options), content_type="text/html")

    async def sign_in(self, request: web.Request) -> web.Response:
        form = await request.post()
        person = self._world.accounts.people.get(str(form.get("account", "")))
        if person is None or not person.npsso:
            return web.Response(status=400, text="No such account.")
        response = web.Response(status=303, headers={"Location": "/account/api/v1/ssocookie"})
        response.set_cookie("npsso", person.npsso, path="/account", httponly=True, samesite="Lax")
        return response

    @rests_on(facts.SIGN_IN_PAGE)
    async def sso_cookie(self, request: web.Request) -> web.Response:
        person = self._world.accounts.by_npsso(request.cookies.get("npsso", ""))
        if person is not None:
            return web.json_response({"npsso": person.npsso})
        refused = {"error": "invalid_grant", "error_description": "Invalid login", "error_code": NOT_SIGNED_IN}
        return web.json_response(refused, status=401)

    @rests_on(facts.AUTHORIZE)
    async def authorize(self, request: web.Request) -> web.Response:
        """Answer 302, with a code or to the sign-in page with login_required."""
        sign_in = f"{self._world.base_url}/account/signin/"
        npsso = request.cookies.get("npsso", "")
        location = self._world.oauth.authorize(request.query, npsso, sign_in, time.time())
        return web.Response(status=302, headers={"Location": location})

    @rests_on(facts.TOKEN_CALL)
    async def token(self, request: web.Request) -> web.Response:
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        answer = self._world.oauth.token(
            form,
            request.headers.get("Authorization", ""),
            request.headers.get("X-Psn-Correlation-Id", ""),
            time.time(),
        )
        return web.json_response(answer, headers={"Cache-Control": "no-store"})
