"""Listeners without a browser, for the cost of the sender.

    python -m benchmarks.machines.listening.crowd ADDRESS COUNT < the key

Prints a line when all are connected, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from common.api import WHEP


async def listen(client: httpx.AsyncClient, address: str, key: str) -> RTCPeerConnection:
    """Return a connection that receives the mix and plays nothing."""
    made = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    made.addTransceiver("audio", direction="recvonly")
    await made.setLocalDescription(await made.createOffer())
    headers = {"Content-Type": "application/sdp", "Authorization": f"Bearer {key}"}
    answer = await client.post(address + WHEP, content=made.localDescription.sdp, headers=headers)
    answer.raise_for_status()
    await made.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    connected = asyncio.Event()
    made.on("connectionstatechange", lambda: connected.set() if made.connectionState == "connected" else None)
    if made.connectionState != "connected":
        await asyncio.wait_for(connected.wait(), 20)
    return made


async def main() -> None:
    address, count, key = sys.argv[1], int(sys.argv[2]), sys.stdin.readline().strip()
    async with httpx.AsyncClient(verify=False) as client:  # `tests.common.config.https` judges the certificate
        made = [await listen(client, address, key) for _ in range(count)]
    print(len(made), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.gather(*(one.close() for one in made))


if __name__ == "__main__":
    asyncio.run(main())
