"""rtcBridge v1 and the link of a bridge to a party, strict about headers, bodies and order."""

from __future__ import annotations

import time
from typing import Literal, cast

import msgspec
from aiohttp import web

from common.psn.sdp import BadSdp
from simulator.consoles.bridge import Bridge, BridgePeer, Bridges, Carries, Grant
from simulator.consoles.bridge_sdp import wrong_with
from simulator.facts import rests_on
from simulator.facts.bridge import (
    ANSWERED,
    BARE,
    CARRIES,
    DIRECTION,
    ENDED,
    HEADERS,
    LINKED,
    MADE,
    MEMBERS,
    OFFERS,
    PEERS,
    TOLD,
    UNLINKED,
)
from simulator.hosts.guard import CallHeaders, caller, json_body
from simulator.hosts.mobile import PLATFORM
from simulator.parties import bodies, events
from simulator.parties.party import Device, Member, Party
from simulator.shared.refusals import Refused, bad_request
from simulator.world import World

_BASE = "/api/rtcBridge/v1/bridges"
_ONE = _BASE + "/{bridge_id}"
_PEER = _ONE + "/peers/{peer_id}"
_LINKS = "/api/sessionManager/v2/partySessions/{session_id}/bridges"
_TITLES = ("METROPOL_AND", "METROPOL_IOS")


class _Opus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    bitrate: int
    channels: Literal[1]
    codec: Literal["CELT", "SILK"]
    ptime: Literal[40]
    samplingRates: list[Literal[16000]]  # noqa: N815  # Sony's spelling


class _Audio(msgspec.Struct, frozen=True):
    isRequired: Literal[True]  # noqa: N815
    opus: list[_Opus]


class _Application(msgspec.Struct, frozen=True):
    isRequired: Literal[True]  # noqa: N815


class _MediaTypes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    application: _Application
    audio: _Audio


