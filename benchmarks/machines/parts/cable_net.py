"""What a cable does to TCP: a relay that delays or stalls it, and packets that are really lost.

    python -m benchmarks.machines.parts.cable_net PORT HOST KIND      relays PORT … PORT + 3 to HOST

Kinds: ``jitter`` (each piece 0 to 30 ms later, nothing overtakes), ``stall`` (nothing for 500 ms, each 10 s).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator

from benchmarks.machines.space import FAR_LINK, LINK, WITHIN
from common.bus.peers.far_site import PORTS

JITTER_S = 0.03
STALL_EVERY_S, STALL_S = 10.0, 0.5


@contextlib.contextmanager
def packets_lost(share: float) -> Iterator[None]:
    """Lose a share of the packets in each direction, so that TCP sends them again."""
    rule = ("INPUT", "-m", "statistic", "--mode", "random", "--probability", str(share), "-j", "DROP")
    places = ((), WITHIN)
    device = {(): LINK, WITHIN: FAR_LINK}
    for place in places:
        subprocess.run((*place, "iptables", "-A", *rule[:1], "-i", device[place], *rule[1:]), check=True)
    try:
        yield
    finally:
        for place in places:
            subprocess.run((*place, "iptables", "-D", *rule[:1], "-i", device[place], *rule[1:]), check=False)


async def relay(port: int, host: str, kind: str) -> None:
    rng = random.Random(1)
    began = time.monotonic()

    def until_s(now: float) -> float:
        """Return when what came `now` goes on."""
        if kind == "jitter":
            return now + rng.random() * JITTER_S
        phase = (now - began) % STALL_EVERY_S
        return now + max(0.0, STALL_S - phase) if now - began > STALL_EVERY_S else now

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def pass_on() -> None:
            while True:
                at, data = await waiting.get()
                await asyncio.sleep(max(0.0, at - time.monotonic()))
                writer.write(data)
                if not data:
                    writer.close()
                    return

        passing = asyncio.create_task(pass_on())
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                waiting.put_nowait((until_s(time.monotonic()), data))
        waiting.put_nowait((0.0, b""))
        await asyncio.gather(passing, return_exceptions=True)

    async def serve(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(host, port + number)
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer), return_exceptions=True)

    def server_of(number: int) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        return lambda reader, writer: serve(number, reader, writer)

    servers = [await asyncio.start_server(server_of(number), "127.0.0.1", port + number) for number in PORTS.values()]
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(relay(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
