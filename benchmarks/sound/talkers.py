"""Benchmark of CPU and 10 ms tick lateness of the real media process with fifteen simultaneous talkers.

    python -m benchmarks.sound.talkers [--talkers 15] [--seconds 40] [--traces clean,loss-5-jitter-60] [--idle]
                                [--json FILE]

Broker, media worker, ICE and DTLS are real. Another process (`benchmarks.receive.network.sender`) sends prepared
packets. This one takes the frames as audio would. A busy loop keeps one core occupied
(`--idle`: none). Wanted: under 40 % of one core, and a lateness of the tick under 5 ms at the 99th percentile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.receive.network import traces
from benchmarks.receive.network.sender import LEAD_S, Play, Sender, phases
from benchmarks.receive.play.children import Child
from common.basic.clock import boot_s
from common.bus import AudioSubscriber, Bus
from common.files.paths import Paths
from common.messages import Member, PartyState, PeerSignal, PeerState, WorkerHealth
from tests.support.processes import COLD, running, short_folder

CPU_PERCENT = 40.0
LATE_MS = 5.0
LATENESS_WINDOW_S = 20.0
"""Window of the worker's own figure. A shorter run would include the start."""
CONNECT_S = 40.0
_ME = Member(account_id="1", platform="PROSPERO", online_id="me", is_me=True)


@dataclass(frozen=True)
class Figures:
    """CPU of the media process in percent of a core, the tick's lateness in ms (p99 of the last 20 s), memory in MB."""

    trace: str
    talkers: int
    busy: bool
    cpu_percent: float
    tick_late_p99_ms: float
    ticks_moved: int
    rss_mb: float
    frames: int
    sender_late_p99_ms: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--talkers", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=40.0, help="of speech; more than 25")
    parser.add_argument("--traces", default="clean,loss-5-jitter-60", help=f"by comma, of {', '.join(traces.NAMES)}")
    parser.add_argument("--idle", action="store_true", help="without the busy loop")
    parser.add_argument("--json", type=Path, help="also write the rows there")
    arguments = parser.parse_args()
    if arguments.seconds <= LATENESS_WINDOW_S + 5:
        parser.error("the tick's lateness is taken over 20 s: speak for more than 25")
    rows = []
    columns = {"talkers": 8, "busy": 6, "CPU %": 8, "tick late p99 ms": 18, "moved": 7, "MB": 7, "sent late": 11}
    print(f"{'trace':<20}" + "".join(f"{name:>{width}}" for name, width in columns.items()))
    for trace in arguments.traces.split(","):
        with _busy(not arguments.idle):
            row = asyncio.run(measure(trace, arguments.talkers, arguments.seconds, busy=not arguments.idle))
        rows.append(row)
        print(
            f"{row.trace:<20}{row.talkers:>8}{'yes' if row.busy else 'no':>6}{row.cpu_percent:>8.1f}"
            f"{row.tick_late_p99_ms:>18.1f}{row.ticks_moved:>7}{row.rss_mb:>7.0f}{row.sender_late_p99_ms:>11.1f}   "
            f"{'as wanted' if row.cpu_percent < CPU_PERCENT and row.tick_late_p99_ms < LATE_MS else 'NOT as wanted'}",
            flush=True,
        )
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n")


async def measure(trace: str, talkers: int, seconds: float, *, busy: bool) -> Figures:
    """Let `talkers` speak over `trace`. Return the figures."""
    with short_folder() as home, running() as start:
        Paths(home).make()
        sender = Child(Sender)
        try:
            start("workers.broker", home, COLD)
            start("workers.media", home, COLD)
            async with party_of(Paths(home).run, OtherWorkers) as party:
                await party.until_running()
                members = [Member(account_id=f"{5000 + number}", platform="PROSPERO") for number in range(talkers)]
                offers = await asyncio.to_thread(sender.call, "offer", {member.peer: False for member in members})
                answers = await party.connect(members, offers)
                await asyncio.to_thread(sender.call, "accept", answers)
                plays = {
                    member.peer: Play(trace, red=False, phase_ms=phase)
                    for member, phase in zip(members, phases(talkers, seed=1), strict=True)
                }
                await asyncio.to_thread(sender.call, "play", plays, 1, seconds)
                await asyncio.sleep(LEAD_S + 1)
                before = await party.next_health()
                await asyncio.sleep(seconds - 3)
                after = await party.next_health()
                late, connected = await asyncio.to_thread(sender.call, "finish"), party.connected
                await asyncio.to_thread(sender.call, "close")
                return Figures(
                    trace=trace,
                    talkers=connected,
                    busy=busy,
                    cpu_percent=(after.cpu_seconds - before.cpu_seconds) / (after.beat_s - before.beat_s) * 100,
                    tick_late_p99_ms=float(after.facts["tick_late_p99_ms"]),
                    ticks_moved=int(after.facts["ticks_moved"]) - int(before.facts["ticks_moved"]),
                    rss_mb=after.rss_bytes / 1e6,
                    frames=party.frames,
                    sender_late_p99_ms=late["p99"],
                )
        finally:
            sender.end()