class _Media(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mediaTypes: _MediaTypes  # noqa: N815


class _Sdp(msgspec.Struct, frozen=True):
    sdp: str


class _Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    answer: _Sdp


class _Entry(msgspec.Struct, frozen=True):
    bridgeId: str  # noqa: N815
    bridgeToken: str  # noqa: N815


class _Link(msgspec.Struct, frozen=True):
    bridges: list[_Entry]


class BridgeHost:
    def __init__(self, world: World, bridges: Bridges) -> None:
        self._world = world
        self._headers = CallHeaders(world)
        self._bridges = bridges

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

    # --- who calls ---------------------------------------------------------------------------------

    @rests_on(BARE)
    def _device(self, request: web.Request) -> Device:
        grant = caller(self._world, request)
        self._headers.check(request)
        return Device(grant.person.account_id, grant.person.online_id, PLATFORM, grant.duid)

    @rests_on(HEADERS)
    def _titled(self, request: web.Request) -> Device:
        if request.headers.get("X-PSN-RTC-TITLE-ID") not in _TITLES:
            raise bad_request("X-PSN-RTC-TITLE-ID is missing or unknown")
        return self._device(request)

    @rests_on(HEADERS)
    def _bridge(self, request: web.Request) -> tuple[Device, Bridge]:
        device = self._titled(request)
        bridge = self._bridges.by_id.get(request.match_info["bridge_id"])
        if bridge is None:
            raise Refused(404, "there is no such bridge", violation=False)
        if request.headers.get("X-PSN-BRIDGE-TOKEN") != bridge.token:
            raise Refused(403, "X-PSN-BRIDGE-TOKEN is not this bridge's")
        return device, bridge

    @rests_on(HEADERS, MEMBERS)
    def _peer(self, request: web.Request) -> tuple[Bridge, BridgePeer]:
        device, bridge = self._bridge(request)
        peer = bridge.peers.get(request.match_info["peer_id"])
        if peer is None or peer.owner != device.peer:
            raise Refused(404, "there is no such peer on this bridge", violation=False)
        return bridge, peer

    # --- rtcBridge ---------------------------------------------------------------------------------

    @rests_on(MADE, DIRECTION, CARRIES)
    async def create(self, request: web.Request) -> web.Response:
        device = self._titled(request)
        if await json_body(request) != b"{}":
            raise bad_request("a bridge is made from {}")
        grants = cast("Grant", self._world.ways.of(DIRECTION))
        bridge = self.make(device.peer, grants, cast("Carries", self._world.ways.of(CARRIES)))
        made = {"bridgeId": bridge.bridge_id, "bridgeToken": bridge.token, "bridgeHostingType": "us1_simulated"}
        return web.json_response({"bridge": made})

    @rests_on(PEERS)
    async def view(self, request: web.Request) -> web.Response:
        _, bridge = self._bridge(request)
        if request.query.get("fields") != "peer.peerId":
            raise bad_request("fields=peer.peerId is missing")
        return web.json_response({"bridge": {"peers": [{"peerId": peer_id} for peer_id in bridge.peer_ids]}})

    @rests_on(PEERS, ENDED)
    async def end(self, request: web.Request) -> web.Response:
        _, bridge = self._bridge(request)
        party = self._world.parties.by_id.get(bridge.session_id)
        if party is not None and bridge.entry in party.bridges:
            raise Refused(409, "the bridge is still linked to its party")
        await self._bridges.end(bridge.bridge_id)
        return web.Response(status=202)

    @rests_on(OFFERS, MEMBERS, CARRIES)
    async def add_peer(self, request: web.Request) -> web.Response:
        """Add a member's peer, which replaces an earlier one of the same device."""
        device, bridge = self._bridge(request)
        if (request.query.get("allow_duid_duplication"), request.query.get("g")) != ("false", "2"):
            raise bad_request("allow_duid_duplication=false&g=2 is missing")
        bodies.read(await json_body(request), _Media)
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
        _, peer = self._peer(request)
        sdp = bodies.read(await json_body(request), _Answer).answer.sdp
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
        bridge, peer = self._peer(request)
        bodies.read(await json_body(request), _Media)
        peer.direction = bridge.direction()
        return web.json_response({"offer": {"sdp": await peer.offer()}})

    @rests_on(PEERS)
    async def remove_peer(self, request: web.Request) -> web.Response:
        bridge, peer = self._peer(request)
        await bridge.remove(peer.peer_id)
        return web.Response(status=202)

    # --- the party ---------------------------------------------------------------------------------

    @rests_on(LINKED)
    async def link(self, request: web.Request) -> web.Response:
        device = self._device(request)
        if request.headers.get("X-PSN-SESSION-MANAGER-IGNORE-CONFLICT") != "true":
            raise bad_request("X-PSN-SESSION-MANAGER-IGNORE-CONFLICT: true is missing")
        party, member = self._world.parties.member(request.match_info["session_id"], device)
        entries = bodies.read(await json_body(request), _Link).bridges
        bridge = self._bridges.by_id.get(entries[0].bridgeId) if len(entries) == 1 else None
        if bridge is None or bridge.token != entries[0].bridgeToken:
            raise bad_request("bridges is not one bridge with its token")
        self.link_to(bridge, party, member)
        return web.json_response({"bridges": [{"bridgeId": bridge.bridge_id}]}, status=201)

    @rests_on(UNLINKED)
    async def unlink(self, request: web.Request) -> web.Response:
        device = self._device(request)
        party, member = self._world.parties.member(request.match_info["session_id"], device)
        bridge = self._bridges.by_id.get(request.match_info["bridge_id"])
        if bridge is None or bridge.entry not in party.bridges:
            raise Refused(404, "that bridge is not linked to the party", violation=False)
        if request.headers.get("If-Match") != f'"{bridge.etag}"':
            raise Refused(412, "If-Match is not the bridge's etag in double quotes", message="Precondition Failed")
        self.unlink_from(bridge, party, member)
        return web.Response(status=204)

    # --- what both this host and the control API do ----------------------------------------------------

    def make(self, maker: str, grants: Grant, carries: Carries) -> Bridge:
        """Return a new bridge and log its token in the ledger, where tests search for leaks."""
        bridge = self._bridges.make(maker, grants, carries)
        self._world.ledger.note("bridge_token", bridge.token)
        return bridge

    @rests_on(TOLD)
    def link_to(self, bridge: Bridge, party: Party, member: Member) -> None:
        """Link a bridge to a party in a member's name, and send the event to its members."""
        bridge.session_id, bridge.linked_at = party.session_id, time.monotonic()
        if bridge.entry not in party.bridges:
            party.bridges.append(bridge.entry)
        self._world.tell(party.tell(events.BRIDGES_CREATED, member, bridges=[bridge.entry]))

    @rests_on(TOLD)
    def unlink_from(self, bridge: Bridge, party: Party, member: Member) -> None:
        """Unlink a bridge in a member's name, and send the event to the party's members."""
        party.bridges.remove(bridge.entry)
        bridge.session_id = ""
        bridge.seats.clear()
        self._world.tell(party.tell(events.BRIDGES_DELETED, member, bridges=[{"bridgeId": bridge.bridge_id}]))
