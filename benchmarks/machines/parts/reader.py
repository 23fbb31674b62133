"""Another machine that reads all state and all voices of a gate. Its key pair is the first line of standard input."""

from __future__ import annotations

import asyncio
import json
import sys
import threading

from common.bus import AudioSubscriber, Bus
from common.bus.peers.curve import CurveKeys
from common.bus.peers.far_site import FarSite


async def main(address: str, server: str) -> None:
    public, _, private = sys.stdin.readline().strip().partition(" ")
    site = FarSite(address, CurveKeys(public=public, private=private), server)
    counts, stop = {"messages": 0, "frames": 0}, threading.Event()

    def voices() -> None:
        source = AudioSubscriber(site)
        while not stop.is_set():
            counts["frames"] += sum(1 for _ in source.receive(100))
        source.close()

    thread = threading.Thread(target=voices)
    thread.start()
    bus = Bus("reader", site)

    async def messages() -> None:
        async for _ in bus.subscribe(""):
            counts["messages"] += 1

    reading = asyncio.create_task(messages())
    await asyncio.to_thread(sys.stdin.readline)  # until we are told to end
    reading.cancel()
    stop.set()
    thread.join()
    await asyncio.gather(reading, return_exceptions=True)
    await bus.close()
    print(json.dumps(counts))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
