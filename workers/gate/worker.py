"""The gate worker: opens the bus to paired machines, and to them only."""

from __future__ import annotations

import asyncio
from typing import ClassVar

from common.bus.peers import keyring
from common.bus.peers.bus_gate import BusGate
from common.bus.peers.keyring import Keyring
from common.config.tables import Settings
from common.errors import BusError, PartylineError
from common.files.paths import Paths
from common.run.wake import Wake
from common.run.worker import Worker
from workers.gate.desk_care import DeskCare
from workers.gate.own_answers import GateAnswers

POLL_S = 1.0
"""How often the keyring is looked at. A machine that was unpaired is cut off within this time."""
BLOCKED, UNUSABLE = "gate.port", "gate.keyring"


class GateWorker(Worker):
    name: ClassVar[str] = "gate"
    niceness: ClassVar[int] = -9  # all voices of other machines pass through it

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._known: Keyring | None = None
        self._gate: BusGate | None = None
        self._serving: asyncio.Task[None] | None = None
        self._desk = DeskCare(paths, lambda: self._known, self)
        self._answers: GateAnswers | None = None

    async def setup(self) -> None:
        self.set_health("starting", "opening its ports")
        self._answers = await asyncio.to_thread(GateAnswers, self.bus, self.paths)

    async def run(self) -> None:
        caring = self.spawn(self._desk.run(), "the desk")
        try:
            while True:
                await self._look()
                await asyncio.sleep(POLL_S)
        finally:
            caring.cancel()
            await asyncio.gather(caring, return_exceptions=True)
            await self._close()

    def on_wake(self, wake: Wake) -> None:
        """Nothing is older than ZeroMQ's own pings, which drop what did not answer."""

    async def _look(self) -> None:
        """Open the gate for the machines of the keyring, anew after each change, so that nobody stays by mistake."""
        try:
            found = await asyncio.to_thread(keyring.load, self.paths)
        except PartylineError as error:
            await self._close()
            self._known = None
            self.publish_problem(UNUSABLE, error.message, error.remedy)
            self.set_health("degraded", "no machine is let in")
            return
        self.clear_problem(UNUSABLE)
        if self._serving is not None and self._serving.done():
            self.log.error("the gate ended", exc_info=self._serving.exception())
            await self._close()
            self._known = None
        if found == self._known:
            return
        await self._close()
        if found is None or not found.guests:
            self._known = found
            self.set_health("running", "no machine is paired")
            return
        await self._open(found)

    async def _open(self, found: Keyring) -> None:
        wanted = self.settings.peers
        try:
            self._gate = BusGate(self.paths.run, lambda: found, wanted.listen, wanted.port, services=self._answers)
        except BusError as error:
            self.publish_problem(BLOCKED, error.message, error.remedy)
            self.set_health("degraded", "its ports are taken")
            return
        self._gate.set_desk(self._desk, self._desk.divide)
        self._gate.set_pages(self.paths)
        self.clear_problem(BLOCKED)
        self._known = found
        self._serving = asyncio.create_task(self._gate.run())
        self.set_health("running", f"for {', '.join(peer.name for peer in found.guests)}")

    async def _close(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
        self._serving = self._gate = None
