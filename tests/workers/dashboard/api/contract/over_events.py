"""The WebSocket by drawn frames: each gets the answer that the AsyncAPI document and the rights promise."""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import jsonschema_rs
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from common.api import PATH, SUBPROTOCOL
from common.api.keys import KeyGrant
from tests.workers.dashboard.api.contract.event_schema import DIALECT, Judge
from tests.workers.dashboard.api.contract.keyring import ALSO, RIGHT_OF, Keyring, Kind, bearer

ANSWER_S = 20.0
ANSWERS = ("snapshot", "resumed", "answer", "error")
KIND_OF = {"subscribe": "Subscribe", "request": "Ask"}
MANY_TRIES = 50


class Connections:
    """Connections with keys of one kind, used by turns. `faults` collects what does not fit in what they are sent."""

    def __init__(
        self, origin: str, ring: Keyring, kind: Kind, asyncapi: dict[str, Any], openapi: dict[str, Any], count: int
    ) -> None:
        self._url = f"ws{origin.removeprefix('http')}{PATH}/events"
        self._ring, self._kind = ring, kind
        self._judge = Judge(asyncapi, openapi)
        right = RIGHT_OF[kind]
        assert right is not None
        self._grant = KeyGrant(key_id="", name="", right=right, also=(ALSO,) if kind == "also" else ())
        self._topics = set(asyncapi["x-topics"])
        self._valid = {
            name: jsonschema_rs.validator_for(
                {"$schema": DIALECT, "$ref": f"#/components/schemas/{name}", "components": document["components"]}
            )
            for document, names in (
                (asyncapi, ("Subscribe", "Ask")),
                (openapi, [path.rpartition("/")[2] for path in openapi["paths"] if "/requests/" in path]),
            )
            for name in names
        }
        self._stack = ExitStack()
        self._places = itertools.cycle(range(count))
        self._open: dict[int, ClientConnection] = {}
        self.faults: list[str] = []
        self.sent = 0
        self.got: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def exchange(self, frame: Any) -> None:
        """Send a frame and read to its answer. What does not fit is a fault."""
        for _ in range(MANY_TRIES):
            answer = self._answer(frame)
            if answer.get("op") != "error" or answer["error"]["code"] != "api.too-often":
                break
            time.sleep(0.1)
        self.got[answer["error"]["code"] if answer.get("op") == "error" else answer.get("op", "closed")] += 1
        wrong = self._wrong(frame, answer)
        if wrong:
            self.faults.append(f"{wrong}: {frame!r} got {answer!r}"[:1500])

    def _answer(self, frame: Any) -> dict[str, Any]:
        """Return the answer, or `{"closed": code}`."""
        place = next(self._places)
        client = self._open.get(place) or self._connected(place)
        frame_id = frame.get("id") if isinstance(frame, dict) else None
        self.sent += 1
        try:
            client.send(frame if isinstance(frame, bytes) else json.dumps(frame))
            end = time.monotonic() + ANSWER_S
            while (left := end - time.monotonic()) > 0:
                try:
                    got = json.loads(client.recv(timeout=left))
                except TimeoutError:
                    break
                mine = got.get("op") in ANSWERS and got.get("id") == frame_id
                self.faults += self._judge.faults(got, frame.get("do", "") if mine and isinstance(frame, dict) else "")
                if mine:
                    return dict(got)
        except ConnectionClosed:
            del self._open[place]
            self.faults += self._judge.close_faults(client.close_code)
            return {"closed": client.close_code}
        self.faults.append(f"no answer to {frame!r}"[:1500])
        return {}

    def _connected(self, place: int) -> ClientConnection:
        headers = bearer(self._ring.next(self._kind))
        client = self._stack.enter_context(
            connect(
                self._url,
                additional_headers=headers,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                proxy=None,
                max_size=None,
            )
        )
        hello = json.loads(client.recv(timeout=ANSWER_S))
        self.faults += self._judge.faults(hello)
        if hello.get("op") != "hello" or hello.get("right") != self._grant.right:
            self.faults.append(f"greeted with {hello!r}")
        self._open[place] = client
        return client

    def _wrong(self, frame: Any, answer: dict[str, Any]) -> str:
        """Return what is wrong with an answer, empty if nothing is."""
        op = frame.get("op") if isinstance(frame, dict) else None
        kind = KIND_OF.get(op) if isinstance(op, str) else None
        code = answer["error"]["code"] if answer.get("op") == "error" else ""
        if kind is None or not self._valid[kind].is_valid(frame):
            return "" if "closed" in answer or code == "api.bad-request" else "an invalid frame was taken"
        if kind == "Subscribe":
            known = self._topics.issuperset(frame.get("topics", ()))
            fits = answer.get("op") in ("snapshot", "resumed") if known else code == "api.bad-request"
            return "" if fits else "a valid subscription"
        if frame["do"] not in self._valid or frame["do"] in ("Subscribe", "Ask"):
            return "" if code == "api.unknown" else "a request that there is not"
        if not self._grant.may(frame["do"]):
            return "" if code == "api.not-allowed" else "a request without its right"
        if not self._valid[frame["do"]].is_valid(frame.get("fields", {})):
            return "" if code == "api.bad-request" else "a request with invalid fields was taken"
        return "" if answer.get("op") == "answer" else "a valid request was refused"
