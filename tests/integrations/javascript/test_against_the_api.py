"""The JavaScript client against the API of a real dashboard worker. The other workers are played."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from common.api import keys
from common.api.rights import Right
from common.requests import SetGain, SetMute
from tests.integrations.node import needs_node
from tests.integrations.node_program import NodeProgram, node_program
from tests.workers.dashboard.stage import Stage, member, staged

BO, CY = member(1), member(2)


@contextmanager
def following(stage: Stage, right: Right, topics: list[str]) -> Iterator[NodeProgram]:
    """Run a program that uses the client."""
    _, key = keys.make(stage.paths, f"{right} {len(topics)}", right)
    with node_program(Path(__file__).parent / "follow.js", stage.origin, json.dumps(topics), key=key) as program:
        yield program


@needs_node
def test_it_follows_the_party_asks_and_comes_back() -> None:
    topics = ["party.state", "peer.state", "peer.speaking", "audio.mixer", "audio.levels"]
    with staged() as stage:
        stage.furnish()
        stage.party(2, mix={"own_account": CY.account_id})
        with following(stage, "control", topics) as node, following(stage, "read", []) as reader:
            there = node.hear(lambda said: len(said.get("talkers", ())) == 2 and said["talkers"][0]["connected"])
            assert [(one["peer"], one["name"], one["yourself"]) for one in there["talkers"]] == [
                (BO.peer, BO.online_id, False),
                (CY.peer, CY.online_id, True),
            ]
            stage.speak(BO)
            stage.levels((BO, CY))
            node.hear(lambda said: any(one["speaking"] and one["level"] > -120 for one in said.get("talkers", ())))

            assert node.call("toggleMute", BO.peer) == {"result": None}
            stage.await_asked(SetMute(peer=BO.peer, muted=True))
            node.call("adjustGain", CY.peer, 3)
            stage.await_asked(SetGain(peer=CY.peer, gain_db=3.0))
            refused = node.call("request", "LeaveParty")["error"]
            assert (refused["code"], bool(refused["remedy"])) == ("api.not-allowed", True)

            reader.hear(lambda said: said.get("phase") == "connected")
            assert reader.call("setMute", BO.peer, True)["error"]["code"] == "api.not-allowed"

            stage.dashboard.kill()
            node.hear(lambda said: said.get("phase") == "waiting")
            stage.start_dashboard()
            stage.await_open()
            node.hear(lambda said: said.get("phase") == "connected")
            stage.party(1)
            node.hear(lambda said: len(said.get("talkers", ())) == 1)
