"""The API of a real dashboard worker, by real HTTP and a real WebSocket."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from cli.api.do import ask
from cli.api.events import frames
from common.api import PATH, SUBPROTOCOL, keys
from common.api.frames import LEVELS_HZ, Subscribe
from common.api.rights import Right
from common.errors import PartyError, PartylineError
from common.messages import Ducking, LevelsWanted
from common.requests import SetMute
from integrations.client.access import ApiAccess
from tests.support.waiting import eventually
from tests.workers.dashboard.stage import Stage, member, staged
from workers.dashboard.api.callers import AT_ONCE
from workers.dashboard.serve.site import BAD_KEY

BO, CY = member(1), member(2)
ALLOWED_ORIGIN = "http://localhost:3000"


class Outside:
    """A program outside of partyline, with keys of each right."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.keys = {right: keys.make(stage.paths, right, right)[1] for right in ("read", "control", "admin")}
        self.http = httpx.Client(base_url=stage.origin + PATH, trust_env=False)
        eventually(lambda: self.get("", right="admin").status_code == 200, "the keys are taken up")

    def head(self, right: Right | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[right]}"} if right else {}

    def get(self, path: str, right: Right | None = "read", **headers: str) -> httpx.Response:
        return self.http.get(path, headers={**self.head(right), **headers})

    def post(self, name: str, body: Any, right: Right | None = "control") -> httpx.Response:
        return self.http.post(f"/requests/{name}", json=body, headers=self.head(right))

    @contextlib.contextmanager
    def events(self, right: Right = "read", **more: Any) -> Iterator[ClientConnection]:
        with connect(f"ws{self.stage.origin[4:]}{PATH}/events", additional_headers=self.head(right),
                     subprotocols=[SUBPROTOCOL], proxy=None, **more) as client:  # fmt: skip
            yield client


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with staged(PARTYLINE_API__ORIGINS=json.dumps([ALLOWED_ORIGIN])) as stage:
        stage.signed_in()
        stage.furnish()
        stage.party(3)
        made = Outside(stage)
        eventually(lambda: "party.state/" in made.get("/state").json()["topics"], "the state is there")
        yield made
        made.http.close()


def hear(client: ClientConnection, op: str, **wanted: Any) -> dict[str, Any]:
    """Return the next frame of that kind with those fields."""
    while True:
        frame = json.loads(client.recv(timeout=30))
        if frame["op"] == op and all(frame.get(key) == value for key, value in wanted.items()):
            return frame


def subscribe(client: ClientConnection, **fields: Any) -> None:
    client.send(json.dumps({"op": "subscribe", "id": 1, **fields}))


def test_the_state_is_that_of_the_bus(outside: Outside) -> None:
    told = outside.get("/state?topics=party.state,audio.mixer").json()
    assert set(told["topics"]) == {"party.state/", "audio.mixer/"}
    assert told["topics"]["party.state/"]["name"] == "Friday raid"
    assert outside.get("", right="control").json()["right"] == "control"


def test_a_request_reaches_its_worker(outside: Outside) -> None:
    response = outside.post("SetMute", {"peer": BO.peer, "muted": True})
    assert response.status_code == 200, response.text
    outside.stage.await_asked(SetMute(peer=BO.peer, muted=True))


@pytest.mark.parametrize(("name", "body", "right", "status", "code"), [
    ("SetMute", {}, None, 401, "api.no-key"),
    ("SetMute", {}, "read", 403, "api.not-allowed"),
    ("LeaveParty", {}, "control", 403, "api.not-allowed"),
    ("SignIn", {"pasted": "x"}, "admin", 404, "api.unknown"),
    ("MakeApiKey", {"name": "x", "right": "admin"}, "admin", 404, "api.unknown"),
    ("SetMute", {"peer": "1.PS5"}, "control", 400, "api.bad-request"),
    ("SetGain", {"peer": "1.PS5", "gain_db": 99}, "control", 400, "api.bad-request"),
    ("SetMute", [], "control", 400, "api.bad-request"),
])  # fmt: skip
def test_what_is_refused_says_why_and_what_to_do(
    outside: Outside, name: str, body: Any, right: Right | None, status: int, code: str
) -> None:
    response = outside.post(name, body, right)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code)
    assert error["message"].endswith(".")
    assert error["remedy"]


