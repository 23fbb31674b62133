"""The machine that hears: the far voices in a process of their own, and audio's receiving half and chain.

python -m benchmarks.machines.parts.cable_desk link RUN_FOLDER ADDRESS SERVER_KEY CARRIAGE SECONDS < key pair
python -m benchmarks.machines.parts.cable_desk audio RUN_FOLDER SECONDS FILE.npz
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path

import msgspec
import numpy as np
import zmq.asyncio
from numpy.typing import NDArray

from common.bus.audio import MEDIA_PLANE
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_clock import FarClock
from common.bus.peers.far_site import FarSite
from common.bus.peers.far_voices import FarVoices
from common.messages import FRAME_SAMPLES
from workers.audio.mix.chain import Chain
from workers.audio.mix.talker_frames import MixStep
from workers.audio.planes.talker_subscriber import TalkerSubscriber
from workers.audio.play.rate_control import RateControl
from workers.audio.play.renderers import ResampledRenderer

TICK_NS = 10_000_000


async def link(run: Path, address: str, server: str, carriage: str, seconds: float) -> None:
    public, _, private = sys.stdin.readline().strip().partition(" ")
    context = zmq.asyncio.Context()
    site = FarSite(address, CurveKeys(public=public, private=private), server)
    clock = FarClock(context, site)
    voices = FarVoices(context, site, run, MEDIA_PLANE, clock, "opus" if carriage == "opus" else "pcm")
    jobs = [asyncio.create_task(job.run()) for job in (clock, voices)]
    cpu = time.process_time()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*jobs)
    used = time.process_time() - cpu
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)
    state = msgspec.to_builtins(voices.state)
    round_trip_ms = (clock.round_trip_s or 0) * 1e3
    print(json.dumps({**state, "cpu_s": used, "clock_ppm": clock.ppm, "round_trip_ms": round_trip_ms}))


def audio(run: Path, seconds: float, file: Path) -> None:
    """Play the mix to nobody, by a device on this machine's clock, and keep what was played and when."""
    chain = Chain(20)
    source = _Recorded(chain)
    rate_control = RateControl()
    renderer = ResampledRenderer(source, rate_control)
    subscriber = TalkerSubscriber(run, chain.inbox.append)
    subscriber.start()
    cpu = time.process_time()
    began, block, extra = time.monotonic_ns(), np.empty((1, FRAME_SAMPLES), np.float32), 0
    for number in range(round(seconds * 100)):
        time.sleep(max(0, began + number * TICK_NS - time.monotonic_ns()) / 1e9)
        renderer.render(block, began + number * TICK_NS)
        extra = max(extra, chain.jitter.extra_frames)
    used = time.process_time() - cpu
    subscriber.stop()
    counts = chain.queue.talkers.values()
    np.savez(
        file,
        sound=np.concatenate(source.sound),
        ticks=np.array(source.ticks),
        heard_ns=np.array(source.heard_ns),
        gaps=np.array(source.gaps),
        sounding=np.array(source.sounding),
        concealed=np.array(source.concealed),
    )
    print(
        json.dumps(
            {
                "cpu_s": used,
                "ppm": rate_control.ppm,
                "extra_ms": extra * 10,
                "missing": sum(count.missing for count in counts),
                "dropped": sum(count.dropped for count in counts),
            }
        )
    )


class _Recorded:
    """A chain whose frames are kept."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.rows = chain.rows
        self.sound: list[NDArray[np.float32]] = []
        self.ticks: list[int] = []
        self.heard_ns: list[float] = []
        self.gaps: list[int] = []
        self.sounding: list[int] = []
        self.concealed: list[int] = []

    @property
    def surplus_ns(self) -> float:
        return self._chain.surplus_ns

    def begin_run(self) -> None:
        self._chain.begin_run()

    def frame(self, heard_ns: float, asked_ns: int, block_ns: float = 0.0) -> tuple[NDArray[np.float32], MixStep]:
        frame, step = self._chain.frame(heard_ns, asked_ns, block_ns)
        self.sound.append(frame[0].copy())
        self.ticks.append(step.parts[0].frame.tick if step.parts else -1)
        self.heard_ns.append(heard_ns)
        self.gaps.append(len(step.gaps))
        self.sounding.append(sum(part.frame.sounding for part in step.parts))
        self.concealed.append(sum(part.frame.concealed for part in step.parts))
        return frame, step


if __name__ == "__main__":
    mode, folder, *rest = sys.argv[1:]
    if mode == "link":
        asyncio.run(link(Path(folder), rest[0], rest[1], rest[2], float(rest[3])))
    else:
        audio(Path(folder), float(rest[0]), Path(rest[1]))
