"""What a page does, without a browser: requests and sockets."""

from __future__ import annotations

import asyncio
import http.client
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import aiohttp

from tests.workers.dashboard.stage import Stage


def get(stage: Stage, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", stage.settings.port, timeout=20)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode("utf-8", "replace")


@asynccontextmanager
async def socket_to(
    stage: Stage, path: str, key: str, origin: str | None = None, **headers: str
) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            stage.origin + path,
            protocols=("partyline", f"key.{key}"),
            headers={"Origin": stage.origin if origin is None else origin, **headers},
        ) as ws,
    ):
        yield ws


async def until(ws: aiohttp.ClientWebSocketResponse, condition: Any) -> dict[str, Any]:
    """Return the first frame for which `condition` holds."""
    async with asyncio.timeout(30):
        while True:
            frame = json.loads(await ws.receive_str())
            if condition(frame):
                return frame


async def ask(ws: aiohttp.ClientWebSocketResponse, name: str, **fields: Any) -> dict[str, Any]:
    await ws.send_str(json.dumps({"id": 5, "do": name, "fields": fields}))
    return (await until(ws, lambda frame: "answers" in frame))["answers"][0]
