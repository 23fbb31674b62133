"""A stand-in for veadotube's WebSocket server, after veado.tube/docs/tech/api. It was never compared with veadotube."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import websockets
from websockets.asyncio.server import ServerConnection, serve

from tests.support.processes import free_port


class FakeVeado:
    def __init__(self) -> None:
        self.port = free_port()
        self.states = {"3": "calm", "D": "talking", "16": "angry"}
        """Id → name."""
        self.stack = ["3"]
        self.nodes: dict[tuple[str, str], Any] = {
            ("stateEvents", "mini"): None, ("boolean", "mini"): False, ("boolean", "lamp"): {},
            ("number", "mouth"): {"value": 0.2, "min": -1, "max": 1},
        }  # fmt: skip
        self.said: list[dict[str, Any]] = []
        """Payloads that changed something."""
        self.names: list[str] = []
        self._clients: set[ServerConnection] = set()
        self._listening: set[tuple[str, str]] = set()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def state(self) -> str:
        return self.states[self.stack[-1]]

    async def serve_one(self, client: ServerConnection) -> None:
        name = parse_qs(urlsplit(client.request.path if client.request else "").query).get("n", [""])[0]
        self.names.append(name)
        if not name:
            await client.close()
            return
        self._clients.add(client)
        await client.send('instance:{"event":"info","name":"veadotube mini","id":"mini-0-0","version":"2.1"}')
        try:
            async for text in client:
                channel, _, body = str(text).partition(":")
                if channel == "nodes":
                    await self._answer(client, json.loads(body))
        except websockets.ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)

    async def close_clients(self) -> None:
        for client in list(self._clients):
            await client.close()

    async def choose(self, state: str) -> None:
        """Choose a state in the program."""
        self.stack = [state]
        await self._tell("stateEvents", "mini", self._peek())

    async def _answer(self, client: ServerConnection, asked: dict[str, Any]) -> None:
        if asked["event"] == "list":
            entries = [{"type": kind, "id": node, "name": node} for kind, node in self.nodes]
            await client.send(f"nodes: {json.dumps({'event': 'list', 'entries': entries})}\0\0")
        if asked["event"] != "payload" or (asked["type"], asked["id"]) not in self.nodes:
            return
        kind, node, payload = asked["type"], asked["id"], asked["payload"]
        event = payload["event"]
        if event == "listen":
            self._listening.add((kind, node))
        elif event == "list":
            states = [{"id": state, "name": name} for state, name in self.states.items()]
            await self._tell(kind, node, {"event": "list", "states": states})
        elif event in {"get", "peek"}:
            await self._tell(kind, node, self._peek() if event == "peek" else self.nodes[kind, node])
        else:
            self.said.append({"type": kind, "id": node, **payload})
            self._change(kind, node, payload)
            if (kind, node) in self._listening:
                await self._tell(kind, node, self._peek() if kind == "stateEvents" else self.nodes[kind, node])

    def _change(self, kind: str, node: str, payload: dict[str, Any]) -> None:
        state = payload.get("state", "")
        match kind, payload["event"]:
            case "stateEvents", "set":
                self.stack = [state]
            case "stateEvents", "push":
                self.stack.append(state)
            case "stateEvents", "pop":
                self.stack = [one for one in self.stack if one != state] or self.stack[:1]
            case "number", "set":
                self.nodes[kind, node] = {**self.nodes[kind, node], "value": payload["value"]}
            case "boolean", "set":
                self.nodes[kind, node] = payload["value"]

    def _peek(self) -> dict[str, Any]:
        return {"event": "peek", "state": self.stack[-1]}

    async def _tell(self, kind: str, node: str, payload: Any) -> None:
        message = {"event": "payload", "type": kind, "id": node, "name": node, "payload": payload}
        for client in list(self._clients):
            await client.send(f"nodes: {json.dumps(message)}")


@asynccontextmanager
async def served(veado: FakeVeado) -> AsyncIterator[FakeVeado]:
    async with serve(veado.serve_one, "127.0.0.1", veado.port):
        yield veado
