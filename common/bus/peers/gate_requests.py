"""The requests of other machines: each is passed on to its worker, if the machine's right allows it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
import zmq.asyncio

from common.basic.clock import boot_id, boot_s
from common.basic.tasks import Tasks
from common.bus.peers import peer_rights
from common.bus.peers.contract import GateAbout
from common.bus.peers.keyring import Keyring, PairedMachine
from common.bus.peers.pages.page_gate import PAGES, PageGate
from common.bus.peers.peer_rights import PeerRight
from common.bus.requests import ask
from common.bus.sockets import ABOUT, CLOCK, DOCTOR, SNAPSHOT, Site
from common.bus.split.link_frames import DIVIDE, LINK, REFUSED, NotSplitError, Wish
from common.errors import BadMessageError, BusError, BusUnreachableError, ErrorReply, PartylineError
from common.files.paths import Paths
from common.messages import wire
from common.requests import Done

ANSWER_S = 70.0
"""More than any command waits."""
MOST_ASKING = 64
"""Requests under way for all machines together."""

Frames = list[bytes]


Divide = Callable[[PairedMachine, Wish], Awaitable[Done]]
"""Divides the workers of the two machines anew. Raises `PartylineError`."""
Send = Callable[[Frames], Awaitable[None]]


class FarDesk(Protocol):
    """The other half of this pipeline (`common.bus.split`)."""

    async def take(self, peer: PairedMachine, frames: Frames, send: Send) -> None:
        """Take what a link says, in the order in which it came. It must not wait. `send` leads back to it."""


class NoDesk:
    """A pipeline on one machine."""

    async def take(self, peer: PairedMachine, frames: Frames, send: Send) -> None:  # noqa: ARG002  # a FarDesk's
        error = NotSplitError(
            "Nothing is split there.", "Run `partyline split MACHINE` here again, or `partyline split --off`."
        )
        await send([LINK, REFUSED, wire.pack(ErrorReply.of(error))])


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
        self._desk: FarDesk = NoDesk()
        self._divide: Divide | None = None
        self._services = services
        self._tasks = Tasks()
        self._log = structlog.get_logger("gate")
        self._asking = 0
        self._pages: PageGate | None = None

    def set_desk(self, desk: FarDesk | None, divide: Divide | None = None) -> None:
        """Let that desk in, or none. `divide` is what a machine with the right ``worker`` may ask besides."""
        self._desk = desk or NoDesk()
        self._divide = divide

    def set_pages(self, paths: Paths) -> None:
        """Let paired machines open the pages of this home."""
        self._pages = PageGate(paths, self._send)

    async def run(self) -> None:
        """Answer until cancelled."""
        try:
            await self._answers()
        finally:
            await self._tasks.cancel()
            if self._pages is not None:
                await self._pages.close()

    async def _send(self, frames: Frames) -> None:
        await self._ask.send_multipart(frames)

    async def _answers(self) -> None:
        while True:
            frames = await self._ask.recv_multipart(copy=False)
            if len(frames) > 2 and frames[1].bytes == LINK:
                await self._linked(self._peer(frames[-1]), [frame.bytes for frame in frames])
                continue
            if self._pages is not None and len(frames) > 1 and frames[1].bytes == PAGES:
                await self._pages.take(self._peer(frames[-1]), frames[0].bytes, [one.bytes for one in frames[2:]])
                continue
            if self._asking >= MOST_ASKING:
                await self._refuse(frames[0].bytes, "Too many requests are under way.", "Try again in a second.")
                continue
            self._asking += 1
            self._tasks.spawn(self._answer(self._peer(frames[-1]), [frame.bytes for frame in frames]))

    async def _linked(self, peer: PairedMachine | None, frames: Frames) -> None:
        """Give what a link says to the desk's end, if it is of a machine that may be one."""
        identity, *said = frames

        async def send(reply: Frames) -> None:
            await self._ask.send_multipart([identity, *reply])

        if peer is None or peer.right != "worker":
            error = BusError(
                "This machine may not run workers for that one.",
                "Pair them anew: `partyline pair --right worker` there, `partyline pair CODE` here.",
                code="peers.not-allowed",
            )
            await send([LINK, REFUSED, wire.pack(ErrorReply.of(error))])
            return
        try:
            await self._desk.take(peer, said, send)
        except Exception:  # noqa: BLE001  # a fault of one machine's connection must not end the others'
            self._log.exception("what a link said failed", origin=peer.name)

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
        if question[:1] == [b"gate"]:
            return await self._own(peer, question[1:])
        if question[:2] == [b"broker", SNAPSHOT]:
            reply = await ask(self._context, self._local, "broker", question[1:], ANSWER_S)
            return [packed for packed in reply if _is_readable(packed, peer.right)] or [b""]
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

    async def _own(self, peer: PairedMachine, question: Frames) -> Frames:
        """Answer what is asked of the gate itself."""
        if question == [CLOCK]:
            clocks = (time.time(), boot_s(), time.monotonic(), boot_id())
            return [str(clock).encode() for clock in clocks]
        if question[:1] == [DIVIDE] and len(question) == 2 and self._divide is not None and peer.right == "worker":
            return [b"ok", wire.pack(await self._divide(peer, wire.unpack_request(question[1], Wish)))]
        if question == [ABOUT] and self._services is not None:
            return [wire.pack(self._services.about(peer))]
        if question == [DOCTOR] and self._services is not None and peer.right != "listen":
            return [await self._services.doctor()]
        raise _not_allowed(peer, b" ".join(question[:1]).decode("utf-8", "replace"))

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


def _is_readable(packed: bytes, right: PeerRight) -> bool:
    if not packed:
        return False
    frames: list[bytes] = wire.unpack(packed, list[bytes])
    return peer_rights.may_read(frames[0].decode("utf-8", "replace"), right)
