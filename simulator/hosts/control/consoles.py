"""Control API for consoles: their negotiation, when they join and leave."""

from __future__ import annotations

import time
from typing import get_args

from aiohttp import web

from simulator.consoles.cast import Cast
from simulator.consoles.negotiate.behaviour import Policy
from simulator.consoles.scheduler import Scheduler
from simulator.demo import SESSION_ID
from simulator.facts.consoles import GLARE, NAMED, WHO_OFFERS
from simulator.facts.ways import BadWay
from simulator.hosts.control import body
from simulator.shared.refusals import Refused

_OWN_WAYS = {"offers": WHO_OFFERS, "glare": GLARE, "named": NAMED}


class ConsoleControl:
    def __init__(self, scheduler: Scheduler, cast: Cast) -> None:
        self._scheduler = scheduler
        self._cast = cast

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/policy", self.policy),
            web.post("/offer", self.offer),
            web.post("/join", self.join),
            web.post("/leave", self.leave),
        ]

    async def policy(self, request: web.Request) -> web.Response:
        """Change a console's policy: ``{"peer": "…", "policy": "silent"}`` (`Policy` lists them).

        ``offers``, ``glare`` and ``named`` set its own way of those facts: ``{"glare": "never-yields"}``. The change
        applies from its next step on.
        """
        given = await body.read(request)
        console = self._scheduler.consoles.get(body.text(given, "peer"))
        wanted = str(given.get("policy", "usual"))
        policy = next((known for known in get_args(Policy) if known == wanted), None)
        if console is None or policy is None:
            raise Refused(404, "no such console or policy", violation=False)
        try:
            for key, fact in _OWN_WAYS.items():
                if key in given:
                    console.behaviour.choose(fact, str(given[key]))
        except BadWay as error:
            raise Refused(404, str(error), violation=False) from error
        console.behaviour.policy = policy
        return body.answer({})

    async def offer(self, request: web.Request) -> web.Response:
        """Let a console offer again to every peer that it negotiates with: ``{"peer": "<account>.<platform>"}``."""
        console = self._scheduler.consoles.get(body.text(await body.read(request), "peer"))
        if console is None or not console.party.session_id:
            raise Refused(404, "no such console in a party", violation=False)
        console.offers.offer_again(time.monotonic())
        return body.answer({})

    async def join(self, request: web.Request) -> web.Response:
        """Let a console join: ``{"peer": "<account>.<platform>"}``, with ``onlineId`` (a new one) and ``sessionId``."""
        given = await body.read(request)
        session_id = str(given.get("sessionId", SESSION_ID))
        self._cast.join(body.text(given, "peer"), session_id, str(given.get("onlineId", "")))
        return body.answer({})

    async def leave(self, request: web.Request) -> web.Response:
        """Let a console leave its party: ``{"peer": "<account>.<platform>"}``."""
        self._cast.leave(body.text(await body.read(request), "peer"))
        return body.answer({})
