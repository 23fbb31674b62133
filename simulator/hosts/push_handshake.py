"""The opening of a push channel, strict about its headers."""

from __future__ import annotations

import time

from aiohttp import web

from simulator.facts import push, rests_on
from simulator.hosts.middleware import caller
from simulator.parties.party import Key
from simulator.push.registry import IDLE, KINDS, VOICE_CHAT, OpenPushChannel
from simulator.shared.refusals import Refused, bad_request
from simulator.world import World

SUBPROTOCOL = "np-pushpacket"
PROTOCOLS = ("3.0", "2.1")
_NEEDED = ("X-PSN-APP-TYPE", "X-PSN-APP-VER", "X-PSN-OS-VER", "X-PSN-KEEP-ALIVE-STATUS-TYPE")
RETRY_S = (120, 180)
"""retryIntervalMin and retryIntervalMax, in seconds [app]."""


class PushHandshake:
    """Accepts WebSockets."""

    def __init__(self, world: World) -> None:
        self._world = world

    @rests_on(push.HANDSHAKE, push.OPENED_IDLE, push.RETRIES)
    async def open(self, request: web.Request) -> tuple[OpenPushChannel, web.WebSocketResponse]:
        grant = caller(self._world, request)
        offered = [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]
        if SUBPROTOCOL not in offered:
            raise bad_request(f"the subprotocol {SUBPROTOCOL} is missing")
        for header in _NEEDED:
            if not request.headers.get(header):
                raise bad_request(f"{header} is missing")
        protocol = request.headers.get("X-PSN-PROTOCOL-VERSION", "")
        if protocol not in self._world.options.push_versions:
            raise Refused(400, f"X-PSN-PROTOCOL-VERSION {protocol!r}", violation=protocol not in PROTOCOLS)
        kind = _kind(request.headers["X-PSN-KEEP-ALIVE-STATUS-TYPE"], protocol)
        key = (grant.person.account_id, request.headers["X-PSN-APP-TYPE"].partition(".")[0])
        said = self._reconnection(request, key, grant.duid)
        client = web.WebSocketResponse(protocols=[SUBPROTOCOL], autoping=False, max_msg_size=1 << 20)
        client.headers["X-PSN-RETRY-INTERVAL-MIN"], client.headers["X-PSN-RETRY-INTERVAL-MAX"] = map(str, RETRY_S)
        await client.prepare(request)
        now = time.monotonic()
        connection = OpenPushChannel(
            key=key,
            protocol=protocol,
            keep_alive=self._world.options.keep_alive(kind),
            kind=kind,
            duid=grant.duid,
            reconnection=said,
            opened_at=now,
            last_seen=now,
            send=lambda _: None,
            close=lambda _: None,
            authorised=protocol == "2.1",
        )
        return connection, client

    @rests_on(push.RECONNECTION, push.RECONNECTED_FALSE)
    def _reconnection(self, request: web.Request, key: Key, duid: str) -> bool:
        """Return the value of X-PSN-RECONNECTION. A wrong one is a violation, and may end the membership."""
        words = request.headers.get("X-PSN-RECONNECTION")
        if words not in ("true", "false"):
            raise bad_request("X-PSN-RECONNECTION is neither true nor false")
        now, said = time.monotonic(), words == "true"
        if wrong := self._world.push.reconnects_wrongly(key, duid, said=said, now=now):
            self._world.violated(f"push {request.path}", 400, f"X-PSN-RECONNECTION says {wrong}")
        if not said and self._world.push.within_presence(key, duid, now):
            self._world.reconnected_false(key)
        return said


@rests_on(push.TYPES)
def _kind(words: str, protocol: str) -> int:
    if words not in map(str, KINDS):
        raise bad_request("X-PSN-KEEP-ALIVE-STATUS-TYPE is neither 3 nor 6")
    kind = int(words)
    if protocol == "3.0" and kind != IDLE:
        raise bad_request("a 3.0 channel is always opened as idle (6), and changed by method 1007")
    if protocol == "2.1" and kind != VOICE_CHAT:
        raise bad_request("a 2.1 channel has type 3")
    return kind
