"""The session and the MIDI module for Open Stage Control fit the addresses."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from integrations.osc.address_table import STRIPS, of_place, whole
from integrations.osc.surfaces.__main__ import LAYOUTS
from integrations.osc.surfaces.open_stage_control import FILE, session
from tests.integrations.osc.surfaces.addressed import ON_EACH_STRIP, ON_THE_MIX, check
from tests.workers.dashboard.pages.javascript import NODE

MODULE = LAYOUTS / "partyline-midi.js"
RUN = """
const sent = [];
globalThis.send = (...what) => sent.push(what);
globalThis.setInterval = () => 0;
const made = require(process.argv[1]);
made.init();
const passed = JSON.parse(process.argv[2]).map((data) => made.oscInFilter(data) ?? null);
console.log(JSON.stringify({ sent, passed }));
"""


def widgets(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield one
    for below in one.get("widgets", ()):
        yield from widgets(below)


@pytest.fixture(scope="module")
def made() -> list[dict[str, Any]]:
    return [*widgets(json.loads((LAYOUTS / FILE).read_text("utf-8"))["content"])]


def test_the_file_is_made_of_the_addresses() -> None:
    assert (LAYOUTS / FILE).read_text("utf-8") == session(), "make it again: python -m integrations.osc.surfaces"


def test_every_widget_sends_what_is_taken_and_shows_what_is_sent(made: list[dict[str, Any]]) -> None:
    assert len({one["id"] for one in made}) == len(made)
    for one in made:
        if "address" in one:
            check(one["address"], sends=not one.get("bypass"), shows=one.get("mode") != "tap")


def test_each_place_and_the_mix_have_all_they_need(made: list[dict[str, Any]]) -> None:
    there = {one.get("address") for one in made}
    assert {of_place(place, end) for place in range(1, STRIPS + 1) for end in ON_EACH_STRIP} <= there
    assert {whole(path) for path in ON_THE_MIX} <= there


def heard(host: str, address: str, *values: Any) -> dict[str, Any]:
    return {"host": host, "port": "desk", "address": address, "args": [{"type": "x", "value": one} for one in values]}


def run(*messages: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Return what the module sends, after its first word to partyline, and what it leaves to the surface."""
    output = subprocess.run(
        [str(NODE), "-e", RUN, str(MODULE), json.dumps(messages)], capture_output=True, text=True, check=True
    ).stdout
    answer = json.loads(output)
    first, *sent = answer["sent"]
    assert first == ["127.0.0.1", 8771, "/partyline/register", {"type": "i", "value": 9001}]
    return sent, answer["passed"]


def test_a_midi_controller_moves_faders_and_toggles() -> None:
    sent, passed = run(
        heard("midi", "/control", 1, 3, 127), heard("midi", "/control", 1, 17, 0), heard("midi", "/note", 1, 2, 100),
        heard("midi", "/note", 1, 18, 1), heard("midi", "/note", 1, 2, 0), heard("midi", "/control", 2, 3, 9),
        heard("midi", "/control", 1, 99, 9), heard("midi", "/pitch", 1, 8192),
    )  # fmt: skip
    assert [one[2:] for one in sent] == [
        [of_place(3, "fader"), {"type": "f", "value": 1}],
        [whole("master/fader"), {"type": "f", "value": 0}],
        [of_place(2, "mute/toggle"), {"type": "i", "value": 1}],
        [of_place(2, "solo/toggle"), {"type": "i", "value": 1}],
    ]
    for one in sent:
        check(one[2], sends=True, shows=False)
    assert [one is None for one in passed] == [True] * 4 + [False] * 4


def test_motor_faders_and_lamps_follow() -> None:
    sent, passed = run(
        heard("127.0.0.1", of_place(3, "fader"), 0.75), heard("127.0.0.1", whole("master/fader"), 1.0),
        heard("127.0.0.1", of_place(16, "mute"), 1), heard("127.0.0.1", of_place(1, "solo"), 0),
        heard("127.0.0.1", of_place(1, "name"), "Bo"), heard("127.0.0.1", of_place(1, "gain"), -3.0),
        heard("127.0.0.1", "/partyline/talker/17/fader", 0.5),
    )  # fmt: skip
    assert sent == [
        ["midi", "desk", "/control", 1, 3, 95], ["midi", "desk", "/control", 1, 17, 127],
        ["midi", "desk", "/note", 1, 16, 127], ["midi", "desk", "/note", 1, 17, 0],
    ]  # fmt: skip
    assert None not in passed
