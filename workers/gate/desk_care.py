"""The spare machine's side of a split: who the desk is, that no worker runs on both, and what is told of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from typing import Protocol

import structlog

from common.basic import division as divisions
from common.basic.division import Division
from common.bus.peers.gate_requests import NoDesk, Send
from common.bus.peers.halves.desk_end import DeskEnd
from common.bus.peers.keyring import Keyring, PairedMachine
from common.bus.split.link_frames import LOST_S, Wish
from common.config import edit, settings
from common.errors import PartylineError, SupervisorError
from common.files.paths import Paths
from common.requests import Done
from common.run.process import running_workers
from common.run.supervisor import Supervisor

LOOK_S = 1.0
"""How often settings and desk are looked at."""
AWAY, UNFIT, MISPLACED = "gate.desk-away", "gate.split", "gate.misplaced"

Frames = list[bytes]


class ProblemTeller(Protocol):
    """What a worker offers for telling of problems."""

    def publish_problem(self, code: str, message: str, remedy: str) -> None: ...

    def clear_problem(self, code: str) -> None: ...


class DeskCare:
    """See the module. `run` it beside the gate, which gives it what a link says."""

    def __init__(self, paths: Paths, ring: Callable[[], Keyring | None], teller: ProblemTeller) -> None:
        self._paths = paths
        self._ring = ring
        self._teller = teller
        self._log = structlog.get_logger("gate")
        self._wanted: tuple[Division | None, str] | None = None
        """The division that is carried out, and the desk's key. None before the first look."""
        self._end: DeskEnd | None = None
        self._serving: asyncio.Task[None] | None = None

    async def take(self, peer: PairedMachine, frames: Frames, send: Send) -> None:
        """See `common.bus.peers.gate_requests.FarDesk`."""
        await (self._end or NoDesk()).take(peer, frames, send)

    async def divide(self, peer: PairedMachine, wish: Wish) -> Done:
        """Write what the desk wants into the settings. `run` carries it out. Raises `PartylineError`."""
        values: dict[str, object] = dict.fromkeys(("machine", "side", "desk"))
        if wish.desk:
            values = {"machine": peer.name, "side": "spare", "desk": list(divisions.completed(wish.desk))}
        self._write(values)  # not in a thread: msgspec's first look at a type is for one thread only
        self._log.info("the workers are divided anew", origin=peer.name, desk=wish.desk)
        return Done(message="Its workers follow within some seconds.")

    def _write(self, values: dict[str, object]) -> None:
        text = edit.with_values(edit.read(self._paths), "split", values)
        settings.of_text(text, str(self._paths.settings_file))
        try:
            edit.write(self._paths, text)
        except OSError as error:
            raise PartylineError(
                f"The other machine cannot write its settings: {error.strerror or error}.",
                "Make room on its disk or correct the permissions. Nothing was changed there.",
            ) from error

    async def run(self) -> None:
        """Keep the desk's end as the settings want it, until cancelled."""
        try:
            while True:
                with contextlib.suppress(PartylineError):  # settings that cannot be used are told by other workers
                    await self._look()
                self._tell()
                await asyncio.sleep(LOOK_S)
        finally:
            await self._close()

    async def _look(self) -> None:
        split = settings.load(self._paths).split
        division = split.division()
        if division is not None and division.at_desk:
            division = None
        if division is not None and self._ring() is None:
            return  # it is being read
        peer = self._desk(division) if division is not None else None
        wanted = (division, peer.public if peer is not None else "")
        if wanted == self._wanted and not (self._serving and self._serving.done()):
            return
        await self._close()
        if not await self._is_clear(division):
            return
        self._wanted = wanted
        if division is not None and peer is not None:
            self._end = DeskEnd(self._paths.run, division, peer.public)
            self._serving = asyncio.create_task(self._end.run())

    def _desk(self, division: Division) -> PairedMachine | None:
        """Return the desk, if it is paired as one."""
        ring = self._ring()
        with contextlib.suppress(PartylineError):
            found = ring.named(division.machine) if ring is not None else None
            if found is not None and found.right == "worker":
                self._teller.clear_problem(UNFIT)
                return found
        self._teller.publish_problem(
            UNFIT,
            f"{division.machine} is to run workers for this machine, and is not paired for that.",
            "Run `partyline pair --right worker` here and `partyline pair CODE` there, or `partyline split --off`.",
        )
        return None

    async def _is_clear(self, division: Division | None) -> bool:
        """Move workers to where they belong. The desk's sockets are not taken before its workers have ended here."""
        running = set(running_workers(self._paths.run))
        url = os.environ.get("SUPERVISOR_SERVER_URL", "")
        if url:
            try:
                await asyncio.to_thread(Supervisor(url).settle, division.is_here if division else _here, running)
            except SupervisorError as error:
                self._log.warning("supervisord does not move workers", error=error.message)
            running = set(running_workers(self._paths.run))
        wrong = running & (division.there if division else frozenset())
        if not wrong:
            self._teller.clear_problem(MISPLACED)
            return True
        self._teller.publish_problem(
            MISPLACED, f"{', '.join(sorted(wrong))} still run here, and belong to the desk.", "Stop them."
        )
        return False

    def _tell(self) -> None:
        end = self._end
        if end is None:
            self._teller.clear_problem(AWAY)
            if self._wanted is None or self._wanted[0] is None:
                self._teller.clear_problem(UNFIT)
        elif end.is_here:
            self._teller.clear_problem(AWAY)
        elif end.away_s > LOST_S:
            machine = end.division.machine
            self._teller.publish_problem(
                AWAY,
                f"{machine} does not answer, so what runs there is missing: {', '.join(sorted(end.division.desk))}. "
                "This machine stays in its party.",
                f"Is {machine} awake and in this network, and does partyline run there? It joins by itself. "
                "`partyline split --off` makes this machine work alone.",
            )

    async def _close(self) -> None:
        serving, self._serving, self._end = self._serving, None, None  # nothing reaches an end that is being closed
        if serving is not None:
            serving.cancel()
            (fault,) = await asyncio.gather(serving, return_exceptions=True)
            if isinstance(fault, Exception):
                self._log.error("the desk's end ended", error=str(fault))


def _here(_: str) -> bool:
    return True
