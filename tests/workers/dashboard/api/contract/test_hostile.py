"""What no client of the contract would send: every answer is a typed error in JSON, and the worker goes on."""

from __future__ import annotations

import gzip
import json
import socket
import time
from http.client import HTTPResponse

import pytest

from common.api import PATH
from tests.workers.dashboard.api.contract.keyring import Keyring
from tests.workers.dashboard.stage import Stage, member

BO = member(1)
MUTE = json.dumps({"peer": BO.peer, "muted": True}).encode()
BOMB = gzip.compress(b"[" * 10_000_000, mtime=0)


def ask(stage: Stage, *pieces: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes, a piece at a time, and return status, headers and body."""
    with socket.create_connection(("127.0.0.1", stage.settings.port), timeout=30) as client:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.02 if len(pieces) > 1 else 0)  # so that each arrives by itself
        answer = HTTPResponse(client, method="HEAD" if pieces[0].startswith(b"HEAD") else None)
        answer.begin()
        return answer.status, dict(answer.headers), answer.read()


def head(stage: Stage, ring: Keyring, line: str, **fields: str) -> bytes:
    """Return the head of a request with an admin's key. Fields replace those that it has."""
    host = f"127.0.0.1:{stage.settings.port}"
    whole = {"Host": host, "Authorization": f"Bearer {ring.next('admin')}", "Connection": "close"}
    whole |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in whole.items() if value)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def post(stage: Stage, ring: Keyring, body: bytes, **fields: str) -> tuple[int, dict[str, str], bytes]:
    fields = {"Content_Type": "application/json", "Content_Length": str(len(body)), **fields}
    return ask(stage, head(stage, ring, f"POST {PATH}/requests/SetMute", **fields) + body)


def code_of(body: bytes) -> str:
    error = json.loads(body)["error"]
    assert error["message"].endswith(".")
    assert error["remedy"]
    return str(error["code"])


def test_a_body_may_come_in_pieces(stage: Stage, ring: Keyring) -> None:
    start = head(
        stage, ring, f"POST {PATH}/requests/SetMute", Content_Type="application/json", Content_Length=str(len(MUTE))
    )
    assert ask(stage, start, MUTE[:5], MUTE[5:20], MUTE[20:])[0] == 200
    start = head(
        stage, ring, f"POST {PATH}/requests/SetMute", Content_Type="application/json", Transfer_Encoding="chunked"
    )
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (MUTE[:7], MUTE[7:])]
    assert ask(stage, start, *chunks, b"0\r\n\r\n")[0] == 200


@pytest.mark.parametrize(("body", "fields", "status"), [
    (b'{"peer": "\xff\xfe", "muted": true}', {}, 400),
    (b"\xef\xbb\xbf{}", {}, 400),
    (b"\x00", {}, 400),
    (b'{"peer": "\\ud800", "muted": true}', {}, 400),
    (b'{"peer": 1e999, "muted": true}', {}, 400),
    (b'{"peer": ' + b"9" * 5000 + b', "muted": true}', {}, 400),
    (b'{"a":' * 20_000, {}, 413),
    (b'{"a":' * 10_000, {}, 400),
    (b'{"peer": "1.PS5", "muted": true, "more": ' + b"[" * 900 + b"]" * 900 + b"}", {}, 200),
    (b"NaN", {}, 400),
    (b"{}", {"Content_Type": "application/x-www-form-urlencoded"}, 415),
    (b"{}", {"Content_Type": "multipart/form-data; boundary=x"}, 415),
    (b"{}", {"Content_Type": ""}, 415),
    (b"{}", {"Content_Type": ";;;"}, 415),
    (MUTE, {"Content_Type": "application/JSON; charset=nonsense"}, 200),
    (MUTE, {"Content_Encoding": "gzip"}, 400),
    (gzip.compress(MUTE, mtime=0), {"Content_Encoding": "gzip"}, 200),
    (BOMB, {"Content_Encoding": "gzip"}, 413),
    (MUTE, {"Content_Encoding": "nonsense"}, 200),
    (b"zz\r\n", {"Content_Length": "", "Transfer_Encoding": "chunked"}, 400),
    (b"x" * 200_000, {}, 413),
])  # fmt: skip
def test_a_hostile_body(stage: Stage, ring: Keyring, body: bytes, fields: dict[str, str], status: int) -> None:
    got, headers, answer = post(stage, ring, body, **fields)
    assert got == status, answer
    if headers["Content-Type"].startswith("application/json") and status != 200:
        assert code_of(answer).startswith("api.")


