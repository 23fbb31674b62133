"""Control API: who of the consoles speaks."""

from __future__ import annotations

from aiohttp import web

from simulator.consoles import voices
from simulator.consoles.scheduler import Scheduler
from simulator.hosts.control.body import answer as _json
from simulator.hosts.control.body import read as _body
from simulator.hosts.control.body import text as _text
from simulator.shared.refusals import Refused

_CONFLICT = 409


class SpeechControl:
    """Overrides the consoles' turns."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/say", self.say),
            web.post("/hush", self.hush),
            web.post("/chorus", self.chorus),
        ]

    async def say(self, request: web.Request) -> web.Response:
        """Let a console speak now: ``{"peer": "<account>.<platform>", "voice": "anna-1"}``."""
        body = await _body(request)
        peer, voice = _text(body, "peer"), _text(body, "voice")
        console = self._scheduler.consoles.get(peer)
        if console is None or voice not in voices.names():
            raise Refused(404, "no such console or voice", violation=False)
        if not console.heard:
            raise Refused(_CONFLICT, "nobody listens to that console yet", violation=False)
        self._scheduler.say(peer, voice)
        return _json({})

    async def hush(self, request: web.Request) -> web.Response:
        """Stop all speech at once: ``{"on": true}``. ``false`` lets it continue."""
        self._scheduler.mute_all(bool((await _body(request)).get("on", True)))
        return _json({})

    async def chorus(self, request: web.Request) -> web.Response:
        """Let every console with a listener speak all the time: ``{"on": true}``. ``false`` returns to taking turns."""
        self._scheduler.all_speak = bool((await _body(request)).get("on", True))
        return _json({})
