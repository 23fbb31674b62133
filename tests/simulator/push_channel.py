"""A push channel, frame by frame."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Self

import aiohttp

from common.psn.http.endpoints import SimulatorInfo
from tests.simulator.calls import PATIENCE_S, Answer
from tests.simulator.sign_in import SignIn


class PushChannel(SignIn):
    """One account's push channel. `push` holds the frames that came in."""

    def __init__(self, http: aiohttp.ClientSession, info: SimulatorInfo, npsso: str = "") -> None:
        super().__init__(http, info, npsso)
        self.push: list[dict[str, Any]] = []
        self.socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    async def serveraddr(self, version: str = "3.0", kind: int = 6) -> Answer:
        return await self.raw(
            "GET",
            f"{self.info.push_url}/np/serveraddr",
            params={"version": version, "fields": "keepAliveStatus", "keepAliveStatusType": str(kind)},
            headers={"Authorization": f"Bearer {self.token['access_token']}"},
        )

    async def connect(
        self,
        protocol: str = "3.0",
        *,
        subprotocols: tuple[str, ...] = ("np-pushpacket",),
        autoping: bool = True,
        **headers: str,
    ) -> aiohttp.ClientWebSocketResponse:
        fqdn = (await self.serveraddr()).body["fqdn"]
        sent = {
            "Authorization": f"Bearer {self.token['access_token']}",
            "X-PSN-APP-TYPE": "MOBILE_APP.PSAPP",
            "X-PSN-APP-VER": "26.1.0",
            "X-PSN-OS-VER": "14",
            "X-PSN-PROTOCOL-VERSION": protocol,
            "X-PSN-KEEP-ALIVE-STATUS-TYPE": "6" if protocol == "3.0" else "3",
            "X-PSN-RECONNECTION": "false",
            **headers,
        }
        url = self.info.push_socket_url.replace("{fqdn}", fqdn)
        return await self.http.ws_connect(url, protocols=subprotocols, headers=sent, autoping=autoping)

    def authorising(self, **more: Any) -> dict[str, Any]:
        return {
            "version": "3.0",
            "method": 1003,
            "tranId": "12",
            "accountId": int(self.account_id),
            "status": "active",
            "auth": {"accessToken": self.token["access_token"]},
            **more,
        }

    def status(self, kind: int = 3, **more: Any) -> dict[str, Any]:
        return {"version": "3.0", "method": 1007, "tranId": "13", "keepAliveStatusType": kind, **more}

    async def open_push(self, *, kind: int = 3, **headers: str) -> Self:
        """Open a 3.0 channel as the app does before it joins: 1003, then 1007 to voice chat, each answered."""
        self.socket = await self.connect(**headers)
        await self.told(self.socket, self.authorising())
        if kind != 6:
            await self.told(self.socket, self.status(kind))
        self._reader = asyncio.create_task(self._read(self.socket))
        return self

    async def told(self, socket: aiohttp.ClientWebSocketResponse, frame: dict[str, Any]) -> dict[str, Any]:
        """Send a frame and return its answer; events that come before it are kept."""
        await socket.send_json(frame)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = json.loads(await self._data(socket))
                if found["method"] == frame["method"]:
                    return found
                self.push.append(found)

    async def _data(self, socket: aiohttp.ClientWebSocketResponse) -> str | bytes:
        message = await socket.receive()
        assert message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY), message
        return message.data

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in socket:
            self.push.append(json.loads(message.data))
            self._news.set()

    async def event(self, data_type: str, **conditions: Any) -> dict[str, Any]:
        """Return the first event whose dataType ends so, and take it out."""

        def fits(frame: dict[str, Any]) -> bool:
            sender = frame["body"]["data"]["customProperties"]["from"]
            return frame["dataType"].endswith(data_type) and all(sender.get(k) == v for k, v in conditions.items())

        async with asyncio.timeout(PATIENCE_S):
            while True:
                found = next((frame for frame in self.push if fits(frame)), None)
                if found is not None:
                    self.push.remove(found)
                    return found
                self._news.clear()
                await self._news.wait()

    async def close(self) -> None:
        if self.socket is not None:
            await self.socket.close(code=4101)
        if self._reader is not None:
            await self._reader
