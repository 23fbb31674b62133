"""What no client of the WebSocket would send, floods, and keys that are revoked meanwhile."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from common.api import PATH, SUBPROTOCOL, keys
from common.messages import Ducking
from tests.support.waiting import eventually
from tests.workers.dashboard.api.contract.keyring import HTTP, Keyring, bearer
from tests.workers.dashboard.stage import Stage, member
from workers.dashboard.api.callers import AT_ONCE
from workers.dashboard.api.event_client import MOST_OF_A_KEY
from workers.dashboard.api.event_sockets import MOST_FRAME

ALIVE = '{"op": "subscribe", "id": 9, "topics": ["party.state"]}'


@contextlib.contextmanager
def events(stage: Stage, key: str, **more: Any) -> Iterator[ClientConnection]:
    url = f"ws{stage.origin.removeprefix('http')}{PATH}/events"
    protocols = [Subprotocol(SUBPROTOCOL)]
    with connect(url, additional_headers=bearer(key), subprotocols=protocols, proxy=None, **more) as client:
        assert json.loads(client.recv(timeout=30))["op"] == "hello"
        yield client


def answer(client: ClientConnection, frame_id: int) -> dict[str, Any]:
    while True:
        frame: dict[str, Any] = json.loads(client.recv(timeout=30))
        if frame.get("id") == frame_id:
            return frame


def closed(client: ClientConnection) -> int | None:
    """Return the code with which the server closes the connection."""
    with contextlib.suppress(ConnectionClosed):
        while True:
            client.recv(timeout=30)
    return client.close_code


def test_a_frame_in_fragments_is_one_frame(stage: Stage, ring: Keyring) -> None:
    with events(stage, ring.next("read")) as client:
        client.send([ALIVE[:10], "", ALIVE[10:30], ALIVE[30:]])
        assert answer(client, 9)["op"] == "snapshot"


@pytest.mark.parametrize(("frame", "code"), [
    (b"\x00\x01", 1003),
    (ALIVE.encode(), 1003),
    (ALIVE + " " * MOST_FRAME, 1009),
    (["x" * 1000] * 100, 1009),
    ("null", 1007),
    ('{"op": "hello", "id": 1, "more": "' + "é" * 200 + '"}', "api.bad-request"),
    ('{"op": "subscribe", "id": null}', 1007),
    ('{"op": "subscribe", "id": 9007199254740993}', 1007),
    ('{"op": "subscribe", "id": 1e400}', 1007),
    ('{"op": "subscribe", "id": 1, "levels_hz": 21}', "api.bad-request"),
    ('{"op": "subscribe", "id": 1, "topics": ["audio.levels", "x"]}', "api.bad-request"),
    ('{"op": "request", "id": 1, "do": "SetMute", "fields": {"peer": "\\u0000", "muted": 1}}', "api.bad-request"),
    ('{"op": "request", "id": 1, "do": "' + "x" * 50_000 + '"}', "api.unknown"),
])  # fmt: skip
def test_a_hostile_frame(stage: Stage, ring: Keyring, frame: Any, code: int | str) -> None:
    with events(stage, ring.next("control")) as client:
        with contextlib.suppress(ConnectionClosed):  # in the middle of it
            client.send(frame)
        if isinstance(code, int):
            # who still sends when the connection ends may find it reset, and the close with it
            assert closed(client) in ({code, 1006} if code == 1009 else {code})
            return
        assert answer(client, 1)["error"]["code"] == code
        client.send(ALIVE)
        assert answer(client, 9)["op"] == "snapshot"


@pytest.mark.parametrize("bytes_", [
    struct.pack("!BB", 0x83, 0x80) + b"\0" * 4,  # an opcode that there is not
    struct.pack("!BB", 0xC1, 0x80) + b"\0" * 4,  # a reserved bit
    struct.pack("!BBH", 0x89, 0xFE, 200) + b"\0" * 204,  # a ping that is too long
    struct.pack("!BB", 0x80, 0x80) + b"\0" * 4,  # the rest of nothing
    struct.pack("!BB", 0x81, 0x82) + b"\0" * 4 + b"\xff\xfe",  # no UTF-8
    struct.pack("!BBQ", 0x81, 0xFF, 1 << 62) + b"\0" * 4,  # a length that no memory has
    struct.pack("!BB", 0x88, 0x81) + b"\0" * 5,  # half a code of a close
    bytes(range(200, 255)),
])  # fmt: skip
def test_what_is_no_websocket_ends_the_connection_and_not_the_worker(
    stage: Stage, ring: Keyring, bytes_: bytes
) -> None:
    key = base64.b64encode(os.urandom(16)).decode()
    with socket.create_connection(("127.0.0.1", stage.settings.port), timeout=30) as client:
        client.sendall(
            f"GET {PATH}/events HTTP/1.1\r\nHost: 127.0.0.1:{stage.settings.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
            f"Authorization: Bearer {ring.next('read')}\r\n\r\n".encode()
        )
        client.sendall(bytes_)
        client.shutdown(socket.SHUT_WR)
        while client.recv(65536):
            pass
    assert HTTP.get(stage.origin + PATH, headers=bearer(ring.next("read"))).status_code == 200


def test_a_flood_is_refused_in_words_and_read_as_slowly_as_a_key_may_ask(stage: Stage, ring: Keyring) -> None:
    count = int(AT_ONCE) + 15
    with events(stage, ring.next("also")) as client:
        for number in range(count):
            client.send(json.dumps({"op": "subscribe", "id": number, "topics": ["party.state"]}))
        got = Counter(
            frame["error"]["code"] if frame["op"] == "error" else frame["op"]
            for frame in (answer(client, number) for number in range(count))
        )
    assert got["api.too-often"] >= 5
    assert got["snapshot"] >= AT_ONCE - 5
    assert got.total() == count


def test_who_comes_back_again_and_again_is_sent_what_it_missed_only_so_often(stage: Stage, ring: Keyring) -> None:
    with events(stage, ring.next("admin")) as client:
        client.send(ALIVE)
        run = answer(client, 9)["run"]
        stage.party(15)
        for _ in range(30):
            stage.publish("media", *(stage.peer(member(number)) for number in range(1, 16)))
        eventually(lambda: _number(stage, ring) > 400, "there is much to miss")
        kinds = []
        for number in range(50):
            since = {"run": run, "number": 0}
            client.send(json.dumps({"op": "subscribe", "id": number, "topics": ["audio.ducking"], "since": since}))
            kinds.append(answer(client, number)["op"])
    stage.party(3)
    assert "resumed" in kinds
    assert "snapshot" in kinds


def test_a_key_has_so_many_connections_and_no_more(stage: Stage, ring: Keyring) -> None:
    key = ring.next("control")
    with contextlib.ExitStack() as stack:
        for _ in range(MOST_OF_A_KEY):
            stack.enter_context(events(stage, key))
        with pytest.raises(InvalidStatus) as refused:
            stack.enter_context(events(stage, key))
        assert refused.value.response.status_code == 503
        assert json.loads(refused.value.response.body or b"")["error"]["code"] == "api.full"
        stack.enter_context(events(stage, ring.next("read")))


def test_a_key_in_a_protocol_that_is_not_ours_stays_out_of_the_log(stage: Stage, ring: Keyring) -> None:
    key = ring.next("read")
    url = f"ws{stage.origin.removeprefix('http')}{PATH}/events"
    with contextlib.suppress(InvalidStatus), connect(url, subprotocols=[Subprotocol(f"key.{key}")], proxy=None):
        pass
    eventually(lambda: "overlap" in stage.dashboard.output, "aiohttp complains of the protocol")
    assert key not in stage.dashboard.output


def test_ducking_is_told_like_every_topic_of_the_document(stage: Stage, ring: Keyring) -> None:
    stage.publish("audio", Ducking(active=True, at=1.0))
    with events(stage, ring.next("read")) as client:
        client.send('{"op": "subscribe", "id": 9, "topics": ["audio.ducking"]}')
        seen = answer(client, 9)
        while not seen.get("topics", {}).get("audio.ducking/") and seen.get("topic") != "audio.ducking/":
            seen = json.loads(client.recv(timeout=30))


def test_who_does_not_read_delays_neither_the_end_of_a_revoked_key_nor_what_comes_after(stage: Stage) -> None:
    _, text = keys.make(stage.paths, "leaves", "read")
    _, other = keys.make(stage.paths, "comes", "read")
    eventually(lambda: _works(stage, other), "the keys are taken up", every_s=0.2)
    with _that_never_reads(stage, text), events(stage, text) as reads:
        keys.remove(stage.paths, "leaves")
        assert closed(reads) == 4401
        eventually(lambda: _clients(stage) == 0, "both are gone")
    _, later = keys.make(stage.paths, "later", "read")
    eventually(lambda: _works(stage, later), "the worker takes up keys still", every_s=0.2)


def _number(stage: Stage, ring: Keyring) -> int:
    told = HTTP.get(stage.origin + PATH, headers=bearer(ring.next("admin"))).json()
    return int(told["number"])


def _works(stage: Stage, key: str) -> bool:
    return HTTP.get(stage.origin + PATH, headers=bearer(key)).status_code == 200


def _clients(stage: Stage) -> float:
    text = HTTP.get(f"{stage.origin}/metrics").text
    found = re.search(r"^partyline_dashboard_api_clients (\S+)$", text, re.MULTILINE)
    assert found
    return float(found[1])


@contextlib.contextmanager
def _that_never_reads(stage: Stage, key: str) -> Iterator[None]:
    """Subscribe, let more wait than the system holds for a connection, and read nothing of it."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", stage.settings.port))
        client.sendall(
            f"GET {PATH}/events HTTP/1.1\r\nHost: 127.0.0.1:{stage.settings.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Authorization: Bearer {key}\r\n\r\n".encode()
        )
        frame = b'{"op":"subscribe","id":1}'
        client.sendall(struct.pack("!BB", 0x81, 0x80 | len(frame)) + b"\0" * 4 + frame)
        for _ in range(20):
            stage.party(15, name="a" * 30_000)
        yield
    stage.party(3)
