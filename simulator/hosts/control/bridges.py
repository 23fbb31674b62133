"""Control API for bridges: show them, choose what clients get, give a party one."""

from __future__ import annotations

from typing import Any, cast

from aiohttp import web

from simulator.consoles.bridge import Bridges, Carries, Grant, MixingBridge
from simulator.facts import Fact
from simulator.facts.bridge import CARRIES, DIRECTION
from simulator.hosts.bridges.links import BridgeLinks
from simulator.hosts.control import body
from simulator.shared.refusals import Refused
from simulator.world import World


class BridgeControl:
    def __init__(self, world: World, bridges: Bridges, links: BridgeLinks) -> None:
        self._world = world
        self._bridges = bridges
        self._links = links

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/bridges", self.state), web.post("/bridges", self.change)]

    async def state(self, _: web.Request) -> web.Response:
        return body.answer([_shown(bridge) for bridge in self._bridges.by_id.values()])

    async def change(self, request: web.Request) -> web.Response:
        """Give a party a bridge, in its owner's name: ``{"sessionId": "…", "direction": "sendrecv"}``.

        `direction` and `carries` are ways of the facts bridge.direction and bridge.carries. Such a bridge carries
        everybody (``party``) unless `carries` is given. ``"end": true`` ends the party's bridges instead. Without a
        `sessionId` both apply to the bridges that clients make.
        """
        given = await body.read(request)
        session_id = given.get("sessionId")
        chosen = {fact.name: _way(given, key, fact) for key, fact in _KEYS.items() if key in given}
        if not session_id:
            for name, way in chosen.items():
                self._world.ways.choose(name, way)
            return body.answer({})
        party = self._world.parties.find(session_id)
        owner = party.members[party.owner]
        if given.get("end"):
            for bridge in self._bridges.of_party(party.session_id):
                if bridge.entry in party.bridges:
                    self._links.unlink(bridge, party, owner)
                await self._bridges.end(bridge.bridge_id)
        else:
            grants = cast("Grant", chosen.get(DIRECTION.name, self._world.ways.of(DIRECTION)))
            carries = cast("Carries", chosen.get(CARRIES.name, "party"))
            self._links.link(self._links.make(owner.device.peer, grants, carries), party, owner)
        return body.answer({})


_KEYS = {"direction": DIRECTION, "carries": CARRIES}


def _way(given: dict[str, Any], key: str, fact: Fact) -> str:
    way = given[key]
    if way not in fact.ways:
        raise Refused(400, f"{key} is none of {', '.join(fact.ways)}", violation=False)
    return str(way)


def _shown(bridge: MixingBridge) -> dict[str, Any]:
    peers = [{"owner": p.owner, "state": p.state, "rtpReceived": p.rtp_received} for p in bridge.peers.values()]
    return {
        "bridgeId": bridge.bridge_id,
        "sessionId": bridge.session_id,
        "maker": bridge.maker,
        "direction": bridge.grants,
        "carries": bridge.carries,
        "peers": peers,
        "consoles": sorted(bridge.seats),
    }
