"""A proxy before a real OBS without Browser Source: a Media Source stands in for it, and keeps its settings.

Debian's OBS lacks the plugin. Everything else that partyline does with such a source is then done by the real OBS.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgpack
import websockets
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from common.obs.plan import BROWSER

STAND_IN = "ffmpeg_source"
_PROTOCOL = websockets.Subprotocol("obswebsocket.msgpack")


@asynccontextmanager
async def browser_sources(obs_port: int, port: int) -> AsyncIterator[None]:
    """Serve at `port` what the OBS at `obs_port` serves, with browser sources."""

    async def serve_one(client: ServerConnection) -> None:
        async with connect(f"ws://127.0.0.1:{obs_port}", subprotocols=[_PROTOCOL], max_size=2**24) as obs:
            there = asyncio.create_task(_pump(client, obs, BROWSER, STAND_IN))
            back = asyncio.create_task(_pump(obs, client, STAND_IN, BROWSER))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)

    async with serve(serve_one, "127.0.0.1", port, subprotocols=[_PROTOCOL], max_size=2**24):
        yield


async def _pump(source: Any, sink: Any, before: str, after: str) -> None:
    try:
        async for message in source:
            await sink.send(msgpack.packb(_renamed(msgpack.unpackb(message), before, after)))
    except websockets.ConnectionClosed:
        pass
    await sink.close()


def _renamed(value: Any, before: str, after: str) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(one, before, after) for key, one in value.items()}
    if isinstance(value, list):
        return [_renamed(one, before, after) for one in value]
    return after if value == before else value
