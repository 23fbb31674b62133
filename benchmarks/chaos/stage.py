"""A whole pipeline under supervisord in a party of consoles that all talk, with subscribers on its buses."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.chaos.judge import Budget, grown
from benchmarks.chaos.kinds import MIX, WORKERS
from common.bus import AudioSubscriber, Bus
from common.files.paths import CHECKOUT, write_atomically
from common.messages import MixerState, PartyState, PeerState, Problem, PushState, WorkerHealth
from common.messages.audio import MIX_PEER, MIX_PLANE
from common.requests import JoinParty, SignIn
from tests.e2e.pipeline import Control, Pipeline, pipeline
from tests.support.processes import COLD, running, short_folder
from tests.support.soundserver import SoundServer
from tests.support.stalls import Stalls
from tests.support.waiting import eventually

SITE = Path(__file__).parent / "site"
URLS = ("account", "mobile", "web", "dms", "profile", "party_link", "push", "push_socket")
LATE_NS = 250_000_000
"""A frame that is this late is not heard any more."""
RECENT_S = 1.5
STEADY_S = 2.0
"""Longer than `RECENT_S`, to notice a talker who falls silent at a fault's end before all counts as healthy."""
BEAT_S = 10.0
"""A worker without a heartbeat for this long is not healthy."""
START_S = 120.0
STAGE_NICE = -6
"""Priority of this process. Workers continue from it, audio to -17, media to -16."""
PROBE_NICE = -19
"""Priority of the stall probe, ahead of all of them."""


