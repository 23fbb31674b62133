"""One client of the API's WebSocket: its queue, and how it is cut off. A client that does not read costs little."""

from __future__ import annotations

import asyncio
import contextlib
import socket as sockets
import struct
from collections import deque
from collections.abc import Collection

import msgspec
from aiohttp import WSMsgType, web

from common.api.keys import KeyGrant
from workers.dashboard.api.callers import CallRefusedError
from workers.dashboard.api.feed import EventSubscription

MOST_CLIENTS = 40
"""Connections at once, of the 64 that the dashboard has (`ConnectionLimits`): its pages need the rest."""
MOST_OF_A_KEY = 24
"""Connections of one key, so that a program that forgets to close them leaves some to the others."""
MOST_WAITING = 3000
"""Frames that may wait for one client, more than `feed.KEPT`, so that a resumed one gets all it missed."""
MOST_WAITING_BYTES = 4 << 20
"""Their most memory, more than `feed.KEPT_BYTES`. Frames of several clients are the same bytes."""
LEVELS_WAITING = 20
"""Frames that wait from which on a client gets no levels: they would be late when it reads them."""
KERNEL_BYTES = 256 * 1024
"""What the system may hold for a client that does not read. By itself Linux lets it grow to 4 MB."""
_RESET = struct.pack("ii", 1, 0)
LINGER_S = 2.0
"""Time for the last frames of a connection that ends. Without a limit, who does not read would keep it open."""


class EventClient:
    """One connected client."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None, grant: KeyGrant) -> None:
        self.socket = socket
        self.grant = grant
        self.subscription: EventSubscription | None = None
        self._transport = transport
        self._raw = transport.get_extra_info("socket") if transport is not None else None
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._wake = asyncio.Event()
        self._overflowed = False
        if self._raw is not None:
            with contextlib.suppress(OSError):
                self._raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, KERNEL_BYTES)

    @property
    def does_not_read(self) -> bool:
        """Whether it was cut off because frames waited too long, or because it answered no ping."""
        return self._overflowed or isinstance(self.socket.exception(), TimeoutError)

    @property
    def wants_levels(self) -> bool:
        return self.subscription is not None and self.subscription.wants_levels and len(self._waiting) < LEVELS_WAITING

    def put(self, frame: bytes) -> None:
        """Queue a frame. Whoever lets too many of them wait is cut off."""
        if self._overflowed:
            return
        self._bytes += len(frame)
        if len(self._waiting) >= MOST_WAITING or self._bytes > MOST_WAITING_BYTES:
            self._overflowed = True
            self.cut_off()  # a close frame would wait behind what it does not read
            return
        self._waiting.append(frame)
        self._wake.set()

    def tell(self, frame: msgspec.Struct) -> None:
        self.put(msgspec.json.encode(frame))

    async def send(self) -> None:
        """Send until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                frame = self._waiting.popleft()
                self._bytes -= len(frame)
                await self.socket.send_frame(frame, WSMsgType.TEXT)

    def cut_off(self) -> None:
        """End the connection at once."""
        self.subscription = None
        self._waiting.clear()
        self._bytes = 0
        self._abort()

    async def close(self, code: int, reason: bytes = b"") -> None:
        """Close the connection in order, or after `LINGER_S` without order."""
        self.subscription = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LINGER_S):
                await self.socket.close(code=code, message=reason)
                return
        self.cut_off()

    def end(self) -> None:
        """Give back what it holds, after its last frames are sent."""
        self._waiting.clear()
        asyncio.get_running_loop().call_later(LINGER_S, self._abort)

    def _abort(self) -> None:
        """End the connection with a reset, so that the system too forgets what was not read."""
        if self._raw is not None:
            with contextlib.suppress(OSError):  # it is closed already
                self._raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_LINGER, _RESET)
        if self._transport is not None:
            self._transport.abort()


def check_room(clients: Collection[EventClient], grant: KeyGrant) -> None:
    """Raise `CallRefusedError` (503) if there are too many connections for another one with this key."""
    of_the_key = sum(client.grant.key_id == grant.key_id for client in clients)
    if len(clients) >= MOST_CLIENTS or of_the_key >= MOST_OF_A_KEY:
        raise CallRefusedError(
            503,
            f"There are {len(clients)} connections to the events, {of_the_key} of this key. "
            f"{MOST_CLIENTS} are served, and {MOST_OF_A_KEY} of one key.",
            "Close some that are not needed.",
            code="api.full",
        )
