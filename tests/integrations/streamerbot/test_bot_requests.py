"""Requests to Streamer.bot."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.config.integration_tables import StreamerbotSettings
from integrations.streamerbot import bot_requests
from integrations.streamerbot.event_finder import PartyEvent

SPEAKS = PartyEvent("speaks", {"event": "speaks", "user": "Bo"})


def test_the_proof_is_that_of_the_documentation_of_obs_websocket() -> None:
    """Streamer.bot's client makes it the same way, and OBS's documentation has an example."""
    proof = bot_requests.authentication(
        "supersecretpassword", "lM1GncleQOaCu9lT1yeUZhFYnqhsLLP1G5lAGo3ixaI=",
        "+IxH4CnCiqpX1rM9scsNynZzbOe4KhDeYcTNS3PDaeY=",
    )  # fmt: skip
    assert proof == "1Ct943GAT+6YQUUX47Ia/ncufilbe6+oD6lY+5kaCu4="


def test_an_event_is_a_trigger_and_an_action() -> None:
    guid = "47da7c2c-1b7e-4ee7-9bbf-306bf18ff1b8"
    args = {"event": "speaks", "user": "Bo"}
    trigger = ("ExecuteCodeTrigger", {"triggerName": "partyline_speaks", "args": args})
    assert list(bot_requests.requests_of(SPEAKS, StreamerbotSettings())) == [trigger]
    assert list(bot_requests.requests_of(SPEAKS, StreamerbotSettings(actions={"speaks": "Show"}))) == [
        trigger, ("DoAction", {"action": {"name": "Show"}, "args": args})
    ]  # fmt: skip
    assert list(bot_requests.requests_of(SPEAKS, StreamerbotSettings(triggers=(), actions={"speaks": guid}))) == [
        ("DoAction", {"action": {"id": guid}, "args": args})
    ]
    assert list(bot_requests.requests_of(SPEAKS, StreamerbotSettings(triggers=("left",), actions={"left": "x"}))) == []


def test_a_request_and_its_answer_have_a_number() -> None:
    asked = json.loads(bot_requests.request("DoAction", 7, action={"name": "Zeig Bö"}))
    assert asked == {"request": "DoAction", "id": "partyline-7", "action": {"name": "Zeig Bö"}}
    assert bot_requests.number_of(asked) == 7
    for other in ({}, {"id": "7"}, {"id": "partyline-x"}, {"id": None}, {"id": "other-7"}):
        assert bot_requests.number_of(other) is None


@pytest.mark.parametrize("endpoint", ["/", "", "a/b", "/a/b"])
def test_the_address(endpoint: str) -> None:
    assert bot_requests.url(StreamerbotSettings(endpoint=endpoint)) == f"ws://127.0.0.1:8080/{endpoint.lstrip('/')}"


def test_what_is_lacking() -> None:
    settings = StreamerbotSettings(triggers=("speaks", "left"), actions={"joined": "A", "left": "i"})
    answer = {"triggers": [{"eventName": "partyline_left"}, 3]}
    assert bot_requests.lacking_triggers(answer, settings) == ["partyline_speaks"]
    assert bot_requests.lacking_actions({"actions": [{"name": "B", "id": "i"}, None]}, settings) == ["A"]
    assert bot_requests.lacking_actions({}, settings) == ["A", "i"]


@given(st.text() | st.binary() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_any_text_is_survived(text: str | bytes) -> None:
    assert isinstance(bot_requests.decode(text), dict)
