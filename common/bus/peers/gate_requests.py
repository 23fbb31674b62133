"""The requests of other machines: each is passed on to its worker, if the machine's right allows it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import zmq.asyncio

from common.basic.clock import boot_s
from common.basic.tasks import Tasks
from common.bus.peers import peer_rights
from common.bus.peers.contract import GateAbout
from common.bus.peers.keyring import Keyring, PairedMachine
from common.bus.requests import ask
from common.bus.sockets import ABOUT, CLOCK, DOCTOR, SNAPSHOT, Site
from common.errors import BadMessageError, BusError, BusUnreachableError, ErrorReply, PartylineError
from common.messages import wire

ANSWER_S = 70.0
"""More than any command waits."""
MOST_ASKING = 64
"""Requests under way for all machines together."""

Frames = list[bytes]


class GateServices(Protocol):
    """What a gate does itself, and does not pass on to a worker."""

    def about(self, peer: PairedMachine) -> GateAbout: ...

    async def doctor(self) -> bytes:
        """Return the JSON of `partyline doctor` of this machine. Raises `PartylineError`."""

    async def account(self, peer: PairedMachine, request: str, body: bytes) -> Frames | None:
        """Answer a request about the account. None: the worker answers it. Raises `PartylineError`."""


class GateRequests:
    """Answers on a ROUTER socket. Each frame there carries the sender's public key, which CURVE has proved."""

    def __init__(
        self,
        context: zmq.asyncio.Context,
        socket: zmq.asyncio.Socket,
        local: Site,
        keyring: Callable[[], Keyring],
        services: GateServices | None = None,
    ) -> None:
        self._context = context
        self._ask = socket
        self._local = local
        self._keyring = keyring
        self._services = services
        self._tasks = Tasks()
        self._asking = 0

    async def run(self) -> None:
        """Answer until cancelled."""
        try:
            await self._answers()
        finally:
            await self._tasks.cancel()

    async def _answers(self) -> None:
        while True:
            frames = await self._ask.recv_multipart(copy=False)
            if self._asking >= MOST_ASKING:
                await self._refuse(frames[0].bytes, "Too many requests are under way.", "Try again in a second.")
                continue
            self._asking += 1
            self._tasks.spawn(self._answer(self._peer(frames[-1]), [frame.bytes for frame in frames]))

    async def _answer(self, peer: PairedMachine | None, frames: Frames) -> None:
        identity, *question = frames
        try:
            reply = await self._reply(peer, question)
        except PartylineError as error:
            reply = [b"error", wire.pack(ErrorReply.of(error))]
        finally:
            self._asking -= 1
        await self._ask.send_multipart([identity, *reply])

    async def _reply(self, peer: PairedMachine | None, question: Frames) -> Frames:
        if peer is None or peer.right is None:
            raise BusError("This machine is not paired any more.", "Pair it again.", code="peers.not-paired")
        if question == [b"gate", CLOCK]:
            return [str(time.time()).encode(), str(boot_s()).encode()]
        if self._services is not None and len(question) == 2 and question[0] == b"gate":
            return await self._own(self._services, peer, question[1])
        if question[:2] == [b"broker", SNAPSHOT]:
            reply = await ask(self._context, self._local, "broker", question[1:], ANSWER_S)
            return [packed for packed in reply if _is_readable(packed)] or [b""]
        if len(question) != 4:
            raise BadMessageError("That is no request of this version.", "Use one version of partyline throughout.")
        worker, request = question[0].decode("utf-8", "replace"), question[1].decode("utf-8", "replace")
        if not peer_rights.may_ask(peer.right, worker, request, may_sign_in=peer.may_sign_in):
            raise _not_allowed(peer, request)
        if self._services is not None:
            answer = await self._services.account(peer, request, question[3])
            if answer is not None:
                return answer
        return await ask(self._context, self._local, worker, question[1:], ANSWER_S)

    async def _own(self, services: GateServices, peer: PairedMachine, question: bytes) -> Frames:
        if question == ABOUT:
            return [wire.pack(services.about(peer))]
        if question == DOCTOR and peer.right == "control":
            return [await services.doctor()]
        raise _not_allowed(peer, question.decode("utf-8", "replace"))

    async def _refuse(self, identity: bytes, message: str, remedy: str) -> None:
        error = ErrorReply.of(BusUnreachableError(message, remedy))
        await self._ask.send_multipart([identity, b"error", wire.pack(error)])

    def _peer(self, frame: Any) -> PairedMachine | None:
        return self._keyring().with_key(str(frame.get("User-Id")))


def _not_allowed(peer: PairedMachine, request: str) -> BusError:
    return BusError(
        f"{peer.name} may not ask for {request[:40]!r} here.",
        "`partyline peers` on that machine shows what this one may do there, and changes it.",
        code="peers.not-allowed",
    )


def _is_readable(packed: bytes) -> bool:
    if not packed:
        return False
    frames: list[bytes] = wire.unpack(packed, list[bytes])
    return peer_rights.may_read(frames[0].decode("utf-8", "replace"))