def test_the_workers_own_refusal_is_a_409(outside: Outside) -> None:
    def refuse(_: Any) -> Any:
        raise PartyError("The party is full.", "Try later.", code="session.full")

    outside.stage.answers["JoinParty"] = refuse
    response = outside.post("JoinParty", {"target": "s-2"}, "admin")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "session.full")


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"{", "application/json", 400),
    (b"{}", "text/plain", 415),
    (b"[" * 70_000, "application/json", 413),
    (b"[" * 60_000, "application/json", 400),
])  # fmt: skip
def test_a_body_that_is_no_request(outside: Outside, body: bytes, kind: str, status: int) -> None:
    headers = {**outside.head("control"), "Content-Type": kind}
    assert outside.http.post("/requests/SetMute", content=body, headers=headers).status_code == status


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/requests/SetMute", 405),
    ("DELETE", "/state", 405),
    ("GET", "/nothing", 404),
    ("GET", "/state?topics=x", 400),
])  # fmt: skip
def test_another_path_or_method_is_answered_as_json(outside: Outside, method: str, path: str, status: int) -> None:
    response = outside.http.request(method, path, headers=outside.head("admin"))
    assert response.status_code == status
    assert response.json()["error"]["remedy"]


def test_a_page_of_another_site_may_call_only_if_it_is_listed(outside: Outside) -> None:
    assert outside.get("/state", Origin="https://evil.example").status_code == 403
    fine = outside.get("/state", Origin=ALLOWED_ORIGIN)
    assert (fine.status_code, fine.headers["Access-Control-Allow-Origin"]) == (200, ALLOWED_ORIGIN)
    preflight = outside.http.options("/requests/SetMute", headers={"Origin": ALLOWED_ORIGIN})
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Origin" not in outside.http.options("/state", headers={"Origin": "null"}).headers


def test_events_begin_with_the_state_and_follow_the_bus(outside: Outside) -> None:
    with outside.events() as client:
        assert hear(client, "hello")["right"] == "read"
        subscribe(client, topics=["peer.speaking", "audio.levels"], members=[BO.account_id])
        assert all(topic.endswith(BO.peer) for topic in hear(client, "snapshot")["topics"])
        outside.stage.speak(CY, BO)
        event = hear(client, "event", topic=f"peer.speaking/{BO.peer}")
        assert event["message"]["speaking"] is True
        outside.stage.levels((BO, CY), loud=1)
        levels = hear(client, "event", topic="audio.levels/")
        assert (list(levels["message"]["talkers"]), levels["number"]) == ([BO.peer], None)


def test_every_message_that_is_offered_comes(outside: Outside) -> None:
    """Ducking is shown by no page: it is there for other programs."""
    with outside.events() as client:
        subscribe(client, topics=["audio.ducking"])
        hear(client, "snapshot")
        outside.stage.publish("audio", Ducking(active=True, at=5.0))
        assert hear(client, "event", topic="audio.ducking/")["message"] == {"active": True, "at": 5.0}
    assert "audio.ducking/" in outside.get("/state").json()["topics"]


def test_requests_by_the_websocket_have_the_same_rights(outside: Outside) -> None:
    with outside.events("control") as client:
        client.send(json.dumps({"op": "request", "id": 7, "do": "SetMute", "fields": {"peer": CY.peer, "muted": True}}))
        assert hear(client, "answer")["id"] == 7
        client.send(json.dumps({"op": "request", "id": 8, "do": "LeaveParty"}))
        assert hear(client, "error", id=8)["error"]["code"] == "api.not-allowed"
    outside.stage.await_asked(SetMute(peer=CY.peer, muted=True))


def test_who_comes_back_gets_what_was_missed(outside: Outside) -> None:
    with outside.events() as client:
        hello = hear(client, "hello")
        subscribe(client, topics=["peer.speaking"])
        hear(client, "snapshot")
    outside.stage.speak(BO, speaking=False)
    eventually(lambda: outside.get("").json()["number"] > hello["number"], "the change is numbered")
    with outside.events() as client:
        subscribe(client, topics=["peer.speaking"], since={"run": hello["run"], "number": hello["number"]})
        hear(client, "resumed")
        assert hear(client, "event", topic=f"peer.speaking/{BO.peer}")["message"]["speaking"] is False


def test_a_frame_with_a_fault_is_refused_by_its_id_and_the_connection_goes_on(outside: Outside) -> None:
    with outside.events() as client:
        subscribe(client, more=1)
        error = hear(client, "error", id=1)["error"]
        assert error["code"] == "api.bad-request"
        assert "more" in error["message"]
        subscribe(client, topics=["party.state"])
        assert hear(client, "snapshot", id=1)["topics"]


@pytest.mark.parametrize("frame", ["{", "[]", '{"op":"nothing"}', '{"op":"subscribe","more":1}', "[" * 60_000])
def test_a_frame_that_is_none_ends_the_connection(outside: Outside, frame: str) -> None:
    with outside.events() as client:
        client.send(frame)
        with pytest.raises(ConnectionClosed):
            hear(client, "never")
        assert client.close_code == 1007


