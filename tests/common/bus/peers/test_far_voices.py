"""Voices of another machine: a gate with a media that the test plays, and readers here."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import zmq.asyncio

from common.bus import AudioPublisher, AudioSubscriber
from common.bus.audio import MEDIA_PLANE
from common.bus.peers.bus_gate import BusGate
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_clock import FarClock
from common.bus.peers.far_site import FarSite
from common.bus.peers.far_voices import Carriage, FarVoices
from common.bus.peers.keyring import Keyring, PairedMachine
from common.messages import FRAME_SAMPLES, AudioFrame
from tests.support.processes import free_port
from tests.support.waiting import until

SPARE, DESK = CurveKeys.new(), CurveKeys.new()
KEYRING = Keyring(own=SPARE, peers=(PairedMachine(name="desk", public=DESK.public, right="listen", met_at=0.0),))


class Talking(threading.Thread):
    """A media worker of two talkers."""

    def __init__(self, run: Path) -> None:
        super().__init__()
        self._publisher = AudioPublisher(run)
        self._stop_asked = threading.Event()

    def run(self) -> None:
        tick = 0
        while not self._stop_asked.wait(0.01):
            tick += 1
            for peer in ("2.PS5", "3.PS5"):
                now = time.monotonic_ns()
                frame = AudioFrame(peer=peer, boot="b", tick=tick, tick_ns=now, arrived_ns=now, sounding=peer < "3")
                self._publisher.send(frame, bytes(2 * FRAME_SAMPLES) if frame.sounding else b"")
        self._publisher.close()

    def stop(self) -> None:
        self._stop_asked.set()
        self.join()


class Two:
    """Two machines, joined by a gate on loopback."""

    def __init__(self, folder: Path) -> None:
        self.spare, self.desk = folder / "s", folder / "d"
        for run in (self.spare, self.desk):
            run.mkdir()
        self.port = free_port()
        self._context = zmq.asyncio.Context()
        site = FarSite(f"127.0.0.1:{self.port}", DESK, SPARE.public)
        self.clock = FarClock(self._context, site)
        self._site = site

    def voices(self, carriage: Carriage) -> FarVoices:
        return FarVoices(self._context, self._site, self.desk, MEDIA_PLANE, self.clock, carriage)

    def gate(self) -> BusGate:
        return BusGate(self.spare, lambda: KEYRING, "127.0.0.1", self.port)

    def end(self) -> None:
        self._context.destroy(linger=0)


@contextlib.asynccontextmanager
async def running(*jobs: object) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(job.run()) for job in jobs]  # type: ignore[attr-defined]
    try:
        yield
        for task in tasks:
            assert not task.done(), task.exception()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    talking = Talking(made.spare)
    talking.start()
    yield made
    talking.stop()
    made.end()


async def heard(reader: AudioSubscriber, count: int) -> list[tuple[AudioFrame, bytes]]:
    found: list[tuple[AudioFrame, bytes]] = []

    async def more() -> bool:
        found.extend(await asyncio.to_thread(lambda: list(reader.receive(50))))
        return len(found) >= count

    await until(more, f"{count} frames are heard")
    return found


@pytest.mark.parametrize("carriage", ["pcm", "opus"])
async def test_what_is_wanted_here_comes_from_there_by_our_clock(two: Two, carriage: Carriage) -> None:
    voices = two.voices(carriage)
    async with running(two.gate(), two.clock, voices):
        reader = AudioSubscriber(two.desk, peer="2.PS5")
        found = await heard(reader, 50)
        for frame, samples in found:
            assert (frame.peer, frame.sounding, len(samples)) == ("2.PS5", True, 2 * FRAME_SAMPLES)
        assert abs(time.monotonic_ns() - found[-1][0].tick_ns) < 5e9  # both machines are one here
        assert voices.state.connected
        await until(lambda: voices.state.wanted and voices.state.frames and voices.state.bytes_per_s, "it is told")
        reader.close()
        await until(lambda: not voices.state.wanted, "nobody listens any more")


async def test_one_reader_of_each_kind_and_the_end_of_one(two: Two) -> None:
    voices = two.voices("opus")
    far = FarSite(f"127.0.0.1:{two.port}", DESK, SPARE.public)
    async with running(two.gate(), two.clock, voices):
        as_opus, as_pcm = AudioSubscriber(two.desk), AudioSubscriber(far, peer="3.PS5")
        found = await heard(as_opus, 40)
        assert {(frame.peer, bool(samples)) for frame, samples in found} == {("2.PS5", True), ("3.PS5", False)}
        assert {frame.peer for frame, _ in await heard(as_pcm, 20)} == {"3.PS5"}
        as_pcm.close()
        await heard(as_opus, 20)
        as_opus.close()


async def test_a_gate_that_is_gone_comes_back_by_itself(two: Two) -> None:
    voices = two.voices("pcm")
    reader = AudioSubscriber(two.desk)
    async with running(two.clock, voices):
        for _ in range(2):
            async with running(two.gate()):
                assert {frame.peer for frame, _ in await heard(reader, 20)} == {"2.PS5", "3.PS5"}
            await until(lambda: not voices.state.connected, "it is cut off")
    assert voices.state.connections == 2
    reader.close()