class Ears:
    """Records when each talker was heard, by received frames that came in time, and when the mix came."""

    def __init__(self, run: Path) -> None:
        self._lock = threading.Lock()
        self._heard: dict[str, list[int]] = defaultdict(list)
        self._last: dict[str, int] = {}
        self._late_ns = 0
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._listen, args=(lambda: AudioSubscriber(run),), daemon=True),
            threading.Thread(
                target=self._listen, args=(lambda: AudioSubscriber(run, MIX_PLANE, MIX_PEER),), daemon=True
            ),
        ]
        for thread in self._threads:
            thread.start()

    def _listen(self, made: Callable[[], AudioSubscriber]) -> None:
        subscriber = made()
        while not self._ended.is_set():
            for frame, _ in subscriber.receive(50):
                now = time.monotonic_ns()
                mixed = frame.peer == MIX_PEER
                if not mixed:
                    with self._lock:
                        self._late_ns = max(self._late_ns, now - frame.tick_ns)
                if mixed or (frame.arrived_ns and now - frame.tick_ns < LATE_NS):
                    with self._lock:
                        at = now if mixed else frame.tick_ns
                        self._heard[MIX if mixed else frame.peer].append(at)
                        self._last[MIX if mixed else frame.peer] = at
        subscriber.close()

    def last_s(self, peer: str) -> float:
        """Return the seconds since `peer` was last heard."""
        with self._lock:
            return (time.monotonic_ns() - self._last.get(peer, 0)) / 1e9

    def take(self) -> dict[str, list[int]]:
        """Return what was heard since the last call: peer key or `MIX` → monotonic ns."""
        with self._lock:
            taken, self._heard = dict(self._heard), defaultdict(list)
            return taken

    def late_s(self) -> float:
        """Return the longest delay of a talker's frame since the last call, concealed or not."""
        with self._lock:
            late_ns, self._late_ns = self._late_ns, 0
        return late_ns / 1e9

    def close(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()


class Stage:
    def __init__(self, made: Pipeline, bus: Bus, sound: SoundServer, simulator: Any, info: dict[str, Any]) -> None:
        self.pipeline, self.bus, self.sound, self.simulator, self.info = made, bus, sound, simulator, info
        self.folder = made.folder
        self.control = Control(str(info["control_url"]))
        self.peers: list[str] = []
        self.latest: dict[str, Any] = {}
        self.beats: dict[str, float] = {}
        self.killed: dict[str, int] = {}
        """Worker → process id that was killed last."""
        self.missing = self.concealed = 0
        """10 ms frames since the start."""
        self.standing: set[str] = set()
        """Problems that were open before any fault."""
        self.ears = Ears(made.paths.run)
        self.gone_s = 0.0
        """When the push channel was last gone for longer than the server keeps us (monotonic)."""
        self.stalls = Stalls(nice=PROBE_NICE)
        self.budget = Budget()

    async def listen(self) -> None:
        """Keep the retained messages and add up the counters."""
        async for received in self.bus.subscribe(""):
            if received.message is None:
                self.latest.pop(received.topic, None)
                continue
            before, now = self.latest.get(received.topic), received.message
            self.latest[received.topic] = now
            if isinstance(now, PushState) and now.counts_as_gone:
                self.gone_s = time.monotonic()
            if isinstance(now, WorkerHealth):
                self.beats[now.worker] = time.monotonic()
            elif isinstance(now, PeerState) and isinstance(before, PeerState):
                self.concealed += grown(before.concealed_frames, now.concealed_frames)
            elif isinstance(now, MixerState) and isinstance(before, MixerState):
                old = {talker.peer: talker.missing for talker in before.talkers}
                self.missing += sum(grown(old.get(talker.peer, 0), talker.missing) for talker in now.talkers)

    def pid(self, worker: str) -> int:
        """Return a worker's process id. Raises `ProcessLookupError` while none is known."""
        beat = self.latest.get(f"{WorkerHealth.TOPIC}/{worker}")
        if not isinstance(beat, WorkerHealth):
            raise ProcessLookupError(worker)
        return beat.pid

    def problems(self) -> set[str]:
        """Return the open problems, without notes and without what only says that this machine is busy."""
        found = [one for one in self.latest.values() if isinstance(one, Problem) and one.severity != "note"]
        return {one.key() for one in found if one.code != "media.late-ticks"}

    def unwell(self) -> list[str]:
        """Return what is not healthy, empty if everything is."""
        found = [f"{worker}: {said}" for worker in WORKERS if (said := self._worker(worker))]
        party, push, mixer = (self.latest.get(f"{cls.TOPIC}/") for cls in (PartyState, PushState, MixerState))
        if not isinstance(party, PartyState) or party.phase != "joined":
            found.append("not in the party")
        elif missing := set(self.peers) - {member.peer for member in party.members}:
            found.append(f"not in the table of members: {', '.join(sorted(missing))}")
        if not isinstance(push, PushState) or not push.connected:
            found.append("the push channel is not open")
        if not isinstance(mixer, MixerState) or mixer.sink != mixer.wanted_sink:
            found.append("the wanted sink does not play")
        for peer in self.peers:
            state = self.latest.get(f"{PeerState.TOPIC}/{peer}")
            if not isinstance(state, PeerState) or state.connection != "connected":
                found.append(f"{peer} is {state.connection if isinstance(state, PeerState) else 'unknown to media'}")
        found += [f"{peer} is not heard" for peer in (*self.peers, MIX) if self.ears.last_s(peer) > RECENT_S]
        return [*found, *(f"open problem: {key}" for key in sorted(self.problems() - self.standing))]

    def _worker(self, worker: str) -> str:
        beat = self.latest.get(f"{WorkerHealth.TOPIC}/{worker}")
        if not isinstance(beat, WorkerHealth):
            return "was never heard of"
        if beat.pid == self.killed.get(worker):
            return "did not start again"
        if time.monotonic() - self.beats[worker] > BEAT_S:
            return "gives no heartbeat"
        return "" if beat.state == "running" else f"{beat.state} {beat.detail}".strip()

    async def until_healthy(self, within_s: float) -> tuple[float, list[str]]:
        """Wait until all has been healthy for `STEADY_S`. Return how long that took, and what is still not healthy."""
        began = since = time.monotonic()
        found = self.unwell()
        while (found or time.monotonic() - since < STEADY_S) and time.monotonic() - began < within_s + STEADY_S:
            if found:
                since = time.monotonic()
            await asyncio.sleep(0.1)
            found = self.unwell()
        return since - began, found

    def kill(self, worker: str) -> None:
        """Kill a worker like a crash. It is not healthy before another process of its name runs."""
        pid = self.killed[worker] = self.pid(worker)
        os.kill(pid, signal.SIGKILL)

    async def ask(self, what: str, body: dict[str, Any] | None = None) -> Any:
        """Call the simulator's control API, by GET or with a body by POST."""
        if body is None:
            return await asyncio.to_thread(self.control.get, what)
        return await asyncio.to_thread(self.control.post, what, body)

    async def stalled_s(self, since: float, *, consoles: bool) -> float:
        """Return the longest stall of the machine since then (monotonic), or of the `consoles`' own clock."""
        late = (await self.ask("state"))["clockLate"] if consoles else []
        behind = max((one["ms"] for one in late if one["at"] >= since), default=0.0)
        return max(behind, *self.stalls.found_ms(), 0.0) / 1000

    async def calls(self, since: float) -> int:
        """Return how many calls "Sony" got since then (Unix seconds)."""
        calls = await self.ask("calls")
        return sum(call["at"] >= since and not call["path"].startswith("/control") for call in calls)

    async def openings(self, since: float) -> int:
        """Return the number of serveraddr calls since then (Unix seconds)."""
        calls = await self.ask("calls")
        return sum(call["at"] >= since and call["path"].endswith("/np/serveraddr") for call in calls)


def _environment(folder: Path, info: dict[str, Any], sound: SoundServer) -> dict[str, str]:
    inherited = os.environ.get("PYTHONPATH", "")
    return {
        "PARTYLINE_PSN__REALM": "playstation",
        **{f"PARTYLINE_PSN__{host.upper()}_URL": str(info[f"{host}_url"]) for host in URLS},
        "PARTYLINE_ICE__STUN_SERVERS": "[]",
        "PARTYLINE_AUTH__STORE": "file",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(SITE), str(CHECKOUT), inherited))),
        "CHAOS_CLOCK": str(folder / "clock"),
        "CHAOS_LOSS": str(folder / "loss"),
        **sound.env,
    }


