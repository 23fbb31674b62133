"""The JavaScript client against the API of a real dashboard worker. The other workers are played."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from common.api import keys
from common.requests import SetGain, SetMute
from tests.integrations.node import needs_node
from tests.support.waiting import PATIENCE_S
from tests.workers.dashboard.stage import Stage, member, staged

BO, CY = member(1), member(2)


class Follower:
    """A program in Node that uses the client, says what it sees, and does what it is told."""

    def __init__(self, stage: Stage, key: str, topics: list[str]) -> None:
        program = Path(__file__).parent / "follow.js"
        env = {"PATH": "/usr/bin:/bin:/usr/local/bin:/opt/homebrew/bin", "PARTYLINE_API_KEY": key}
        self.popen = subprocess.Popen(
            ["node", program, stage.origin, json.dumps(topics)],
            env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.popen.stdout or ():
            self._said.put(json.loads(line))

    def hear(self, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Return the next line that is wanted."""
        while True:
            said = self._said.get(timeout=PATIENCE_S)
            if wanted(said):
                return said

    def call(self, name: str, *args: Any) -> dict[str, Any]:
        """Return the result or the error of a call of the client."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps({"call": name, "args": args}) + "\n")
        return self.hear(lambda said: "result" in said or "error" in said)

    def end(self) -> None:
        assert self.popen.stdin is not None
        self.popen.stdin.close()
        assert self.popen.wait(30) == 0

    def close(self) -> None:
        with self.popen:
            self.popen.kill()
            self._reader.join(30)


@contextmanager
def following(stage: Stage, right: Any, topics: list[str]) -> Iterator[Follower]:
    _, text = keys.make(stage.paths, f"{right} {len(topics)}", right)
    follower = Follower(stage, text, topics)
    try:
        yield follower
        follower.end()
    finally:
        follower.close()


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