def test_a_handshake_without_a_key_is_refused_in_words(outside: Outside) -> None:
    url = f"ws{outside.stage.origin[4:]}{PATH}/events"
    with pytest.raises(InvalidStatus) as refused, connect(url, proxy=None):
        pass
    assert refused.value.response.status_code == 401
    assert json.loads(refused.value.response.body or b"")["error"]["code"] == "api.no-key"


def test_a_client_that_does_not_read_is_cut_off_and_others_go_on(outside: Outside) -> None:
    def dropped() -> float:
        answered = httpx.get(f"{outside.stage.origin}/metrics", trust_env=False).text
        return float(re.search(r"^partyline_dashboard_api_clients_dropped_total (\S+)$", answered, re.MULTILINE)[1])  # type: ignore[index]

    def is_dropped() -> bool:
        for _ in range(20):
            outside.stage.party(15, name="a" * 30_000)
        return dropped() == before + 1

    before = dropped()
    with outside.events(max_queue=1, close_timeout=0.1) as idle, outside.events() as client:
        subscribe(idle)
        subscribe(client, topics=["peer.speaking"])
        hear(client, "snapshot")
        eventually(is_dropped, "who does not read is cut off")
        outside.stage.speak(BO)
        assert hear(client, "event", topic=f"peer.speaking/{BO.peer}")
    outside.stage.party(3)


def test_the_two_commands_are_clients_of_it(outside: Outside) -> None:
    at = ApiAccess(outside.stage.origin, outside.keys["control"])
    ask(at, "SetMute", {"peer": CY.peer, "muted": False})
    outside.stage.await_asked(SetMute(peer=CY.peer, muted=False))
    with pytest.raises(PartylineError, match="does not allow LeaveParty"):
        ask(at, "LeaveParty", {})
    first = next(frames(at, Subscribe(id=1, topics=("party.state",))))
    assert first["topics"]["party.state/"]["name"] == "Friday raid"
    with pytest.raises(PartylineError, match="no topic"):
        next(frames(at, Subscribe(id=1, topics=("x",))))
    with pytest.raises(PartylineError, match="not valid"):
        next(frames(ApiAccess(outside.stage.origin, "wrong"), Subscribe(id=1)))


def test_too_many_requests_are_told_when_to_come_back(outside: Outside) -> None:
    answers = [outside.post("Nonsense", {}, "admin") for _ in range(int(AT_ONCE) * 2)]
    late = next(answer for answer in answers if answer.status_code == 429)
    assert late.headers["Retry-After"] == "1"
    assert late.json()["error"]["code"] == "api.too-often"


def test_no_key_of_the_api_opens_the_pages_own_socket_and_so_none_makes_keys(outside: Outside) -> None:
    for right in outside.keys:
        offered = [Subprotocol("partyline"), Subprotocol(f"key.{outside.keys[right]}")]
        url = f"ws{outside.stage.origin[4:]}/live"
        with connect(url, origin=Origin(outside.stage.origin), subprotocols=offered, proxy=None) as client:
            with pytest.raises(ConnectionClosed):
                client.recv(timeout=30)
            assert client.close_code == BAD_KEY


def test_a_revoked_key_ends_its_connections(outside: Outside) -> None:
    _, text = keys.make(outside.stage.paths, "gone", "read")
    outside.keys["gone"] = text  # type: ignore[index]
    eventually(lambda: outside.get("", right="gone").status_code == 200, "the key is taken up")  # type: ignore[arg-type]
    with outside.events("gone") as client:  # type: ignore[arg-type]
        hear(client, "hello")
        keys.remove(outside.stage.paths, "gone")
        with pytest.raises(ConnectionClosed):
            hear(client, "never")
        assert client.close_code == BAD_KEY


def test_audio_is_told_how_often_levels_are_wanted(outside: Outside) -> None:
    def wanted() -> int:
        return outside.stage.latest(LevelsWanted).per_s

    assert wanted() == LEVELS_HZ
    with outside.events() as client:
        subscribe(client, topics=["audio.levels"], levels_hz=20)
        eventually(lambda: wanted() == 20, "audio is asked for more")
        subscribe(client, topics=["audio.levels"], levels_hz=5)
        eventually(lambda: wanted() == LEVELS_HZ, "the page's meters go on as they did")
        subscribe(client, topics=["audio.levels"], levels_hz=20)
        eventually(lambda: wanted() == 20, "audio is asked for more")
    eventually(lambda: wanted() == LEVELS_HZ, "nobody wants more any longer")
