"""rtcBridge v1 and the link of a bridge to a party, strict about headers, bodies and order."""

from __future__ import annotations

from typing import cast

from aiohttp import web

from common.psn.sdp import BadSdp
from simulator.consoles.bridge import BridgePeer, Bridges, Carries, Grant
from simulator.consoles.bridge_sdp import wrong_with
from simulator.facts import rests_on
from simulator.facts.bridge import (
    ANSWERED,
    CARRIES,
    DIRECTION,
    ENDED,
    LINKED,
    MADE,
    MEMBERS,
    OFFERS,
    PEERS,
    UNLINKED,
)
from simulator.hosts.bridges import bodies as bridge_bodies
from simulator.hosts.bridges.caller import BridgeCaller
from simulator.hosts.bridges.links import BridgeLinks
from simulator.hosts.middleware import json_body
from simulator.parties import bodies
from simulator.shared.refusals import Refused, bad_request
from simulator.world import World

_BASE = "/api/rtcBridge/v1/bridges"
_ONE = _BASE + "/{bridge_id}"
_PEER = _ONE + "/peers/{peer_id}"
_LINKS = "/api/sessionManager/v2/partySessions/{session_id}/bridges"


class BridgeHost:
    """The calls of m.np about bridges."""

    def __init__(self, world: World, bridges: Bridges, links: BridgeLinks) -> None:
        self._world = world
        self._bridges = bridges
        self._links = links
        self._caller = BridgeCaller(world, bridges)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes on m.np."""
        return [
            web.post(_BASE, self.create),
            web.get(_ONE, self.view),
            web.delete(_ONE, self.end),
            web.post(_ONE + "/peers", self.add_peer),
            web.post(_PEER + "/answer", self.answer),
            web.post(_PEER + "/offer", self.renew),
            web.delete(_PEER, self.remove_peer),
            web.post(_LINKS, self.link),
            web.delete(_LINKS + "/{bridge_id}", self.unlink),
        ]

    # --- rtcBridge ---------------------------------------------------------------------------------

    @rests_on(MADE, DIRECTION, CARRIES)
    async def create(self, request: web.Request) -> web.Response:
        device = self._caller.titled(request)
        if await json_body(request) != b"{}":
            raise bad_request("a bridge is made from {}")
        grants = cast("Grant", self._world.ways.of(DIRECTION))
        bridge = self._links.make(device.peer, grants, cast("Carries", self._world.ways.of(CARRIES)))
        made = {"bridgeId": bridge.bridge_id, "bridgeToken": bridge.token, "bridgeHostingType": "us1_simulated"}
        return web.json_response({"bridge": made})

    @rests_on(PEERS)
    async def view(self, request: web.Request) -> web.Response:
        _, bridge = self._caller.bridge(request)
        if request.query.get("fields") != "peer.peerId":
            raise bad_request("fields=peer.peerId is missing")
        return web.json_response({"bridge": {"peers": [{"peerId": peer_id} for peer_id in bridge.peer_ids]}})

    @rests_on(PEERS, ENDED)
    async def end(self, request: web.Request) -> web.Response:
        _, bridge = self._caller.bridge(request)
        party = self._world.parties.by_id.get(bridge.session_id)
        if party is not None and bridge.entry in party.bridges:
            raise Refused(409, "the bridge is still linked to its party")
        await self._bridges.end(bridge.bridge_id)
        return web.Response(status=202)

    @rests_on(OFFERS, MEMBERS, CARRIES)
    async def add_peer(self, request: web.Request) -> web.Response:
        """Add a member's peer, which replaces an earlier one of the same device."""
        device, bridge = self._caller.bridge(request)
        if (request.query.get("allow_duid_duplication"), request.query.get("g")) != ("false", "2"):
            raise bad_request("allow_duid_duplication=false&g=2 is missing")
        bodies.read(await json_body(request), bridge_bodies.MediaBody)
        party = self._world.parties.by_id.get(bridge.session_id)
        if party is None or device.key not in party.members:
            raise Refused(403, "the bridge is linked to no party that the caller is in")
        if not bridge.has_room(device.peer):
            raise Refused(403, "the bridge has its two peers", violation=False)
        for peer_id in [peer.peer_id for peer in bridge.peers.values() if peer.owner == device.peer]:
            await bridge.remove(peer_id)
        peer = BridgePeer(device.peer, bridge.direction())
        bridge.peers[peer.peer_id] = peer
        return web.json_response({"peer": {"peerId": peer.peer_id, "offer": {"sdp": await peer.offer()}}}, status=201)

    @rests_on(ANSWERED)
    async def answer(self, request: web.Request) -> web.Response:
        _, peer = self._caller.peer(request)
        sdp = bodies.read(await json_body(request), bridge_bodies.AnswerBody).answer.sdp
        if peer.answered:
            raise bad_request("that offer was answered before")
        if wrong := wrong_with(sdp, peer.direction):
            raise bad_request(f"the answer's SDP: {'; '.join(wrong)}")
        try:
            await peer.answer(sdp)
        except BadSdp as error:
            raise bad_request(f"the answer's SDP: {error.message}") from error
        return web.Response(status=204)

    @rests_on(OFFERS, DIRECTION)
    async def renew(self, request: web.Request) -> web.Response:
        bridge, peer = self._caller.peer(request)
        bodies.read(await json_body(request), bridge_bodies.MediaBody)
        peer.direction = bridge.direction()
        return web.json_response({"offer": {"sdp": await peer.offer()}})

    @rests_on(PEERS)
    async def remove_peer(self, request: web.Request) -> web.Response:
        bridge, peer = self._caller.peer(request)
        await bridge.remove(peer.peer_id)
        return web.Response(status=202)

    # --- the party ---------------------------------------------------------------------------------

    @rests_on(LINKED)
    async def link(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        if request.headers.get("X-PSN-SESSION-MANAGER-IGNORE-CONFLICT") != "true":
            raise bad_request("X-PSN-SESSION-MANAGER-IGNORE-CONFLICT: true is missing")
        party, member = self._world.parties.member(request.match_info["session_id"], device)
        entries = bodies.read(await json_body(request), bridge_bodies.LinkBody).bridges
        bridge = self._bridges.by_id.get(entries[0].bridgeId) if len(entries) == 1 else None
        if bridge is None or bridge.token != entries[0].bridgeToken:
            raise bad_request("bridges is not one bridge with its token")
        self._links.link(bridge, party, member)
        return web.json_response({"bridges": [{"bridgeId": bridge.bridge_id}]}, status=201)

    @rests_on(UNLINKED)
    async def unlink(self, request: web.Request) -> web.Response:
        device = self._caller.device(request)
        party, member = self._world.parties.member(request.match_info["session_id"], device)
        bridge = self._bridges.by_id.get(request.match_info["bridge_id"])
        if bridge is None or bridge.entry not in party.bridges:
            raise Refused(404, "that bridge is not linked to the party", violation=False)
        if request.headers.get("If-Match") != f'"{bridge.etag}"':
            raise Refused(412, "If-Match is not the bridge's etag in double quotes", message="Precondition Failed")
        self._links.unlink(bridge, party, member)
        return web.Response(status=204)
