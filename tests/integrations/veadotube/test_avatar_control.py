"""What is sent to veadotube: states on top or set, booleans, numbers, and how it is left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.config.integration_tables import VeadoAvatar
from integrations.veadotube.avatar_control import AvatarControl
from integrations.veadotube.node_messages import Node, NodeMessage
from integrations.veadotube.wishes import SILENT, AvatarWish

STATES = Node("stateEvents", "mini")
LAMP, MOUTH = Node("boolean", "lamp"), Node("number", "mouth")
SPEAKS = AvatarWish(speaking=True, level=0.5)
LIST = {"event": "list", "states": [{"id": "3", "name": "calm"}, {"id": "D", "name": "talking"}]}


def control(**keys: str) -> AvatarControl:
    made = AvatarControl({"Bo": VeadoAvatar(**keys)})
    made.take(NodeMessage(STATES, LIST))
    made.take(NodeMessage(STATES, {"event": "peek", "state": "3"}))
    made.take(NodeMessage(LAMP, False))
    made.take(NodeMessage(MOUTH, {"value": 0.2, "min": -1, "max": 1}))
    return made


def sent(messages: list[NodeMessage]) -> list[Any]:
    return [one.payload for one in messages]


def test_a_state_lies_on_top_while_he_speaks() -> None:
    bo = control(speaking="talking")
    assert sent(bo.wish({"Bo": SILENT})) == [{"event": "pop", "state": "D"}], "an earlier run may have left it"
    assert bo.wish({"Bo": SILENT}) == []
    assert sent(bo.wish({"Bo": SPEAKS})) == [{"event": "push", "state": "D"}]
    assert bo.wish({"Bo": SPEAKS}) == []
    assert sent(bo.closing()) == [{"event": "pop", "state": "D"}]
    assert sent(bo.wish({})) == [{"event": "pop", "state": "D"}]
    assert bo.closing() == []


def test_two_states_are_set_and_the_one_that_was_found_at_the_end() -> None:
    bo = control(speaking="talking", silent="calm")
    assert sent(bo.wish({"Bo": SPEAKS})) == [{"event": "set", "state": "D"}]
    bo.take(NodeMessage(STATES, {"event": "peek", "state": "D"}))
    assert sent(bo.closing()) == [{"event": "set", "state": "3"}]
    bo.take(NodeMessage(STATES, {"event": "peek", "state": "16"}))
    assert bo.closing() == [], "somebody chose another one"
    assert sent(bo.wish({"Bo": SILENT})) == [{"event": "set", "state": "3"}]


def test_a_state_may_be_named_by_its_id() -> None:
    assert sent(control(speaking="D").wish({"Bo": SPEAKS})) == [{"event": "push", "state": "D"}]


def test_a_boolean_is_true_while_he_speaks_and_a_number_follows_his_voice() -> None:
    bo = control(boolean="lamp", number="mouth")
    assert bo.wish({"Bo": SPEAKS}) == [
        NodeMessage(LAMP, {"event": "set", "value": True}),
        NodeMessage(MOUTH, {"event": "set", "value": 0.0}),
    ]
    assert bo.wish({"Bo": AvatarWish(speaking=True, level=0.505)}) == [], "too small a change to be seen"
    assert sent(bo.wish({"Bo": AvatarWish(speaking=True, level=0.6)})) == [{"event": "set", "value": 0.2}]
    assert sent(bo.wish({"Bo": SILENT})) == [{"event": "set", "value": False}, {"event": "set", "value": -1.0}]
    assert sent(bo.closing()) == [{"event": "set", "value": 0.2}]


def test_nothing_is_sent_before_veadotube_has_said_what_it_has() -> None:
    bo = AvatarControl({"Bo": VeadoAvatar(speaking="talking", boolean="lamp", number="mouth")})
    assert bo.wish({"Bo": SPEAKS}) == []
    assert {one.node for one in bo.opening()} == {STATES, LAMP, MOUTH}
    bo.take(NodeMessage(Node("number", "other"), 1))
    bo.take(NodeMessage(LAMP, {}))
    assert bo.wish({"Bo": SPEAKS}) == [NodeMessage(LAMP, {"event": "set", "value": True})]
    assert bo.closing() == [], "it had no value before"


def test_a_state_or_node_that_there_is_not_is_told_and_asked_for_again() -> None:
    bo = control(speaking="singing", number="mouth")
    bo.wish({"Bo": SPEAKS})
    (told,) = bo.problems
    assert "“singing”" in told
    assert "“talking”" in told
    assert sent(bo.asking_again()) == [{"event": "list"}]
    assert bo.take_nodes(frozenset({MOUTH, LAMP})) == []
    assert bo.problems == {
        "veadotube has no stateEvents node “mini”. It has: boolean “lamp”, number “mouth”.",
    }
    assert bo.take_nodes(frozenset()) == []
    assert any(one.endswith("It has: none.") for one in bo.problems)
    assert bo.take_nodes(frozenset({MOUTH, LAMP}))
    assert {one.node for one in bo.take_nodes(frozenset({MOUTH, STATES}))} == {STATES}
    bo.take(NodeMessage(STATES, {"event": "list", "states": [{"id": "S", "name": "singing"}]}))
    bo.wish({"Bo": SPEAKS})
    assert bo.asking_again() == []
    assert bo.problems == set()


def test_what_is_asked_first() -> None:
    listen = {"event": "listen", "token": "partyline"}
    assert AvatarControl({"Bo": VeadoAvatar(speaking="talking", boolean="lamp")}).opening() == [
        NodeMessage(LAMP, {"event": "get"}), NodeMessage(LAMP, listen),
        NodeMessage(STATES, {"event": "list"}), NodeMessage(STATES, {"event": "peek"}), NodeMessage(STATES, listen),
    ]  # fmt: skip


def test_a_state_that_there_is_not_is_not_set() -> None:
    bo = control(speaking="talking", silent="singing")
    assert bo.wish({"Bo": SILENT}) == []
    assert sent(bo.wish({"Bo": SPEAKS})) == [{"event": "set", "state": "D"}]
    assert bo.wish({"Bo": SILENT}) == []


def test_a_number_without_a_range_goes_from_0_to_1_and_reaches_both() -> None:
    bo = AvatarControl({"Bo": VeadoAvatar(number="mouth")})
    bo.take(NodeMessage(MOUTH, {"value": 0.3, "min": 5, "max": 5}))
    for level, said in ((1 / 3, 0.3333), (0.01, 0.01), (0.0, 0.0), (0.99, 0.99), (1.0, 1.0), (0.995, None)):
        messages = sent(bo.wish({"Bo": AvatarWish(speaking=True, level=level)}))
        assert messages == ([] if said is None else [{"event": "set", "value": said}])
    bo = control(number="mouth")
    for level, said in ((0.25, -0.5), (0.75, 0.5)):
        assert sent(bo.wish({"Bo": AvatarWish(speaking=True, level=level)})) == [{"event": "set", "value": said}]


@pytest.mark.parametrize("payload", [
    {"event": "list"}, {"event": "list", "states": None}, {"states": [{"id": "1", "name": "talking"}]},
    {"event": "list", "states": ["id", 3, {"name": "talking"}]}, {"event": "peek", "state": ""}, [], None,
])  # fmt: skip
def test_what_is_no_list_of_states_is_left_alone(payload: Any) -> None:
    bo = AvatarControl({"Bo": VeadoAvatar(speaking="talking", silent="talking")})
    bo.take(NodeMessage(STATES, payload))
    assert bo.wish({"Bo": SPEAKS}) == []
    assert bo.closing() == []


KEYS = st.sampled_from(["event", "states", "state", "value", "min", "max", "id", "name"])
LEAVES = st.none() | st.booleans() | st.floats() | st.sampled_from(["list", "peek", "D"])


@settings(max_examples=50)
@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_whatever_a_node_says_it_goes_on(payload: Any) -> None:
    bo = AvatarControl({"Bo": VeadoAvatar(speaking="talking", silent="calm", boolean="lamp", number="mouth")})
    for node in (STATES, LAMP, MOUTH):
        bo.take(NodeMessage(node, payload))
    bo.wish({"Bo": SPEAKS})
    bo.closing()