@pytest.mark.parametrize(("line", "fields", "status"), [
    (f"GET {PATH}", {"Authorization": "Bearer \xff\xfe\xfd"}, 401),
    (f"GET {PATH}", {"Authorization": "Bearer " + "x" * 7000}, 401),
    (f"GET {PATH}", {"Authorization": "Bearer pl.00000000." + "." * 40}, 401),
    (f"GET {PATH}", {"Authorization": "Bearer"}, 401),
    (f"GET {PATH}", {"Authorization": "", "Sec_WebSocket_Protocol": "key., key.x, \xff"}, 401),
    (f"GET {PATH}", {"Host": "evil.example"}, 421),
    (f"GET {PATH}", {"Origin": "https://evil.example"}, 403),
    (f"GET {PATH}", {"Origin": "\xff"}, 403),
    (f"GET {PATH}/state?topics=%ff", {}, 400),
    (f"GET {PATH}/state?topics=party.state,,", {}, 400),
    (f"GET {PATH}/state?topics={'a,' * 2000}", {}, 400),
    (f"GET {PATH}/nothing", {}, 404),
    (f"GET {PATH}/requests/", {}, 404),
    (f"POST {PATH}/requests/%ff%00", {}, 404),
    (f"POST {PATH}/requests/..%2fstate", {}, 404),
    (f"POST {PATH}/requests/__class__", {}, 404),
    (f"GET {PATH}/events", {}, 426),
    (f"POST {PATH}/events", {}, 405),
    (f"HEAD {PATH}/events", {}, 405),
    (f"GET {PATH}/events", {"Upgrade": "websocket", "Connection": "Upgrade"}, 426),
    (f"GET {PATH}/events", {"Authorization": "", "Upgrade": "websocket", "Connection": "Upgrade"}, 401),
    (f"GET {PATH}/events", {"Origin": "null", "Upgrade": "websocket", "Connection": "Upgrade"}, 403),
    (f"PATCH {PATH}/state", {}, 405),
    (f"TRACE {PATH}/state", {}, 405),
    (f"DELETE {PATH}/requests/SetMute", {}, 405),
])  # fmt: skip
def test_a_hostile_head(stage: Stage, ring: Keyring, line: str, fields: dict[str, str], status: int) -> None:
    got, headers, answer = ask(stage, head(stage, ring, line, **fields))
    assert got == status, answer
    assert headers["Content-Type"].startswith("application/json")
    if not line.startswith("HEAD"):
        assert code_of(answer).startswith("api.")
    if status == 405:
        assert "OPTIONS" in headers["Allow"]
    if status == 401:
        assert headers["WWW-Authenticate"]


@pytest.mark.parametrize(("path", "status", "allowed"), [
    (PATH, 204, "GET, HEAD, OPTIONS"),
    (f"{PATH}/state", 204, "GET, HEAD, OPTIONS"),
    (f"{PATH}/asyncapi.json", 204, "GET, HEAD, OPTIONS"),
    (f"{PATH}/requests/SetMute", 204, "OPTIONS, POST"),
])  # fmt: skip
def test_a_page_may_ask_before_it_calls_and_anybody_for_the_head(
    stage: Stage, ring: Keyring, path: str, status: int, allowed: str
) -> None:
    listed = "http://localhost:3000"
    got, headers, answer = ask(stage, head(stage, ring, f"OPTIONS {path}", Origin=listed, Authorization=""))
    assert (got, headers["Allow"], headers["Access-Control-Allow-Origin"], answer) == (status, allowed, listed, b"")
    got, headers, _ = ask(stage, head(stage, ring, f"OPTIONS {path}", Origin="https://evil.example", Authorization=""))
    assert (got, "Access-Control-Allow-Origin" in headers) == (status, False)
    if "GET" in allowed:
        assert ask(stage, head(stage, ring, f"HEAD {path}"))[::2] == (200, b"")


@pytest.mark.parametrize("rubbish", [
    b"\x00" * 200,
    b"NONSENSE /api/v1/state HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /api/v1 HTTP/1.1\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET " + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    b"POST /api/v1/requests/SetMute HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    b"GET /api/v1 HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
    b"GET /api/v1 HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
])  # fmt: skip
def test_what_is_no_http_is_refused_and_the_worker_goes_on(stage: Stage, ring: Keyring, rubbish: bytes) -> None:
    assert ask(stage, rubbish)[0] in (400, 421)
    assert ask(stage, head(stage, ring, f"GET {PATH}"))[0] == 200


def test_nothing_of_all_this_was_a_fault_of_the_worker(stage: Stage) -> None:
    assert "a request of the API failed" not in stage.dashboard.output