def _on_a_failing_disk(made: Pipeline, disk: str, aside: Path) -> None:
    """Let supervisord start each worker on top of the failing disk layer (`tests.disk`)."""
    conf = made.folder / "supervisord.conf"
    text = conf.read_text()
    for worker in WORKERS:
        text = text.replace(
            f"-m workers.{worker}\n",
            f"-m tests.disk.worker workers.{worker} {disk} {aside / 'full'} {aside / 'sites'}\n",
        )
    assert text.count("tests.disk.worker") == len(WORKERS), "supervisord.conf is not as it was"
    conf.write_text(text)


def _with_priority(nice: int) -> None:
    """Raise the priority of this process and its children above everything else here, where permitted."""
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, nice)


@asynccontextmanager
async def staged(consoles: int, disk: str, nice: int = STAGE_NICE) -> AsyncIterator[Stage]:
    """Yield a stage on which everybody is heard. `disk` is how the disk fails (`tests.disk.faulty.Kind`)."""
    _with_priority(nice)
    with short_folder() as aside, running() as start, SoundServer() as sound:
        for name in ("clock", "loss"):
            write_atomically(aside / name, b"0")
        file = aside / "network.json"
        simulator = start("simulator", aside, COLD, "--info", str(file), "--consoles", str(consoles))
        await asyncio.to_thread(eventually, file.exists, "the network is up")
        info = json.loads(file.read_text())
        with pipeline(_environment(aside, info, sound)) as made:
            _on_a_failing_disk(made, disk, aside)
            bus = Bus("chaos", made.paths.run)
            await bus.start()
            stage = Stage(made, bus, sound, simulator.popen, info)
            stage.folder = aside
            ear = asyncio.create_task(stage.listen())
            try:
                made.start()
                await _joined(stage, consoles)
                yield stage
            finally:
                ear.cancel()
                await asyncio.gather(ear, return_exceptions=True)
                stage.ears.close()
                stage.stalls.close()
                await bus.close()


async def _joined(stage: Stage, consoles: int) -> None:
    await stage.ask("chorus", {"on": True})
    await stage.bus.request(SignIn(pasted=str(stage.info["npsso"])), 60)
    await stage.bus.request(JoinParty(target=str(stage.info["party_link"])), 60)
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        party = stage.latest.get(f"{PartyState.TOPIC}/")
        if isinstance(party, PartyState):
            stage.peers = sorted(member.peer for member in party.members if not member.is_me)
        stage.standing = stage.problems()
        if len(stage.peers) == consoles and not stage.unwell():
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"the pipeline did not come up: {'; '.join(stage.unwell())}")
