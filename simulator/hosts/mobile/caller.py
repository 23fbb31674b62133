"""Who calls m.np."""

from __future__ import annotations

from aiohttp import web

from simulator.hosts.middleware import CallHeaders, caller
from simulator.parties.party import Device
from simulator.world import World

PLATFORM = "MOBILE_APP"
"""Platform of every caller that signs in with the App's client."""


class Caller:
    """The check of every call to m.np."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._headers = CallHeaders(world)

    def device(self, request: web.Request) -> Device:
        """Return the calling device. Every call needs a valid token and the right headers."""
        grant = caller(self._world, request)
        self._headers.check(request)
        return Device(grant.person.account_id, grant.person.online_id, PLATFORM, grant.duid)
