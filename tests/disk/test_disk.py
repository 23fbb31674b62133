"""The real workers on a disk that takes nothing: each starts and works, says so once, and saves when it can again.

A run takes ENOSPC and EMFILE; ``PARTYLINE_TEST_DISK=all`` takes every kind of fault (`make test-disk`).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from common.bus import Bus
from common.errors import PartylineError
from common.files.paths import Paths
from common.messages import Message, MixerState, PartyState, PeerState, Problem, WorkerHealth
from common.requests import LeaveParty, MarkRecording, SetGain, SetMute, StartRecording, StopRecording
from tests.disk.faulty import KINDS, Kind
from tests.support.processes import Process, free_port, short_folder
from tests.support.waiting import PATIENCE_S, until

WORKERS = ("broker", "auth", "signaling", "session", "media", "audio", "recorder", "obs", "dashboard")
USUAL: tuple[Kind, ...] = ("ENOSPC", "EMFILE")
CHOSEN = KINDS if os.environ.get("PARTYLINE_TEST_DISK") == "all" else USUAL


class Rig:
    def __init__(self, home: Path, aside: Path, kind: Kind, start: Callable[..., Process]) -> None:
        self.paths, self.flag, self.sites = Paths(home), aside / "flag", aside / "sites"
        self._start, self._kind = start, kind
        self._env = {
            "PARTYLINE_AUDIO__SINK": "null",
            "PARTYLINE_RECORDER__FOLDER": str(aside / "recordings"),
            "PARTYLINE_DASHBOARD__PORT": str(free_port()),
            "PARTYLINE_PSN__CALLS_PER_S": "200",
            "PARTYLINE_PSN__CALL_BURST": "200",
        }
        self.processes: dict[str, Process] = {}
        self.state: dict[tuple[type[Message], str], Message] = {}

    def up(self, *names: str) -> None:
        for name in names:
            words = (f"workers.{name}", self._kind, str(self.flag), str(self.sites))
            self.processes[name] = self._start("tests.disk.worker", self.paths.home, self._env, *words)

    def simulator(self) -> None:
        self._start("simulator", self.paths.home, self._env, "--managed", "--rate-limit", "0")

    async def until(self, bus: Bus, condition: Callable[[], object], what: str) -> None:
        async def so() -> object:
            with_all = await bus.snapshot(wait_s=PATIENCE_S)
            self.state = {(got.cls, got.key): got.message for got in with_all if got.message is not None}
            return condition()

        await until(so, lambda: f"{what}\n{self.said()}", every_s=0.1)

    def all(self, cls: type[Message]) -> dict[str, Message]:
        return {key: message for (found, key), message in self.state.items() if found is cls}

    def health(self, name: str) -> str:
        beat = self.all(WorkerHealth).get(name)
        mine = beat is not None and beat.pid == self.processes[name].popen.pid
        return beat.state if mine else ""

    def runs(self, *names: str) -> bool:
        return all(self.health(name) in ("running", "degraded") for name in names)

    def joined(self) -> bool:
        return any(party.phase == "joined" and len(party.members) > 1 for party in self.all(PartyState).values())

    def disk_problems(self) -> set[str]:
        return {problem.worker for problem in self.all(Problem).values() if problem.code == "worker.disk"}

    def ended(self) -> list[str]:
        return [name for name, process in self.processes.items() if process.popen.poll() is not None]

    def said(self) -> str:
        logs = "\n".join(f"--- {name}\n{process.output[-1500:]}" for name, process in self.processes.items())
        return f"ended: {self.ended()}; problems: {list(self.all(Problem))}\n{logs}"

    def met(self) -> set[str]:
        """Return the places in our code that were refused something."""
        text = self.sites.read_text() if self.sites.exists() else ""
        return {line.split("\t")[1] for line in text.splitlines()}


@asynccontextmanager
async def rigged(kind: Kind, start: Callable[..., Process]) -> AsyncIterator[tuple[Rig, Bus]]:
    with short_folder() as aside, short_folder() as home:
        rig = Rig(home, aside, kind, start)
        rig.paths.make()
        bus = Bus("test", rig.paths.run)
        await bus.start()
        try:
            yield rig, bus
        finally:
            await bus.close()
            for process in rig.processes.values():
                process.end()


@pytest.mark.parametrize("kind", CHOSEN)
async def test_every_worker_starts_and_works_on_a_disk_that_takes_nothing(
    kind: Kind, start: Callable[..., Process]
) -> None:
    async with rigged(kind, start) as (rig, bus):
        if kind != "EMFILE":  # what has no descriptors cannot read who "Sony" is: that comes in the midst
            rig.flag.touch()
        rig.simulator()
        rig.up(*WORKERS)
        await rig.until(bus, lambda: rig.runs(*WORKERS), "every worker runs")
        await rig.until(bus, rig.joined, "the demo party is joined")
        await rig.until(bus, lambda: rig.all(MixerState), "the mix is made")
        rig.flag.touch()
        await rig.until(bus, lambda: heard(rig), "somebody is heard")
        await used(rig, bus, kind)
        assert not rig.ended(), rig.said()
        await rig.until(bus, lambda: {"session", "audio"} & rig.disk_problems(), "it is told that nothing is saved")
        rig.flag.unlink()
        await rig.until(bus, lambda: not rig.disk_problems(), "what waited is saved, and that is told")
        saved = {path.name for path in rig.paths.state.iterdir()}
        assert {"session.json", "audio.json"} <= saved, (saved, rig.said())
        assert not rig.ended(), rig.said()
        print(f"{kind}: refused at {len(rig.met())} places:", *sorted(rig.met()), sep="\n  ")  # noqa: T201  # the figure, with -rP
        assert rig.met()


def heard(rig: Rig) -> bool:
    return any(peer.connection == "connected" and peer.frames for peer in rig.all(PeerState).values())


async def used(rig: Rig, bus: Bus, kind: Kind) -> None:
    """Do what writes: choose a gain, record, mark, leave. A refusal must be a sentence; nothing may lie."""
    peer = next(iter(rig.all(PeerState)))
    for request in (SetGain(peer=peer, gain_db=-6.0), SetMute(peer=peer, muted=True)):
        await answered(bus, request)
    found = await answered(bus, StartRecording(name="x"))
    if not isinstance(found, PartylineError):
        await answered(bus, MarkRecording(text="here"))
        await rig.until(
            bus, lambda: any(folder.glob("*.flac") for folder in recordings(rig)), "what is called a recording is one"
        )
        ended = await answered(bus, StopRecording())
        assert not isinstance(ended, PartylineError), ended
    await answered(bus, LeaveParty())


def recordings(rig: Rig) -> list[Path]:
    root = rig.flag.parent / "recordings"
    return list(root.iterdir()) if root.exists() else []


async def answered(bus: Bus, request: object) -> object:
    """Return the answer, or the refusal: which must not be that of a worker that broke."""
    try:
        found = await bus.request(request, PATIENCE_S)
    except PartylineError as error:
        found = error
    if isinstance(found, PartylineError):
        assert found.code not in ("worker.fault", "bus.unreachable"), (request, found.message)
        assert found.remedy
    return found
