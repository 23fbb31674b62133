"""Control API: what tests and people look at."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from simulator.consoles import voices
from simulator.consoles.console import Console
from simulator.consoles.scheduler import Scheduler
from simulator.hosts.control.body import answer as _json
from simulator.scenarios import SCENARIOS
from simulator.world import World


class StateControl:
    """Shows the state of the network and its log."""

    def __init__(self, world: World, scheduler: Scheduler) -> None:
        self._world = world
        self._scheduler = scheduler

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/state", self.state),
            web.get("/spoken", self.spoken),
            web.get("/violations", self.violations),
            web.get("/calls", self.calls),
            web.get("/faults", self.standing_faults),
            web.get("/scenarios", self.scenarios),
            web.get("/ways", self.ways),
        ]

    async def state(self, _: web.Request) -> web.Response:
        world = self._world
        return _json(
            {
                "parties": [
                    {**party.view(), "cpssId": party.cpss_id, "invited": sorted(party.invited)}
                    for party in world.parties.by_id.values()
                ],
                "consoles": [_console(console) for console in self._scheduler.consoles.values()],
                "push": [connection.shown() for connection in world.push.connections() if not connection.permanent],
                "undelivered": world.push.undelivered,
                "unfit": world.relay.unfit,
                "hushed": self._scheduler.muted,
                "clockLatestMs": round(self._scheduler.latest_ms, 1),
                "clockLate": [{"at": round(at, 3), "ms": round(ms, 1)} for at, ms in self._scheduler.late],
            }
        )

    async def spoken(self, _: web.Request) -> web.Response:
        return _json(list(self._scheduler.spoken))

    async def violations(self, _: web.Request) -> web.Response:
        return _json(list(self._world.call_log.violations))

    async def calls(self, _: web.Request) -> web.Response:
        return _json(list(self._world.call_log.calls))

    async def standing_faults(self, _: web.Request) -> web.Response:
        return _json({"standing": self._world.faults.standing, "met": self._world.faults.met})

    async def scenarios(self, _: web.Request) -> web.Response:
        return _json({name: scenario.words for name, scenario in SCENARIOS.items()})

    async def ways(self, _: web.Request) -> web.Response:
        """Return the way of each undecided fact."""
        return _json(self._world.ways.all())


def _console(console: Console) -> dict[str, Any]:
    links = {
        link.peer: {"state": link.state, "rtpReceived": link.rtp_received} for link in list(console.links.values())
    }
    return {
        "peer": console.device.peer,
        "onlineId": console.device.online_id,
        "policy": console.behaviour.policy,
        "voices": voices.of_speaker(console.speaker),
        "inParty": bool(console.party.session_id),
        "connections": links,
    }
