"""The link worker: makes this machine and the spare one a single pipeline, as seen from here.

It stands in for the workers of the spare machine: publishes what they say, passes requests on to them, and fills the
audio planes. What the workers here say goes to the spare machine, which asks them by the same connection.
"""

from __future__ import annotations

import asyncio
import os
from typing import ClassVar

import zmq.asyncio

from common.basic.division import Division
from common.bus.audio import MEDIA_PLANE
from common.bus.peers import keyring
from common.bus.peers.far_clock import FarClock
from common.bus.peers.far_site import FarSite
from common.bus.peers.far_voices import FarVoices
from common.bus.peers.halves.crossing import Crossing
from common.bus.peers.halves.spare_end import SpareEnd
from common.bus.sockets import LocalSite
from common.bus.split.link_frames import LOST_S
from common.bus.split.stand_ins import StandIns
from common.config.tables import Settings
from common.errors import PartylineError, SupervisorError
from common.files.paths import Paths
from common.messages import MIX_PLANE
from common.run.process import running_workers
from common.run.supervisor import Supervisor
from common.run.wake import Wake
from common.run.worker import Worker
from workers.link import state

LOOK_S = 1.0
"""How often state and problems are told, and how often a pairing that is missing is looked for."""
AWAY, REFUSED, UNPAIRED, MISPLACED = "link.away", "link.refused", "link.unpaired", "link.misplaced"


class LinkWorker(Worker):
    name: ClassVar[str] = "link"
    niceness: ClassVar[int] = -9  # all voices pass through it

    def __init__(self, paths: Paths, settings: Settings) -> None:
        super().__init__(paths, settings)
        self._context = zmq.asyncio.Context()
        self._clock: FarClock | None = None
        self._crossing: Crossing | None = None
        self._spare: SpareEnd | None = None
        self._joining: asyncio.Task[None] | None = None
        self._voices: dict[str, FarVoices] = {}

    async def setup(self) -> None:
        self.set_health("starting", "looking for the other machine")

    async def run(self) -> None:
        division = self.settings.split.division()
        if division is None or not division.at_desk:
            return  # the settings changed since this process began
        while (site := await self._site(division)) is None or not await self._is_clear(division):  # noqa: ASYNC110  # files
            await asyncio.sleep(LOOK_S)
        spare = self._open(division, site)
        while not self.stopping.is_set():
            self._tell(division, spare)
            await asyncio.sleep(LOOK_S)

    async def stop(self) -> None:
        if self._joining is not None:
            self._joining.cancel()
            await asyncio.gather(self._joining, return_exceptions=True)
        if self._crossing is not None:
            self._crossing.close()

    def on_wake(self, wake: Wake) -> None:
        """Nothing is older than the beats of the connection, which is made anew when they are not answered."""

    # --- before it opens ------------------------------------------------------------------------------

    async def _site(self, division: Division) -> FarSite | None:
        """Return the way to the other machine, None while there is none."""
        try:
            ring = await asyncio.to_thread(keyring.loaded_or_new, self.paths)
            peer = ring.named(division.machine)
            site = FarSite(peer.reached_at(), ring.own, peer.public)
        except PartylineError as error:
            self.publish_problem(UNPAIRED, error.message, error.remedy)
            self.set_health("degraded", f"{division.machine} is not paired")
            return None
        self.clear_problem(UNPAIRED)
        return site

    async def _is_clear(self, division: Division) -> bool:
        """End workers that run here and belong to the other machine. Their sockets are not taken before they ended."""
        wrong = set(running_workers(self.paths.run)) & division.there
        if not wrong:
            self.clear_problem(MISPLACED)
            return True
        url = os.environ.get("SUPERVISOR_SERVER_URL", "")
        try:
            if url:
                await asyncio.to_thread(Supervisor(url).settle, division.is_here, wrong)
                return False
        except SupervisorError as error:
            self.log.warning("supervisord does not move workers", error=error.message)
        names = ", ".join(sorted(wrong))
        self.publish_problem(
            MISPLACED,
            f"{names} still run here, and belong to {division.machine}.",
            "Stop them, or `partyline restart`.",
        )
        return False

    # --- while it is open -----------------------------------------------------------------------------

    def _open(self, division: Division, site: FarSite) -> SpareEnd:
        run = self.paths.run
        self._clock = FarClock(self._context, site)
        self._crossing = Crossing(self._context, run, site, division, self._clock)
        self._spare = SpareEnd(self._context, LocalSite(run), site, division, self._crossing)
        stand_ins = StandIns(self._context, run, division.asked_there, self._spare.forward)
        self.spawn(self._clock.run(), "clock")
        self._joining = self.spawn(self._spare.run(), "the spare machine")
        self.spawn(stand_ins.run(), "requests")
        planes = [MEDIA_PLANE, *([MIX_PLANE] if "audio" in division.there else [])]
        for plane in planes:
            self._voices[plane] = FarVoices(self._context, site, run, plane, self._clock, self.settings.split.carriage)
            self.spawn(self._voices[plane].run(), plane)
        return self._spare

    def _tell(self, division: Division, spare: SpareEnd) -> None:
        machine = division.machine
        self.facts.pop("way", None)
        if spare.is_joined:
            self.clear_problem(AWAY)
            self.clear_problem(REFUSED)
            voices = {plane: one.state for plane, one in self._voices.items()}
            trip = self._clock.round_trip_s if self._clock else None
            self.facts["way"] = state.figures(trip, voices, self.settings.split.carriage)
            self.set_health("running", f"joined with {machine}")
        elif spare.refusal is not None:
            self.clear_problem(AWAY)
            self.publish_problem(REFUSED, f"{machine} does not join: {spare.refusal.message}", spare.refusal.remedy)
            self.set_health("degraded", f"{machine} does not join")
        elif spare.joined_times or spare.away_s > LOST_S:
            self.clear_problem(REFUSED)
            self.publish_problem(AWAY, *state.away(machine))
            self.set_health("degraded", f"{machine} is away")
