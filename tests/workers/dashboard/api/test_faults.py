"""A fault of the worker itself is told in JSON and logged, by HTTP and by the WebSocket."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from common.api.key_uses import KeyUses
from common.bus import Bus
from common.config.tables import ApiSettings
from common.files.paths import Paths
from workers.dashboard.api.door import ApiDoor
from workers.dashboard.state import PageState


class BrokenBus:
    boot = "b"

    async def request(self, request: Any, wait_s: float) -> Any:
        raise ValueError("nobody expected that")

    def publish(self, message: Any) -> None:
        pass


@pytest.fixture
def app(tmp_path: Path) -> web.Application:
    paths = Paths(tmp_path / "home")
    paths.make()
    bus = cast("Bus", BrokenBus())
    door = ApiDoor(
        bus, paths, PageState(), ApiSettings(), page_rights=lambda _: "full", uses=KeyUses(paths), wake=lambda: None
    )
    made = web.Application(middlewares=[door.middleware()])
    made.add_routes(door.routes())
    return made


async def test_by_http(app: web.Application) -> None:
    async with TestClient(TestServer(app)) as client:
        answer = await client.post("/api/v1/requests/ListParties", headers={"Authorization": "Bearer x"})
        error = (await answer.json())["error"]
    assert (answer.status, error["code"]) == (500, "worker.fault")
    assert "ValueError" in error["message"]
    assert "nobody expected" not in error["message"]


async def test_by_the_websocket(app: web.Application) -> None:
    async with (
        TestClient(TestServer(app)) as client,
        client.ws_connect("/api/v1/events", headers={"Authorization": "Bearer x"}) as ws,
    ):
        await ws.send_json({"op": "request", "id": 3, "do": "ListParties"})
        while (frame := msgspec.json.decode((await ws.receive()).data)).get("id") != 3:
            pass
        assert (frame["op"], frame["error"]["code"]) == ("error", "worker.fault")
