"""How a message looks."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.veadotube import node_messages
from integrations.veadotube.node_messages import Node, NodeMessage

STATES = Node("stateEvents", "mini")


def test_a_client_says_its_name() -> None:
    assert node_messages.url("127.0.0.1:2424") == "ws://127.0.0.1:2424/?n=partyline"


def test_a_message_is_a_channel_and_json() -> None:
    text = node_messages.encode(NodeMessage(STATES, {"event": "push", "state": "D"}))
    channel, _, body = text.partition(":")
    assert channel == "nodes"
    assert json.loads(body) == {
        "event": "payload", "type": "stateEvents", "id": "mini", "payload": {"event": "push", "state": "D"}
    }  # fmt: skip
    assert node_messages.decode(text) == NodeMessage(STATES, {"event": "push", "state": "D"})
    assert [json.loads(one.partition(":")[2])["event"] for one in node_messages.list_nodes()] == ["list", "listen"]


@pytest.mark.parametrize("text", [
    'nodes: {"event":"list","entries":[{"type":"stateEvents","id":"mini","name":"avatar state"}]}\0\0',
    b'nodes:{"event":"list","entries":[{"type":"stateEvents","id":"mini"}]}',
])  # fmt: skip
def test_the_list_of_nodes(text: str | bytes) -> None:
    assert node_messages.decode(text) == frozenset({STATES})


@pytest.mark.parametrize("text", [
    "", "nodes", "nodes:", "nodes:{", "nodes:[]", 'instance:{"event":"info"}', 'nodes:{"event":"list"}',
    'nodes:{"event":"unknown"}', b"\xff\xfe",
])  # fmt: skip
def test_what_is_none_is_left_alone(text: str | bytes) -> None:
    assert node_messages.decode(text) is None


@given(st.text() | st.binary() | st.text().map(lambda text: f"nodes:{text}"))
def test_any_text_is_survived(text: str | bytes) -> None:
    node_messages.decode(text)
