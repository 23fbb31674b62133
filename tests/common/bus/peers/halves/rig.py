"""A desk and a spare machine in one process: two homes, each with a broker's inside, the gate and the link between."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import zmq.asyncio

from common.basic.division import MOVABLE, Division
from common.bus import Bus, Forwarder
from common.bus.peers.bus_gate import BusGate
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_clock import FarClock
from common.bus.peers.far_site import FarSite
from common.bus.peers.halves.crossing import Crossing
from common.bus.peers.halves.desk_end import DeskEnd
from common.bus.peers.halves.spare_end import SpareEnd
from common.bus.peers.keyring import Keyring, PairedMachine
from common.bus.peers.peer_rights import PeerRight
from common.bus.sockets import LocalSite
from common.bus.split.link_frames import Wish
from common.bus.split.stand_ins import StandIns
from common.files.paths import Paths
from common.requests import Done
from tests.support.bus_watcher import BusWatcher, watching
from tests.support.processes import free_port

SPARE, DESK, OTHER = (CurveKeys.new() for _ in range(3))
AT_DESK = Division(machine="spare", side="desk", desk=frozenset(MOVABLE))
AT_SPARE = Division(machine="desk", side="spare", desk=frozenset(MOVABLE))


def ring(right: PeerRight = "worker") -> Keyring:
    machines = [PairedMachine(name="desk", public=DESK.public, right=right, met_at=0.0)]
    machines.append(PairedMachine(name="other", public=OTHER.public, right="worker", met_at=0.0))
    return Keyring(own=SPARE, peers=tuple(machines))


class Two:
    """The two machines. What is started is stopped at the end; parts are stopped and started in any order."""

    def __init__(self, spare: Path, desk: Path) -> None:
        self.spare_run, self.desk_run = Paths(spare).run, Paths(desk).run
        self.port = free_port()
        self.right: PeerRight = "worker"
        self.wishes: list[tuple[str, Wish]] = []
        self.desk_end: DeskEnd | None = None
        self.spare_end: SpareEnd | None = None
        self._tasks: dict[str, list[asyncio.Task[Any]]] = {}
        self.at_spare: BusWatcher
        self.at_desk: BusWatcher

    def site(self, keys: CurveKeys = DESK) -> FarSite:
        return FarSite(f"127.0.0.1:{self.port}", keys, SPARE.public)

    def _begin(self, name: str, *jobs: Coroutine[Any, Any, Any]) -> None:
        self._tasks[name] = [asyncio.create_task(job) for job in jobs]

    async def stop(self, name: str) -> None:
        tasks = self._tasks.pop(name, [])
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def stop_all(self) -> None:
        for name in reversed(list(self._tasks)):
            await self.stop(name)

    def brokers(self) -> None:
        self.broker("spare")
        self.broker("desk")

    def broker(self, side: str) -> None:
        run = self.spare_run if side == "spare" else self.desk_run
        self._begin(f"broker {side}", Forwarder(run).run())

    def gate(self, division: Division | None = AT_SPARE) -> None:
        made = BusGate(self.spare_run, lambda: ring(self.right), "127.0.0.1", self.port)
        jobs = [made.run()]
        self.desk_end = None
        if division is not None:
            self.desk_end = DeskEnd(self.spare_run, division, DESK.public)
            jobs.append(self.desk_end.run())
        made.set_desk(self.desk_end, self._divide)
        self._begin("gate", *jobs)

    async def _divide(self, peer: PairedMachine, wish: Wish) -> Done:
        self.wishes.append((peer.name, wish))
        return Done(message="later")

    def link(self, keys: CurveKeys = DESK, division: Division = AT_DESK) -> None:
        context = zmq.asyncio.Context()
        clock = FarClock(context, self.site(keys))
        crossing = Crossing(context, self.desk_run, self.site(keys), division, clock)
        self.spare_end = end = SpareEnd(context, LocalSite(self.desk_run), self.site(keys), division, crossing)
        stand_ins = StandIns(context, self.desk_run, division.asked_there, end.forward)

        async def run() -> None:
            try:
                async with asyncio.TaskGroup() as group:
                    for job in (clock.run(), end.run(), stand_ins.run()):
                        group.create_task(job)
            finally:
                crossing.close()
                context.destroy(linger=300)

        self._begin("link", run())


@contextlib.asynccontextmanager
async def two_machines(spare: Path, desk: Path) -> AsyncIterator[Two]:
    """Yield both, each with a broker and a watcher at its bus, without gate and link."""
    two = Two(spare, desk)
    two.brokers()
    try:
        async with watching(spare) as two.at_spare, watching(desk) as two.at_desk:
            yield two
            await two.stop_all()
    finally:
        await two.stop_all()


@contextlib.asynccontextmanager
async def worker(run: Path, name: str) -> AsyncIterator[Bus]:
    made = Bus(name, run)
    await made.start()
    try:
        yield made
    finally:
        await made.close()
