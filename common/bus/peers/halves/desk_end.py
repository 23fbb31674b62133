"""The desk, as the gate of the spare machine has it: its workers speak and are asked here as if they ran here."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import time
from pathlib import Path

import structlog
import zmq.asyncio

from common.basic.division import Division
from common.basic.tasks import Tasks
from common.bus.peers.gate_requests import Send
from common.bus.peers.halves.asked_of_the_desk import AskedOfTheDesk
from common.bus.peers.keyring import PairedMachine
from common.bus.requests import ask
from common.bus.sockets import SNAPSHOT, LocalSite
from common.bus.split import link_frames as link
from common.bus.split import said
from common.bus.split.republisher import Republisher
from common.bus.split.stand_ins import StandIns
from common.errors import BadMessageError, BusUnreachableError, ErrorReply, PartylineError
from common.messages import wire
from common.messages.wire import Header

Frames = list[bytes]
LOOK_S = 0.5
"""How often the age of the last beat is looked at."""
SNAPSHOT_S = 5.0
"""Limit for this machine's own broker, which answers within milliseconds or is being started."""


class DeskEnd:
    """See the module. It begins without a desk: the first hello brings it. `run` it beside the gate."""

    def __init__(self, run: Path, division: Division, public: str) -> None:
        """Bind the sockets of the desk's workers. `public`: the desk's key. Raises `BusError`."""
        self.division = division
        self.public = public
        self._context = zmq.asyncio.Context()
        self._local = LocalSite(run)
        self._log = structlog.get_logger("gate")
        self._tasks = Tasks()
        self._republisher = Republisher(self._context, run)
        self._asked = AskedOfTheDesk(division.machine)
        self._connection = b""
        """What the link called its present connection."""
        self._beat_at = time.monotonic()
        self._since = time.monotonic()
        self._said: set[str] = set()
        """Retained topics that the desk has said since its hello."""
        self._numbers = itertools.count(1)
        self._boot = os.urandom(6).hex()
        self.refused = 0
        """What the desk said and its workers may not say."""
        try:
            self._stand_ins = StandIns(self._context, run, division.asked_there, self._asked.forward)
        except PartylineError:
            self._republisher.close()
            self._context.term()
            raise

    @property
    def is_here(self) -> bool:
        """Whether the desk is joined."""
        return self._asked.is_possible

    @property
    def away_s(self) -> float:
        """How long it has been away, 0 while it is here."""
        return 0.0 if self.is_here else time.monotonic() - self._since

    async def run(self) -> None:
        """Serve until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._republisher.run())
                group.create_task(self._stand_ins.run())
                group.create_task(self._watch())
        finally:
            self._lose()
            self._forget_its_own()
            await self._tasks.cancel()
            self._republisher.close()
            self._context.term()

    # --- what the link says -------------------------------------------------------------------------

    async def take(self, peer: PairedMachine, frames: Frames, send: Send) -> None:
        """See `common.bus.peers.gate_requests.FarDesk`."""
        if peer.public != self.public:
            await _refuse(send, f"The workers are split with {self.division.machine}, another machine.")
            return
        verb = frames[1]
        if verb == link.HELLO:
            await self._welcome(frames, send)
        elif verb == link.BEAT:
            await self._beat(frames, send)
        elif self._is_current(frames):
            self._take(peer, verb, frames[3:])

    def _is_current(self, frames: Frames) -> bool:
        """Return whether it is of the present connection, by the number that the link gave it."""
        return self.is_here and len(frames) > 2 and frames[2] == self._connection

    async def _welcome(self, frames: Frames, send: Send) -> None:
        try:
            hello = wire.unpack(frames[3] if len(frames) > 3 else b"", link.LinkHello)
        except BadMessageError:
            await _refuse(send, "The two machines have versions of partyline that do not fit.", "Update the older one.")
            return
        if set(hello.desk) != self.division.desk:
            here = ", ".join(sorted(self.division.desk))
            await _refuse(send, f"{self.division.machine} is to run {here} by the settings of this machine.")
            return
        self._lose()
        self._connection = frames[2]
        self._beat_at = time.monotonic()
        self._asked.begin(send)
        self._said.clear()
        self._log.info("the desk is here", machine=self.division.machine)
        await send([link.LINK, link.WELCOME])

    async def _beat(self, frames: Frames, send: Send) -> None:
        if not self._is_current(frames):
            await _refuse(send, "This gate was started anew.", "The link says hello again by itself.")
            return
        self._beat_at = time.monotonic()
        await send([link.LINK, link.BEAT, *frames[3:4]])

    def _take(self, peer: PairedMachine, verb: bytes, frames: Frames) -> None:
        if verb == link.SAY:
            try:
                self._publish(peer, frames)
            except BadMessageError as error:
                self.refused += 1
                self._log.warning("the desk may not say that", error=error.message, count=self.refused)
        elif verb == link.ALL:
            self._tasks.spawn(self._drop_others())
        elif verb == link.ANSWER and frames:
            self._asked.answer(frames[0].decode("ascii", "replace"), frames[1:])
        elif verb == link.BYE:
            self._lose()

    def _publish(self, peer: PairedMachine, frames: Frames) -> None:
        received = wire.decode(frames)
        if not said.is_said(received, self.division.there):
            raise BadMessageError(f"{received.header.sender[:40]!r} says {received.topic[:80]!r}")
        received = said.named(received, peer.name)
        self._republisher.publish(said.frames(received))
        if received.cls.RETAINED and received.message is not None:
            self._said.add(received.topic)
        else:
            self._said.discard(received.topic)

    async def _drop_others(self) -> None:
        """Clear what the broker here still has of the desk, and the desk has no more."""
        try:
            reply = await ask(self._context, self._local, "broker", [SNAPSHOT, b""], SNAPSHOT_S)
        except BusUnreachableError:
            return  # a broker that is started anew has nothing of it
        for packed in filter(None, reply):
            topic = wire.unpack(packed, list[bytes])[0].decode()
            if topic not in self._said and said.is_of(topic, self.division.there, self.division.machine):
                self._clear(topic)

    def _forget_its_own(self) -> None:
        """Clear what is the desk's alone. The topics of its workers are those of this machine's from now on."""
        for topic in [topic for topic in self._said if said.is_of(topic, (), self.division.machine)]:
            self._clear(topic)

    def _clear(self, topic: str) -> None:
        header = Header(sender="gate", boot=self._boot, seq=next(self._numbers), at=time.time())
        self._republisher.publish(wire.encode_clear(topic, header))

    # --- whether it is there -------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self.is_here and time.monotonic() - self._beat_at > link.LOST_S:
                self._log.warning("the desk is away", machine=self.division.machine)
                self._lose()

    def _lose(self) -> None:
        if self.is_here:
            self._since = time.monotonic()
        self._connection = b""
        self._asked.end()


async def _refuse(send: Send, message: str, remedy: str = "Run `partyline split MACHINE` at the desk again.") -> None:
    with contextlib.suppress(PartylineError):
        error = ErrorReply.of(link.NotSplitError(message, remedy))
        await send([link.LINK, link.REFUSED, wire.pack(error)])
