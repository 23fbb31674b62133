"""The gate: what other machines see of the bus of this one. Four TCP sockets with CURVE.

It is a subscriber and a requester like any other process here, so no worker knows of it. The keyring decides at each
handshake who may connect, and at each request and subscription what one may do. ZeroMQ attaches the public key to every
frame that comes in (ZAP's user id), so that nobody speaks for another.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import structlog
import zmq
import zmq.asyncio
from zmq.auth.asyncio import AsyncioAuthenticator

from common.bus.audio import MEDIA_PLANE
from common.bus.peers import curve, peer_rights
from common.bus.peers.cable.gate_planes import GatePlane
from common.bus.peers.far_site import PORTS
from common.bus.peers.gate_requests import Divide, FarDesk, GateRequests, GateServices
from common.bus.peers.keyring import Keyring, PairedMachine
from common.bus.sockets import OUT, LocalSite, tune
from common.errors import BadMessageError, BusError
from common.files.paths import Paths
from common.messages import MIX_PLANE, wire

REFUSALS_PER_MINUTE = 20
"""Refused handshakes that are logged. A flood fills no disk."""

Frames = list[bytes]


class _Doorkeeper:
    """ZAP's question whether a machine with this key may connect."""

    def __init__(self, keyring: Callable[[], Keyring]) -> None:
        self._keyring = keyring
        self.refused = 0
        self._log = structlog.get_logger("gate")
        self._minute = 0.0
        self._told = 0

    def callback(self, domain: str, key: bytes) -> bool:  # noqa: ARG002  # pyzmq's signature
        peer = self._keyring().with_key(key.decode("ascii", "replace"))
        if peer is not None and peer.right is not None:
            return True
        self.refused += 1
        self._tell()
        return False

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._minute > 60:
            self._minute, self._told = now, 0
        self._told += 1
        if self._told <= REFUSALS_PER_MINUTE:
            self._log.warning("a machine that is not paired was refused", refused=self.refused)


class BusGate:
    """See the module. `keyring` is asked at each handshake and request.

    Who is connected stays connected until the sockets are closed.
    """

    def __init__(  # the address has two parts
        self,
        run: Path,
        keyring: Callable[[], Keyring],
        host: str,
        port: int,
        *,
        services: GateServices | None = None,
    ) -> None:
        """Bind the sockets. Raises `BusError` with the system's reason."""
        self._keyring = keyring
        self._local = LocalSite(run)
        self._context = zmq.asyncio.Context()
        self._log = structlog.get_logger("gate")
        self.keeper = _Doorkeeper(keyring)
        self._store = wire.RetainedStore()
        self._zap = AsyncioAuthenticator(self._context)
        self._zap.start()
        self._zap.configure_curve_callback("*", self.keeper)
        keys = keyring().own
        try:
            asked = self._bound(zmq.ROUTER, keys, host, port + PORTS["ask"])
            self._out = self._bound(zmq.XPUB, keys, host, port + PORTS[OUT])
            self._planes = {
                name: self._bound(zmq.XPUB, keys, host, port + PORTS[name]) for name in (MEDIA_PLANE, MIX_PLANE)
            }
        except BusError:
            self.close()
            raise
        self._requests = GateRequests(self._context, asked, self._local, keyring, services)

    def _bound(self, kind: int, keys: curve.CurveKeys, host: str, port: int) -> zmq.asyncio.Socket:
        socket = self._context.socket(kind)
        tune(socket, high_water=2_000)
        if kind == zmq.XPUB:
            socket.setsockopt(zmq.XPUB_MANUAL, 1)
            socket.setsockopt(zmq.XPUB_VERBOSER, 1)
        curve.serve(socket, keys)
        try:
            socket.bind(f"tcp://{host}:{port}")
        except zmq.ZMQError as error:
            socket.close(linger=0)
            raise BusError(
                f"Port {port} of {host} cannot be opened: {error.strerror or error}.",
                "Set another `[peers] port`, or end the program that has it.",
            ) from error
        return socket

    def set_desk(self, desk: FarDesk | None, divide: Divide) -> None:
        """Let that desk in, or none, and let machines with the right ``worker`` divide the workers anew."""
        self._requests.set_desk(desk, divide)

    def set_pages(self, paths: Paths) -> None:
        """Let paired machines open the pages of this home."""
        self._requests.set_pages(paths)

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forward())
                group.create_task(self._subscriptions())
                group.create_task(self._requests.run())
                for name, socket in self._planes.items():
                    group.create_task(GatePlane(self._context, self._local, name, socket, self._peer).run())
        finally:
            self.close()

    def close(self) -> None:
        self._zap.stop()
        self._context.destroy(linger=0)

    # --- events --------------------------------------------------------------------------------------

    async def _forward(self) -> None:
        inside = self._context.socket(zmq.SUB)
        tune(inside, high_water=10_000)
        inside.subscribe("")
        self._local.connect(inside, OUT)
        while True:
            frames: Frames = await inside.recv_multipart()
            if not peer_rights.may_read(frames[0].decode("utf-8", "replace"), "worker"):  # subscriptions have less
                continue
            try:
                self._store.record(frames)
            except BadMessageError as error:
                self._log.warning("bad message stopped at the gate", error=error.message)
                continue
            await self._out.send_multipart(frames)

    async def _subscriptions(self) -> None:
        """Let a subscription have its readable part, beginning with what is retained of it."""
        while True:
            frame = await self._out.recv(copy=False)
            notice = frame.bytes
            begins = notice[:1] == b"\x01"
            peer = self._peer(frame) if begins else None
            if begins and (peer is None or peer.right is None):
                continue
            right = (peer and peer.right) or "worker"  # the end of a subscription takes nothing that was not given
            prefixes = peer_rights.readable(notice[1:].decode("utf-8", "replace"), right)
            for prefix in prefixes:
                self._out.setsockopt(zmq.SUBSCRIBE if begins else zmq.UNSUBSCRIBE, prefix.encode())
            if begins:
                for prefix in prefixes:
                    for kept in self._store.matching(prefix):
                        await self._out.send_multipart(list(kept))

    def _peer(self, frame: zmq.Frame) -> PairedMachine | None:
        """Return whose frame it is. The end of a subscription bears no name if its sender is gone."""
        return self._keyring().with_key(str(frame.get("User-Id")))
