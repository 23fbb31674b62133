"""The Companion module in a process of its own, as Companion runs it, against the API of a real dashboard worker."""

from __future__ import annotations

from typing import Any

from common.api import keys
from common.messages import ClipState
from common.messages.outputs import OutputStatus
from common.requests import (
    MarkRecording,
    SaveClip,
    SetGain,
    SetMaster,
    SetMute,
    SetOutput,
    SetOwnMember,
    SetSolo,
    StartRecording,
)
from tests.integrations.node import FOLDER, needs_node
from tests.integrations.node_program import NodeProgram, node_program
from tests.workers.dashboard.stage import member, staged

BO, CY = member(1), member(2)
MODULE = FOLDER / "companion"
MAIN = (OutputStatus(name="main", phase="playing", where="on the speakers"),)
PRESSES: tuple[tuple[str, dict[str, Any], Any], ...] = (
    ("mute", {"talker": "1", "mode": "toggle"}, SetMute(peer=BO.peer, muted=True)),
    ("solo", {"talker": CY.online_id, "mode": "on"}, SetSolo(peer=CY.peer, solo=True)),
    ("gain_set", {"talker": BO.account_id, "gain": -6}, SetGain(peer=BO.peer, gain_db=-6.0)),
    ("gain_step", {"talker": "2", "step": 2}, SetGain(peer=CY.peer, gain_db=2.0)),
    ("master_gain_step", {"step": -3}, SetMaster(gain_db=-3.0)),
    ("own_member", {"talker": "2"}, SetOwnMember(account_id=CY.account_id)),
    ("output_mute", {"output": "main", "mode": "on"}, SetOutput(name="main", muted=True)),
    ("record", {"mode": "toggle", "name": "raid"}, StartRecording(name="raid")),
    ("mark", {"text": "great"}, MarkRecording(text="great")),
    ("clip", {"seconds": 30}, SaveClip(seconds=30)),
)
"""Action, its options, and the request that it makes."""


def value_is(name: str, value: object) -> Any:
    """Return whether a line of the module says that a variable has this value."""

    def told(said: dict[str, Any]) -> bool:
        if said.get("variables", {}).get(name) == value:
            return True
        changes = said.get("setVariableValues") or said.get("setVariableDefinitions") or {"newValues": ()}
        return any(one["id"] == name and one.get("value") == value for one in changes["newValues"])

    return told


def shows(feedback: str, value: bool) -> Any:
    def told(said: dict[str, Any]) -> bool:
        changes = said.get("updateFeedbackValues", {"values": ()})["values"]
        return any(one["id"] == feedback and one["value"] is value for one in changes)

    return told


def press(connection: NodeProgram, action: str, options: dict[str, Any]) -> None:
    assert connection.call("press", action, options) == {"result": None}


@needs_node
def test_buttons_ask_the_workers_and_show_what_the_workers_say() -> None:
    with staged() as stage:
        stage.furnish()
        stage.party(2, mix={"outputs": MAIN})
        _, key = keys.make(stage.paths, "Companion", "control")
        words = (MODULE, "127.0.0.1", stage.settings.port, "full", FOLDER)
        with node_program(MODULE / "test" / "host" / "drive.js", *words, key=key) as connection:
            connection.hear(value_is("talker_2_name", CY.online_id))
            for action, options, request in PRESSES:
                press(connection, action, options)
                stage.await_asked(request)
            assert (
                "There is no output ears."
                in connection.call("press", "output_mute", {"output": "ears", "mode": "on"})["error"]
            )

            connection.call("place", "green", "speaking", {"talker": "1"})
            connection.call("place", "red", "muted", {"talker": BO.online_id})
            connection.call("place", "ready", "clip_ready", {})
            stage.speak(BO)
            connection.hear(shows("green", True))
            stage.mixer((BO, CY), **{BO.peer: {"muted": True}})
            connection.hear(shows("red", True))
            stage.publish("recorder", ClipState(seconds=60, kept_s=25.0))
            connection.hear(shows("ready", True))
            stage.levels((BO, CY))
            connection.hear(value_is("talker_1_level", -14))
            stage.problem()
            connection.hear(value_is("problem", "There is no sound device."))

            stage.party(1)
            connection.hear(value_is("party_count", 1))
            stage.dashboard.kill()
            connection.hear(value_is("connected", False))
            stage.start_dashboard()
            connection.hear(value_is("connected", True))
