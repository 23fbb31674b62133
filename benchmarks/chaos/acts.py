"""The start and the end of each kind of fault."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from benchmarks.chaos.draw import Drawn
from benchmarks.chaos.stage import Stage
from common.files.paths import write_atomically

OFFER_EVERY_S = 0.5
FLOOD_PER_S = 1000
STEP_S = 0.02
MOST_LOSS, LEAST_LOSS = 0.3, 0.1
FARTHEST_S = 7200.0
"""Limit of the clock's jump, either way."""


async def strike(stage: Stage, drawn: Drawn) -> None:
    """Apply one fault for its duration, then end it."""
    await asyncio.sleep(drawn.lag_s)
    family, what = drawn.kind.family, drawn.kind.what
    if family == "kill":
        stage.kill(what)
    elif family == "stop":
        await _hold_process(stage.pid(what), drawn.hold_s)
    elif family == "server":
        await stage.ask("scenario", {"name": what})
        await asyncio.sleep(drawn.hold_s)
        await stage.ask("scenario", {"name": "calm"})
    elif family == "sound":
        await _sound(stage, what, drawn.hold_s)
    else:
        async with _OTHERS[drawn.kind.name](stage, drawn):
            await asyncio.sleep(drawn.hold_s)


async def _hold_process(pid: int, hold_s: float) -> None:
    os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(hold_s)
    finally:
        with suppress(ProcessLookupError):  # another fault killed it meanwhile
            os.kill(pid, signal.SIGCONT)


async def _sound(stage: Stage, what: str, hold_s: float) -> None:
    if what == "stopped":
        await _hold_process(stage.sound.pid, hold_s)
        return
    await asyncio.to_thread(stage.sound.kill)
    await asyncio.sleep(hold_s)
    await asyncio.to_thread(stage.sound.start)


@asynccontextmanager
async def _disk(stage: Stage, _: Drawn) -> AsyncIterator[None]:
    flag = stage.folder / "full"
    flag.touch()
    yield
    flag.unlink()


@asynccontextmanager
async def _loss(stage: Stage, drawn: Drawn) -> AsyncIterator[None]:
    rate = LEAST_LOSS + (MOST_LOSS - LEAST_LOSS) * drawn.strength
    write_atomically(stage.folder / "loss", str(rate).encode())
    yield
    write_atomically(stage.folder / "loss", b"0")


@asynccontextmanager
async def _clock(stage: Stage, drawn: Drawn) -> AsyncIterator[None]:
    write_atomically(stage.folder / "clock", str((drawn.strength * 2 - 1) * FARTHEST_S).encode())
    yield
    write_atomically(stage.folder / "clock", b"0")


@asynccontextmanager
async def _away(stage: Stage, _: Drawn) -> AsyncIterator[None]:
    """Stop servers and consoles together, which looks like a network outage."""
    stage.simulator.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        stage.simulator.send_signal(signal.SIGCONT)


@asynccontextmanager
async def _leaves(stage: Stage, drawn: Drawn) -> AsyncIterator[None]:
    peer = stage.peers[drawn.struck]
    await stage.ask("leave", {"peer": peer})
    yield
    await stage.ask("join", {"peer": peer})


@asynccontextmanager
async def _unreached(stage: Stage, drawn: Drawn) -> AsyncIterator[None]:
    """Let a member leave and rejoin as unreachable, then make it reachable again and let it offer."""
    peer = stage.peers[drawn.struck]
    policy = "silent" if drawn.kind.what == "silent" else "unreachable"
    await stage.ask("leave", {"peer": peer})
    await stage.ask("policy", {"peer": peer, "policy": policy})
    await stage.ask("join", {"peer": peer})
    yield
    await stage.ask("policy", {"peer": peer, "policy": "usual"})
    await stage.ask("offer", {"peer": peer})


@asynccontextmanager
async def _offers(stage: Stage, drawn: Drawn) -> AsyncIterator[None]:
    async def offer() -> None:
        while True:
            await stage.ask("offer", {"peer": stage.peers[drawn.struck]})
            await asyncio.sleep(OFFER_EVERY_S)

    async with _beside(offer()):
        yield


@asynccontextmanager
async def _flood(stage: Stage, _: Drawn) -> AsyncIterator[None]:
    ports = udp_ports(stage.pid("media"))
    assert ports, "media has no UDP port that can be flooded"
    garbage = struct.pack("!HHI", 1, 4, 0x2112A442) + bytes(12) + struct.pack("!HH", 0x0024, 2)

    async def throw() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setblocking(False)
            began, sent = time.monotonic(), 0
            while True:
                while sent < (time.monotonic() - began) * FLOOD_PER_S:
                    sent += 1
                    with suppress(BlockingIOError, ConnectionError):
                        sock.sendto(garbage if sent % 2 else b"", ("127.0.0.1", ports[sent % len(ports)]))
                await asyncio.sleep(STEP_S)

    async with _beside(throw()):
        yield


@asynccontextmanager
async def _beside(work: object) -> AsyncIterator[None]:
    task: asyncio.Task[None] = asyncio.create_task(work)  # type: ignore[arg-type]
    try:
        yield
    finally:
        ended = task.done()
        task.cancel()
        results = await asyncio.gather(task, return_exceptions=True)
        if ended and isinstance(results[0], BaseException):
            raise results[0]


_OTHERS = {
    "disk.fails": _disk,
    "network.loss": _loss,
    "network.away": _away,
    "network.blocked": _unreached,
    "peer.silent": _unreached,
    "peer.leaves": _leaves,
    "peer.offers": _offers,
    "peer.flood": _flood,
    "clock.jumps": _clock,
}


def udp_ports(pid: int) -> list[int]:
    """Return a process' UDP ports over IPv4. Linux only, as macOS has no /proc."""
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if found := re.fullmatch(r"socket:\[(\d+)\]", str(handle.readlink())):
                inodes.add(found[1])
    lines = [line.split() for line in Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]]
    return sorted(int(words[1].rpartition(":")[2], 16) for words in lines if words[9] in inodes)