P = TypeVar("P", bound="OtherWorkers")


class OtherWorkers:
    """Stands in for session, signaling and audio."""

    def __init__(self, bus: Bus) -> None:
        self.frames = 0
        self.template = ""
        """An offer from which to make others."""
        self._bus = bus
        self._health: WorkerHealth | None = None
        self._healthy = asyncio.Condition()
        self._answers: dict[str, str] = {}
        self._states: dict[str, str] = {}

    @property
    def connected(self) -> int:
        return sum(state == "connected" for state in self._states.values())

    async def listen(self) -> None:
        async for received in self._bus.subscribe(WorkerHealth, PeerState, f"{PeerSignal.TOPIC}/out/"):
            message = received.message
            async with self._healthy:
                if isinstance(message, WorkerHealth) and message.worker == "media":
                    self._health = message
                elif isinstance(message, PeerState):
                    self._states[f"{message.account_id}.{message.platform}"] = message.connection
                elif isinstance(message, PeerSignal) and message.kind == "answer":
                    self._answers[f"{message.account_id}.{message.platform}"] = message.sdp
                self._healthy.notify_all()

    def drain(self, run: Path, ended: threading.Event) -> None:
        """Take frames as audio would."""
        subscriber = AudioSubscriber(run)
        while not ended.is_set():
            self.frames += sum(1 for _ in subscriber.receive(50))
        subscriber.close()

    async def until_running(self) -> None:
        async with asyncio.timeout(CONNECT_S), self._healthy:
            await self._healthy.wait_for(lambda: self._health is not None and self._health.state == "running")

    async def next_health(self) -> WorkerHealth:
        """Return the worker's next report, which has present figures."""
        async with asyncio.timeout(CONNECT_S), self._healthy:
            known = self._health
            await self._healthy.wait_for(lambda: self._health is not known)
            assert self._health is not None
            return self._health

    def offer(self, member: Member, sdp: str, sequence: int) -> None:
        self._bus.publish(
            PeerSignal(
                direction="in",
                account_id=member.account_id,
                platform=member.platform,
                kind="offer",
                sdp=sdp,
                sequence=sequence,
            )
        )

    async def connect(
        self, members: list[Member], offers: dict[str, str], silent: Sequence[Member] = ()
    ) -> dict[str, str]:
        """Add the members with their offers, and the `silent` ones without. Return media's answers."""
        self._bus.publish(
            PartyState(phase="joined", session_id="s", me=_ME.peer, joined_s=boot_s(), members=(_ME, *members, *silent))
        )
        for member in members:
            self.offer(member, offers[member.peer], 1)
        async with asyncio.timeout(CONNECT_S), self._healthy:
            await self._healthy.wait_for(lambda: set(offers) <= set(self._answers))
        return dict(self._answers)


@asynccontextmanager
async def party_of(run: Path, make: Callable[[Bus], P]) -> AsyncIterator[P]:
    bus = Bus("signaling", run)
    await bus.start()
    party, ended = make(bus), threading.Event()
    listening = asyncio.create_task(party.listen())
    draining = threading.Thread(target=party.drain, args=(run, ended))
    draining.start()
    try:
        yield party
    finally:
        ended.set()
        draining.join()
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        await bus.close()


@contextmanager
def _busy(wanted: bool) -> Iterator[None]:
    """Occupy one core."""
    process = multiprocessing.get_context("spawn").Process(target=_spin, daemon=True)
    if wanted:
        process.start()
    try:
        yield
    finally:
        if wanted:
            process.kill()
            process.join()


def _spin() -> None:
    while True:
        pass


if __name__ == "__main__":
    main()
