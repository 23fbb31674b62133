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
from typing import Any

import structlog
import zmq
import zmq.asyncio
from zmq.auth.asyncio import AsyncioAuthenticator

from common.basic.clock import boot_s
from common.basic.tasks import Tasks
from common.bus.audio import MEDIA_PLANE
from common.bus.peers import curve, rights
from common.bus.peers.far_site import PORTS
from common.bus.peers.keyring import Keyring, Peer
from common.bus.requests import ask
from common.bus.sockets import CLOCK, OUT, SNAPSHOT, LocalSite, tune
from common.errors import BadMessageError, BusError, BusUnreachableError, ErrorReply, PartylineError
from common.messages import MIX_PLANE, wire

ANSWER_S = 70.0
"""More than any command waits."""
MOST_ASKING = 64
"""Requests under way for all machines together."""
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


class Gate:
    """See the module. `keyring` is asked at each handshake and request.

    Who is connected stays connected until the sockets are closed.
    """

    def __init__(self, run: Path, keyring: Callable[[], Keyring], host: str, port: int) -> None:
        """Bind the sockets. Raises `BusError` with the system's reason."""
        self._keyring = keyring
        self._local = LocalSite(run)
        self._context = zmq.asyncio.Context()
        self._log = structlog.get_logger("gate")
        self._tasks = Tasks()
        self._asking = 0
        self.keeper = _Doorkeeper(keyring)
        self.answered = 0
        self._store = wire.RetainedStore()
        self._zap = AsyncioAuthenticator(self._context)
        self._zap.start()
        self._zap.configure_curve_callback("*", self.keeper)
        keys = keyring().own
        try:
            self._ask = self._bound(zmq.ROUTER, keys, host, port + PORTS["ask"])
            self._out = self._bound(zmq.XPUB, keys, host, port + PORTS[OUT])
            self._planes = {
                name: self._bound(zmq.XPUB, keys, host, port + PORTS[name]) for name in (MEDIA_PLANE, MIX_PLANE)
            }
        except BusError:
            self.close()
            raise

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

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._forward())
                group.create_task(self._subscriptions())
                group.create_task(self._answers())
                for name, socket in self._planes.items():
                    group.create_task(self._carry(name, socket))
        finally:
            await self._tasks.cancel()
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
            if not rights.may_read(frames[0].decode("utf-8", "replace")):
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
            prefixes = rights.readable(notice[1:].decode("utf-8", "replace"))
            if not self._peer(frame):
                continue
            for prefix in prefixes:
                option = zmq.SUBSCRIBE if notice[:1] == b"\x01" else zmq.UNSUBSCRIBE
                self._out.setsockopt(option, prefix.encode())
            if notice[:1] == b"\x01":
                for prefix in prefixes:
                    for kept in self._store.matching(prefix):
                        await self._out.send_multipart(list(kept))

    # --- voices --------------------------------------------------------------------------------------

    async def _carry(self, name: str, out: zmq.asyncio.Socket) -> None:
        """Carry an audio plane. It is subscribed to inside only while somebody outside wants it."""
        inside = self._context.socket(zmq.SUB)
        tune(inside, high_water=4_000)
        self._local.connect(inside, name)
        poller = zmq.asyncio.Poller()
        poller.register(inside, zmq.POLLIN)
        poller.register(out, zmq.POLLIN)
        while True:
            for socket, _ in await poller.poll():
                if socket is out:
                    self._wanted(await out.recv(copy=False), out, inside)
                else:
                    await out.send_multipart(await inside.recv_multipart())

    def _wanted(self, frame: zmq.Frame, out: zmq.asyncio.Socket, inside: zmq.asyncio.Socket) -> None:
        notice = frame.bytes
        begins = notice[:1] == b"\x01"
        if not notice[1:].startswith(b"pcm/") or not self._peer(frame):
            return
        out.setsockopt(zmq.SUBSCRIBE if begins else zmq.UNSUBSCRIBE, notice[1:])
        inside.setsockopt(zmq.SUBSCRIBE if begins else zmq.UNSUBSCRIBE, notice[1:])

    # --- requests ------------------------------------------------------------------------------------

    async def _answers(self) -> None:
        while True:
            frames = await self._ask.recv_multipart(copy=False)
            if self._asking >= MOST_ASKING:
                await self._refuse(frames[0].bytes, "Too many requests are under way.", "Try again in a second.")
                continue
            self._asking += 1
            self._tasks.spawn(self._answer(self._peer(frames[-1]), [frame.bytes for frame in frames]))

    async def _answer(self, peer: Peer | None, frames: Frames) -> None:
        identity, *question = frames
        try:
            reply = await self._reply(peer, question)
        except PartylineError as error:
            reply = [b"error", wire.pack(ErrorReply.of(error))]
        finally:
            self._asking -= 1
        self.answered += 1
        await self._ask.send_multipart([identity, *reply])

    async def _reply(self, peer: Peer | None, question: Frames) -> Frames:
        if peer is None or peer.right is None:
            raise BusError("This machine is not paired any more.", "Pair it again.", code="peers.not-paired")
        if question == [b"gate", CLOCK]:
            return [str(time.time()).encode(), str(boot_s()).encode()]
        if question[:2] == [b"broker", SNAPSHOT]:
            reply = await ask(self._context, self._local, "broker", question[1:], ANSWER_S)
            return [packed for packed in reply if _is_readable(packed)] or [b""]
        if len(question) != 4:
            raise BadMessageError("That is no request of this version.", "Use one version of partyline throughout.")
        worker, request = question[0].decode("utf-8", "replace"), question[1].decode("utf-8", "replace")
        if not rights.may_ask(peer.right, worker, request):
            raise BusError(
                f"{peer.name} may not ask for {request[:40]!r} here.",
                "`partyline peers` on this machine shows what it may do.",
                code="peers.not-allowed",
            )
        return await ask(self._context, self._local, worker, question[1:], ANSWER_S)

    async def _refuse(self, identity: bytes, message: str, remedy: str) -> None:
        error = ErrorReply.of(BusUnreachableError(message, remedy))
        await self._ask.send_multipart([identity, b"error", wire.pack(error)])

    def _peer(self, frame: Any) -> Peer | None:
        return self._keyring().with_key(frame.get("User-Id"))


def _is_readable(packed: bytes) -> bool:
    if not packed:
        return False
    frames: list[bytes] = wire.unpack(packed, list[bytes])
    return rights.may_read(frames[0].decode("utf-8", "replace"))
