"""mobile-pushcl with serveraddr, and the push server with the np-pushpacket WebSocket."""

from __future__ import annotations

import msgspec
from aiohttp import web

from simulator.facts import push, rests_on
from simulator.hosts.middleware import caller
from simulator.hosts.push_handshake import PROTOCOLS, RETRY_S, PushHandshake
from simulator.hosts.push_socket import PushSocket
from simulator.push.registry import KINDS
from simulator.shared.names import PUSH_SERVER, is_push_server
from simulator.shared.refusals import Refused, bad_request
from simulator.world import World

PHONE = "MOBILE_APP"


class PushHost:
    """Serveraddr, and the WebSocket of the push server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._handshake = PushHandshake(world)

    def app(self) -> web.Application:
        app = web.Application()
        app.add_routes([web.get("/np/serveraddr", self.serveraddr)])
        return app

    @rests_on(push.SERVERADDR, push.RETRIES, push.TYPES, push.OLD_PROTOCOL)
    async def serveraddr(self, request: web.Request) -> web.Response:
        grant = caller(self._world, request)
        version = request.query.get("version")
        if version not in self._world.options.push_versions:
            raise Refused(400, f"version {version!r} is not served", violation=version not in PROTOCOLS)
        if request.query.get("fields") != "keepAliveStatus":
            raise bad_request("fields=keepAliveStatus is missing")
        kind = request.query.get("keepAliveStatusType", "")
        if kind not in map(str, KINDS):
            raise bad_request("keepAliveStatusType is neither 3 nor 6")
        status = self._world.options.keep_alive(int(kind))
        self._world.push.asked((grant.person.account_id, PHONE), grant.duid, status)
        answer = {
            "fqdn": PUSH_SERVER if is_push_server(request.host) else self._world.fqdn,
            "keepAliveStatus": msgspec.to_builtins(status),
            "retryIntervalMin": RETRY_S[0],
            "retryIntervalMax": RETRY_S[1],
        }
        return web.json_response(answer)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        connection, client = await self._handshake.open(request)
        if self._world.push_faults.lives_s == 0 and request.transport is not None:
            request.transport.abort()
            return client
        await PushSocket(self._world, request.path, connection, client).run()
        return client
