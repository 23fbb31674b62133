"""What is sent to one veadotube, by what it said and by what its avatars are to do. No I/O.

An avatar whose `silent` state is named is set to one of two states. Otherwise its `speaking` state lies on top of
whatever the streamer chose (push), and is taken away again (pop).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from common.config.integration_tables import VeadoAvatar
from integrations.veadotube.node_messages import Node, NodeMessage
from integrations.veadotube.wishes import SILENT, AvatarWish

LEAST_STEP = 0.02
"""Part of a number's range that counts as a change. Smaller ones cannot be seen."""
TOKEN = "partyline"  # noqa: S105  # the name of a subscription


class AvatarControl:
    """One connection's. Whatever it returns is to be sent in that order."""

    def __init__(self, avatars: Mapping[str, VeadoAvatar]) -> None:
        self._avatars = avatars
        self._states: dict[Node, dict[str, str]] = {}
        """Names and ids of the states that a node has → ids."""
        self._present: dict[Node, Any] = {}
        """What a node said last: a state's id, a boolean, a number."""
        self._found: dict[Node, Any] = {}
        """What it said first."""
        self._ranges: dict[Node, tuple[float, float]] = {}
        self._set: dict[Node, Any] = {}
        """What we set last."""
        self._pushed: dict[tuple[Node, str], bool] = {}
        """States that we pushed or took away."""
        self.problems: set[str] = set()
        """Sentences about settings that do not fit this veadotube."""
        self._answered: set[Node] = set()
        self._gone: frozenset[Node] = frozenset()
        """Nodes that veadotube did not have last."""
        self._lacking: set[Node] = set()
        """Nodes without a state that is named."""

    def nodes(self) -> frozenset[Node]:
        return frozenset(node for avatar in self._avatars.values() for node in _nodes(avatar))

    def opening(self, nodes: frozenset[Node] | None = None) -> list[NodeMessage]:
        """Return what is asked first, of all nodes or of these."""
        asked: list[NodeMessage] = []
        for node in sorted(self.nodes() if nodes is None else nodes, key=str):
            asks = ["list", "peek"] if node.type == "stateEvents" else ["get"]
            asked += [NodeMessage(node, {"event": event}) for event in asks]
            asked.append(NodeMessage(node, {"event": "listen", "token": TOKEN}))
        return asked

    def take_nodes(self, nodes: frozenset[Node]) -> list[NodeMessage]:
        """Take the list of all nodes that there are. Return what is asked of those that came."""
        has = ", ".join(sorted(f"{one.type} “{one.id}”" for one in nodes)) or "none"
        self.problems = {f"veadotube has no {node}. It has: {has}." for node in self.nodes() - nodes}
        came, self._gone = self._gone & nodes, self.nodes() - nodes
        return self.opening(came)

    def asking_again(self) -> list[NodeMessage]:
        """Return what is asked again while a state is missing: its avatar may not be loaded yet."""
        return [NodeMessage(node, {"event": "list"}) for node in sorted(self._lacking, key=str)]

    def take(self, message: NodeMessage) -> None:
        """Take what a node says."""
        node, payload = message.node, message.payload
        if node not in self.nodes():
            return
        if node.type == "stateEvents":
            self._take_state(node, payload)
            return
        value = payload.get("value") if isinstance(payload, dict) else payload
        if node.type == "number" and isinstance(payload, dict):
            low, high = _number(payload.get("min")), _number(payload.get("max"))
            if low is not None and high is not None and low < high:
                self._ranges[node] = low, high
        self._answered.add(node)
        if (number := _number(value)) is not None:
            self._note(node, bool(number) if node.type == "boolean" else number)

    def wish(self, wishes: Mapping[str, AvatarWish]) -> list[NodeMessage]:
        """Return what brings the avatars to what they are to do."""
        send: list[NodeMessage] = []
        self._lacking.clear()
        for who, avatar in self._avatars.items():
            wish = wishes.get(who, SILENT)
            send += self._state(avatar, wish)
            if (boolean := Node("boolean", avatar.boolean)) in self._answered:
                send += self._value(boolean, wish.speaking)
            if (number := Node("number", avatar.number)) in self._answered:
                send += self._level(number, wish.level)
        return send

    def closing(self) -> list[NodeMessage]:
        """Return what leaves everything as it was found, but for what somebody changed since."""
        send = [
            NodeMessage(node, {"event": "pop", "state": state})
            for (node, state), is_on in self._pushed.items() if is_on
        ]  # fmt: skip
        for node, ours in self._set.items():
            found = self._found.get(node)
            if found is None or found == ours or self._is_chosen(node):
                continue
            key = "state" if node.type == "stateEvents" else "value"
            send.append(NodeMessage(node, {"event": "set", key: found}))
        return send

    def _is_chosen(self, node: Node) -> bool:
        """Return whether somebody chose another state than we did. Numbers and booleans are ours alone."""
        named = self._states.get(node, {})
        ours = {named.get(name) for one in self._avatars.values() for name in (one.speaking, one.silent)}
        return node.type == "stateEvents" and self._present.get(node) not in ours

    # --- one node ------------------------------------------------------------------------------------

    def _take_state(self, node: Node, payload: Any) -> None:
        if not isinstance(payload, dict):
            return
        if payload.get("event") == "list" and isinstance(payload.get("states"), list):
            states = [one for one in payload["states"] if isinstance(one, dict) and "id" in one]
            by_id = {str(one["id"]): str(one["id"]) for one in states}
            self._states[node] = by_id | {str(one.get("name", one["id"])): str(one["id"]) for one in states}
        elif payload.get("event") == "peek" and payload.get("state"):
            self._note(node, str(payload["state"]))

    def _note(self, node: Node, value: Any) -> None:
        self._present[node] = value
        self._found.setdefault(node, value)

    def _state(self, avatar: VeadoAvatar, wish: AvatarWish) -> Iterator[NodeMessage]:
        node = Node("stateEvents", avatar.node)
        if not avatar.speaking or node not in self._states:
            return
        if avatar.silent:
            state = self._id(node, avatar.speaking if wish.speaking else avatar.silent)
            if state is not None and self._set.get(node) != state:
                self._set[node] = self._present[node] = state
                yield NodeMessage(node, {"event": "set", "state": state})
            return
        state = self._id(node, avatar.speaking)
        if state is not None and self._pushed.get((node, state)) is not wish.speaking:
            self._pushed[node, state] = wish.speaking
            # one that was left by an earlier run is taken away too
            yield NodeMessage(node, {"event": "push" if wish.speaking else "pop", "state": state})

    def _id(self, node: Node, name: str) -> str | None:
        states = self._states[node]
        if name not in states:
            has = ", ".join(f"“{one}”" for one in states) or "none"
            self._lacking.add(node)
            self.problems.add(f"The {node} has no state “{name}”. It has: {has}.")
            return None
        return states[name]

    def _value(self, node: Node, value: bool | float) -> Iterator[NodeMessage]:
        if self._set.get(node) != value:
            self._set[node] = value
            yield NodeMessage(node, {"event": "set", "value": value})

    def _level(self, node: Node, level: float) -> Iterator[NodeMessage]:
        low, high = self._ranges.get(node, (0.0, 1.0))
        value = low + level * (high - low)
        before = self._set.get(node)
        is_end = level in {0.0, 1.0}
        if before is None or is_end or abs(value - before) >= LEAST_STEP * (high - low):
            yield from self._value(node, round(value, 4))


def _nodes(avatar: VeadoAvatar) -> Iterator[Node]:
    if avatar.speaking:
        yield Node("stateEvents", avatar.node)
    if avatar.number:
        yield Node("number", avatar.number)
    if avatar.boolean:
        yield Node("boolean", avatar.boolean)


def _number(value: Any) -> float | None:
    """Return a number or a boolean as a number. A node without a value says an empty object."""
    return float(value) if isinstance(value, int | float) else None
