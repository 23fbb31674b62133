"""The spare machine, as the link at the desk has it: joined, or away and tried again.

All that crosses belongs to one connection. Who joins anew begins with all that is retained on either side (`Crossing`),
so nothing stays that is no longer true.
"""

from __future__ import annotations

import asyncio
import time

import structlog
import zmq.asyncio

from common.basic.division import Division
from common.bus.peers import peer_rights
from common.bus.peers.far_site import FarSite
from common.bus.peers.gate_requests import ANSWER_S
from common.bus.peers.halves.crossing import TRY_S, Crossing
from common.bus.peers.halves.link_connection import ConnectionLostError, LinkConnection
from common.bus.requests import ask
from common.bus.sockets import LocalSite
from common.bus.split import link_frames as link
from common.errors import BusError, PartylineError

Frames = list[bytes]
PAUSE_S = 0.5
"""Pause between two tries to join."""


class SpareEnd:
    """See the module. `run` it as long as the split lasts."""

    def __init__(
        self, context: zmq.asyncio.Context, local: LocalSite, site: FarSite, division: Division, crossing: Crossing
    ) -> None:
        self._context = context
        self._local = local
        self._site = site
        self._division = division
        self._crossing = crossing
        self._log = structlog.get_logger("link")
        self._lost: asyncio.Future[None] | None = None
        """Done when the present connection ends. None without one."""
        self._since = time.monotonic()
        self.refusal: PartylineError | None = None
        """Why the other machine does not let this one join, None if it is only away."""
        self.joined_times = 0

    @property
    def is_joined(self) -> bool:
        return self._lost is not None

    @property
    def away_s(self) -> float:
        """How long it has been away, 0 while it is joined."""
        return 0.0 if self.is_joined else time.monotonic() - self._since

    async def run(self) -> None:
        """Join, and join again whenever the connection ends, until cancelled."""
        relaying = asyncio.create_task(self._crossing.run())
        try:
            await self._crossing.mark_away()
            while True:
                connection = LinkConnection(self._context, self._site)
                try:
                    await self._stay_joined(connection)
                except* (ConnectionLostError, TimeoutError, PartylineError) as why:
                    self._log.info("not joined", why=_words(why))
                finally:
                    await connection.close()
                    if self.is_joined:
                        await self._leave()
                await asyncio.sleep(PAUSE_S)
        finally:
            relaying.cancel()
            await asyncio.gather(relaying, return_exceptions=True)

    async def forward(self, worker: str, frames: Frames) -> Frames:
        """Ask a worker of the other machine. Raises `BusUnreachableError` while that is away, or when it goes."""
        lost = self._lost
        if lost is None:
            raise link.away(worker, self._division.machine)
        asking = asyncio.create_task(ask(self._context, self._site, worker, frames, ANSWER_S))
        try:
            await asyncio.wait((asking, lost), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise link.away(worker, self._division.machine)
            return asking.result()
        finally:
            asking.cancel()

    async def _stay_joined(self, connection: LinkConnection) -> None:
        """Join and stay joined until that fails."""
        try:
            async with asyncio.timeout(TRY_S):
                await connection.hello(link.LinkHello(desk=tuple(sorted(self._division.desk))))
        except TimeoutError:
            self.refusal = None
            raise
        except PartylineError as error:
            self.refusal = error
            raise
        self.refusal = None
        async with self._crossing.subscribed(connection.send) as (hear, say):
            await self._crossing.begin(connection.send)
            self._lost = asyncio.get_running_loop().create_future()
            self.joined_times += 1
            self._log.info("joined", machine=self._division.machine, times=self.joined_times)
            async with asyncio.TaskGroup() as group:
                group.create_task(hear())
                group.create_task(say())
                group.create_task(connection.receive(self._answer))
                group.create_task(connection.beat())

    async def _answer(self, worker: str, frames: Frames) -> Frames:
        """Ask a worker of the desk for the spare machine. Raises `PartylineError`."""
        request = frames[0].decode("utf-8", "replace") if frames else ""
        if worker not in self._division.asked_here or not peer_rights.may_ask("worker", worker, request):
            raise BusError(f"{request[:40]!r} is not asked from another machine.", "Run it at the desk.")
        return await ask(self._context, self._local, worker, frames, ANSWER_S)

    async def _leave(self) -> None:
        assert self._lost is not None
        self._lost.set_result(None)
        self._lost, self._since = None, time.monotonic()
        await self._crossing.mark_away()


def _words(why: BaseExceptionGroup[BaseException]) -> str:
    return ", ".join(
        _words(error) if isinstance(error, BaseExceptionGroup) else str(error) or type(error).__name__
        for error in why.exceptions
    )
