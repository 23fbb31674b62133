"""A stand-in for Streamer.bot's WebSocket server, after docs.streamer.bot and its client's source.

It was never compared with Streamer.bot.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import websockets
from websockets.asyncio.server import ServerConnection, serve

from tests.support.processes import free_port

SALT, CHALLENGE = "lM1GncleQOaCu9lT1yeUZhFYnqhsLLP1G5lAGo3ixaI=", "+IxH4CnCiqpX1rM9scsNynZzbOe4KhDeYcTNS3PDaeY="


class FakeStreamerbot:
    def __init__(self, password: str = "", *, enforced: bool = False) -> None:
        self.port = free_port()
        self.password = password
        self.enforced = enforced
        self.triggers = ["partyline_speaks", "partyline_silent"]
        self.actions = {"Show speaker": "47da7c2c-1b7e-4ee7-9bbf-306bf18ff1b8"}
        self.done: list[dict[str, Any]] = []
        """Triggers and actions that were asked for."""
        self.authenticated = 0
        self.mute = False
        """Whether it answers nothing any more."""
        self._clients: set[ServerConnection] = set()

    async def serve_one(self, client: ServerConnection) -> None:
        self._clients.add(client)
        info = {"instanceId": "i", "name": "Streamer.bot", "version": "1.0.0"}
        hello = {"request": "Hello", "info": info, "timestamp": "t", "session": "s"}
        if self.password:
            await client.send(json.dumps({**hello, "authentication": {"salt": SALT, "challenge": CHALLENGE}}))
        trusted = not (self.password and self.enforced)
        try:
            async for text in client:
                asked = json.loads(text)
                if self.mute:
                    continue
                if asked["request"] == "Authenticate":
                    trusted = asked["authentication"] == self._proof()
                    self.authenticated += trusted
                    answer = {} if trusted else {"error": "authentication failed"}
                elif not trusted:
                    answer = {"error": "not authenticated"}
                else:
                    answer = self._answer(asked)
                status = "error" if "error" in answer else "ok"
                await client.send(json.dumps({"id": asked["id"], "status": status, **answer}))
        except websockets.ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)

    async def close_clients(self) -> None:
        for client in list(self._clients):
            await client.close()

    def _proof(self) -> str:
        def hashed(text: str) -> str:
            return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

        return hashed(hashed(self.password + SALT) + CHALLENGE)

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        match asked["request"]:
            case "GetCodeTriggers":
                triggers = [{"name": one, "eventName": one, "category": "partyline"} for one in self.triggers]
                return {"count": len(triggers), "triggers": triggers}
            case "GetActions":
                return {"actions": [{"name": name, "id": id_, "enabled": True} for name, id_ in self.actions.items()]}
            case "ExecuteCodeTrigger":
                self.done.append(asked)
                return {}
            case "DoAction":
                action = asked["action"]
                if action.get("name") not in self.actions and action.get("id") not in self.actions.values():
                    return {"error": "action not found"}
                self.done.append(asked)
                return {}
        return {"error": "unknown request"}


@asynccontextmanager
async def served(bot: FakeStreamerbot) -> AsyncIterator[FakeStreamerbot]:
    async with serve(bot.serve_one, "127.0.0.1", bot.port):
        yield bot
