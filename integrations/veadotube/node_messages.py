"""Messages of veadotube's WebSocket, as veado.tube/docs/tech/api documents them. No I/O.

A message is ``channel:JSON``. A node has a type and an id, and what is said to it or by it is its payload.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

NODES = "nodes"
CLIENT = "partyline"
"""Shown in veadotube among its clients. It refuses clients without a name."""
NodeType = Literal["stateEvents", "number", "boolean"]


@dataclass(frozen=True)
class Node:
    type: NodeType
    id: str

    def __str__(self) -> str:
        return f"{self.type} node “{self.id}”"


@dataclass(frozen=True)
class NodeMessage:
    """One payload to or from a node."""

    node: Node
    payload: Any


def url(address: str) -> str:
    """Return the address of the WebSocket, e.g. of ``127.0.0.1:2424``."""
    return f"ws://{address}/?n={quote(CLIENT)}"


def list_nodes() -> tuple[str, str]:
    """Return what asks for all nodes, now and when they change."""
    return _framed({"event": "list"}), _framed({"event": "listen", "token": CLIENT})


def encode(message: NodeMessage) -> str:
    node = message.node
    return _framed({"event": "payload", "type": node.type, "id": node.id, "payload": message.payload})


def decode(text: str | bytes) -> NodeMessage | frozenset[Node] | None:
    """Return a node's message, the list of all nodes, or None for what is neither or cannot be read."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    channel, _, body = text.partition(":")
    if channel.strip() != NODES:
        return None
    try:
        message = json.loads(body.replace("\0", ""))  # versions before 2.1 end a message with them
    except ValueError:
        return None
    if not isinstance(message, dict):
        return None
    if message.get("event") == "list":
        entries = message.get("entries")
        return frozenset(_node(one) for one in entries if isinstance(one, dict)) if isinstance(entries, list) else None
    if message.get("event") == "payload":
        return NodeMessage(_node(message), message.get("payload"))
    return None


def _node(entry: dict[str, Any]) -> Node:
    return Node(entry.get("type", ""), str(entry.get("id", "")))


def _framed(body: dict[str, Any]) -> str:
    return f"{NODES}:{json.dumps(body)}"
