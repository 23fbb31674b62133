"""Who calls a bridge, and on which bridge and peer."""

from __future__ import annotations

from aiohttp import web

from simulator.consoles.bridge import BridgePeer, Bridges, MixingBridge
from simulator.facts import rests_on
from simulator.facts.bridge import BARE, HEADERS, MEMBERS
from simulator.hosts.middleware import CallHeaders, caller
from simulator.hosts.mobile.caller import PLATFORM
from simulator.parties.party import Device
from simulator.shared.refusals import Refused, bad_request
from simulator.world import World

_TITLES = ("METROPOL_AND", "METROPOL_IOS")


class BridgeCaller:
    """The checks of every call about bridges."""

    def __init__(self, world: World, bridges: Bridges) -> None:
        self._world = world
        self._bridges = bridges
        self._headers = CallHeaders(world)

    @rests_on(BARE)
    def device(self, request: web.Request) -> Device:
        grant = caller(self._world, request)
        self._headers.check(request)
        return Device(grant.person.account_id, grant.person.online_id, PLATFORM, grant.duid)

    @rests_on(HEADERS)
    def titled(self, request: web.Request) -> Device:
        if request.headers.get("X-PSN-RTC-TITLE-ID") not in _TITLES:
            raise bad_request("X-PSN-RTC-TITLE-ID is missing or unknown")
        return self.device(request)

    @rests_on(HEADERS)
    def bridge(self, request: web.Request) -> tuple[Device, MixingBridge]:
        device = self.titled(request)
        bridge = self._bridges.by_id.get(request.match_info["bridge_id"])
        if bridge is None:
            raise Refused(404, "there is no such bridge", violation=False)
        if request.headers.get("X-PSN-BRIDGE-TOKEN") != bridge.token:
            raise Refused(403, "X-PSN-BRIDGE-TOKEN is not this bridge's")
        return device, bridge

    @rests_on(HEADERS, MEMBERS)
    def peer(self, request: web.Request) -> tuple[MixingBridge, BridgePeer]:
        device, bridge = self.bridge(request)
        peer = bridge.peers.get(request.match_info["peer_id"])
        if peer is None or peer.owner != device.peer:
            raise Refused(404, "there is no such peer on this bridge", violation=False)
        return bridge, peer
