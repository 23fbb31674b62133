"""The simulator's control API for tests and scenarios. Loopback only, no token, no cross-origin calls."""

from __future__ import annotations

import time
from typing import Any

import msgspec
from aiohttp import web

from simulator.account.accounts import Person, npsso_of
from simulator.consoles.cast import Cast
from simulator.consoles.scheduler import Scheduler
from simulator.facts.ways import BadWay
from simulator.hosts.control.body import answer as _json
from simulator.hosts.control.body import read as _body
from simulator.hosts.control.body import text as _text
from simulator.hosts.control.consoles import ConsoleControl
from simulator.hosts.control.parties import PartyControl
from simulator.hosts.control.speech import SpeechControl
from simulator.hosts.control.state import StateControl
from simulator.scenarios import SCENARIOS
from simulator.shared.faults import Fault
from simulator.shared.refusals import Refused
from simulator.world import World


class ControlHost:
    def __init__(self, world: World, scheduler: Scheduler, cast: Cast) -> None:
        self._world = world
        self._scheduler = scheduler
        self._cast = cast

    def app(self) -> web.Application:
        app = web.Application(middlewares=[_no_strangers])
        app.add_routes(
            [
                *PartyControl(self._world).routes(),
                *ConsoleControl(self._scheduler, self._cast).routes(),
                *StateControl(self._world, self._scheduler).routes(),
                *SpeechControl(self._scheduler).routes(),
                web.post("/faults", self.add_fault),
                web.post("/ways", self.choose_way),
                web.post("/scenario", self.set_off),
                web.post("/accounts", self.add_account),
                web.post("/expire-tokens", self.expire_tokens),
                web.post("/drop-push", self.drop_push),
            ]
        )
        return app

    async def add_fault(self, request: web.Request) -> web.Response:
        """Add a fault: ``{"path": "/mobile/api/…", "status": 503, "times": 2}``, with the fields of `Fault`."""
        try:
            fault = msgspec.json.decode(await request.read(), type=Fault)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refused(400, f"no such fault: {error}", violation=False) from error
        self._world.faults.add(fault)
        return _json({})

    async def choose_way(self, request: web.Request) -> web.Response:
        """Set the way of an undecided fact from now on: ``{"name": "…", "way": "…"}``."""
        body = await _body(request)
        try:
            self._world.ways.choose(_text(body, "name"), _text(body, "way"))
        except BadWay as error:
            raise Refused(404, str(error), violation=False) from error
        return _json({})

    async def set_off(self, request: web.Request) -> web.Response:
        """Apply a named scenario: ``{"name": "storms"}``. ``calm`` ends all active ones."""
        scenario = SCENARIOS.get(_text(await _body(request), "name"))
        if scenario is None:
            raise Refused(404, "no such scenario: see /control/scenarios", violation=False)
        scenario.set_off(self._world)
        return _json({})

    async def add_account(self, request: web.Request) -> web.Response:
        """Add an account: ``{"accountId": "…", "onlineId": "…"}`` → the same with its npsso.

        ``country``, ``child`` and ``verified`` (default true) set the claims of its tokens, and whether it may chat.
        """
        body = await _body(request)
        person = Person(
            _text(body, "accountId"),
            _text(body, "onlineId"),
            npsso_of(_text(body, "onlineId")),
            country=str(body.get("country", "US")),
            is_child=bool(body.get("child", False)),
            age_verified=bool(body.get("verified", True)),
        )
        self._world.accounts.add(person)
        return _json({"accountId": person.account_id, "onlineId": person.online_id, "npsso": person.npsso})

    async def expire_tokens(self, _: web.Request) -> web.Response:
        """Expire every access token issued so far. Refresh tokens stay valid."""
        self._world.tokens.expire_all(time.time())
        return _json({})

    async def drop_push(self, request: web.Request) -> web.Response:
        """Close the push connections of ``{"accountId": "…"}`` or of everybody, with ``"code"`` (default 65535)."""
        body = await _body(request)
        wanted, code = body.get("accountId"), int(body.get("code", 65535))
        dropped = 0
        for connection in self._world.push.connections():
            if not connection.permanent and wanted in (None, connection.key[0]):
                connection.close(code)
                dropped += 1
        return _json({"dropped": dropped})


@web.middleware
async def _no_strangers(request: web.Request, handler: Any) -> web.StreamResponse:
    """Refuse pages of other origins, and other host names that resolve to loopback."""
    origin = request.headers.get("Origin")
    host = request.host.partition(":")[0]
    if host not in ("127.0.0.1", "localhost") or (origin is not None and origin != f"http://{request.host}"):
        raise Refused(403, "not from this machine's own pages", violation=False)
    response: web.StreamResponse = await handler(request)
    return response
