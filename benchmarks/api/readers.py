"""Clients of the API's events in a process of their own: those that read, slow ones, and those that never read.

Its standard input is one line of JSON (`ReadersOrder`). It prints `ready` once all have subscribed, and what they got
(`Got`, JSON) once its input ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import aiohttp

from common.api.rights import TOPICS
from common.basic.clock import boot_s

Kind = Literal["reads", "slow", "never"]
SLOW_S = 3.0
"""How long a slow reader does something else each time, before it reads what has come meanwhile."""
IDLE_S = 0.05
"""Nothing came for so long: it has read everything."""


@dataclass(frozen=True)
class ReadersOrder:
    url: str
    keys: tuple[str, ...]
    """One for each client."""
    kind: Kind
    levels_hz: int
    """0 for no levels."""


@dataclass
class Got:
    """What all clients got together."""

    frames: int = 0
    bytes: int = 0
    levels: int = 0
    missed: int = 0
    """Changes that a client was not sent, by their numbers."""
    ended: int = 0
    """Connections that the server ended."""
    ended_s: list[float] = field(default_factory=list)
    """Seconds from the subscription to the end of each of them."""
    late_ms: list[float] = field(default_factory=list)
    """From the beat of a worker to its event at a client, for each."""


async def main() -> None:
    given = json.loads(sys.stdin.readline())
    order = ReadersOrder(**{**given, "keys": tuple(given["keys"])})
    got, subscribed = Got(), asyncio.Semaphore(0)
    async with aiohttp.ClientSession() as session:
        tasks = [asyncio.create_task(_client(session, order, key, got, subscribed)) for key in order.keys]
        for _ in tasks:
            await subscribed.acquire()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    sys.stdout.write(json.dumps(asdict(got)))


async def _client(
    session: aiohttp.ClientSession, order: ReadersOrder, key: str, got: Got, subscribed: asyncio.Semaphore
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with session.ws_connect(order.url, headers=headers, protocols=("partyline.v1",), max_msg_size=0) as ws:
        topics = [cls.TOPIC for cls in TOPICS if order.levels_hz or cls.TOPIC != "audio.levels"]
        await ws.send_json({"op": "subscribe", "id": 1, "topics": topics, "levels_hz": order.levels_hz or 10})
        began = time.monotonic()
        number = None if order.kind == "never" else await _snapshot(ws)
        subscribed.release()
        if order.kind == "never":
            await _never(ws)
        else:
            await _read(ws, order.kind, number or 0, got)
        got.ended += 1
        got.ended_s.append(round(time.monotonic() - began, 1))


async def _snapshot(ws: aiohttp.ClientWebSocketResponse) -> int:
    while (frame := await ws.receive_json())["op"] != "snapshot":
        pass
    return int(frame["number"])


async def _read(ws: aiohttp.ClientWebSocketResponse, kind: Kind, number: int, got: Got) -> None:
    while True:
        try:
            message = await ws.receive(timeout=IDLE_S if kind == "slow" else None)
        except TimeoutError:
            await asyncio.sleep(SLOW_S)
            continue
        if message.type is not aiohttp.WSMsgType.TEXT:
            return
        frame: dict[str, Any] = json.loads(message.data)
        got.frames += 1
        got.bytes += len(message.data)
        if frame["number"] is None:
            got.levels += 1
        else:
            got.missed += frame["number"] - number - 1
            number = frame["number"]
        if frame["topic"].startswith("worker.health/") and frame["message"]:
            got.late_ms.append(round((boot_s() - frame["message"]["beat_s"]) * 1000, 2))


async def _never(ws: aiohttp.ClientWebSocketResponse) -> None:
    """Read nothing, not even a ping, until the server ends the connection."""
    transport = ws._response.connection.transport  # type: ignore[union-attr]  # noqa: SLF001  # below what it reads by itself
    assert isinstance(transport, asyncio.Transport)
    transport.pause_reading()
    raw = transport.get_extra_info("socket")
    while True:  # what the server has sent is left where it is; only the end of the connection shows
        await asyncio.sleep(0.2)
        with contextlib.suppress(OSError):
            if raw.getsockopt(6, 11, 1)[0] != 1:  # TCP_INFO, whose first byte is the state: 1 is established
                return


if __name__ == "__main__":
    asyncio.run(main())
