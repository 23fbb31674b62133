"""Every cell of the table of rights, tried at a real dashboard worker: each key at each request, topic and path."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from common.api import PATH, SUBPROTOCOL, WHEP, keys
from common.api.rights import NEEDED, NOT_OFFERED, RIGHTS
from common.api.rights_table import HOLDERS, WITHOUT_A_KEY, Holder, RightsRow, table
from tests.support.waiting import eventually
from tests.workers.dashboard.api.contract.keyring import HTTP, bearer
from tests.workers.dashboard.stage import Stage
from workers.dashboard.serve.site import PAGES, PROTOCOL

SOCKETS = ("/live", "/people", "/sound")
ENDED, WRONG_KEY = (1000, 1007), (4401, 4403)


@pytest.fixture(scope="module")
def held(stage: Stage) -> dict[Holder, str]:
    """A key of each kind, which nothing else uses."""
    found: dict[Holder, str] = {"nobody": "", "overlay": stage.keys.read, "dashboard": stage.keys.full}
    for right in RIGHTS:
        found[right] = keys.make(stage.paths, f"of the table {right}", right)[1]
    eventually(lambda: _get(stage, PATH, found["admin"]) == 200, "the keys are taken up", every_s=0.2)
    return found


def _get(stage: Stage, path: str, bearing: str, **query: str) -> int:
    return HTTP.get(stage.origin + path, headers=bearer(bearing), params=query or None).status_code


def _opens_socket(stage: Stage, path: str, key: str) -> bool:
    protocols = [Subprotocol(SUBPROTOCOL if path.startswith(PATH) else PROTOCOL)]
    protocols += [Subprotocol(f"key.{key}")] if key else []
    url = f"ws{stage.origin.removeprefix('http')}{path}"
    codes = []
    with (
        contextlib.suppress(InvalidStatus),
        connect(url, subprotocols=protocols, origin=Origin(stage.origin), proxy=None) as client,
    ):
        codes.append(_code_after_rubbish(client))
    assert set(codes) <= {*ENDED, *WRONG_KEY}
    return bool(set(codes) & set(ENDED))


def _code_after_rubbish(client: ClientConnection) -> int | None:
    """Return the code with which the server closes a connection that sends rubbish, if it did not before."""
    with contextlib.suppress(ConnectionClosed):
        client.send("x")
        while True:
            client.recv(timeout=30)
    return client.close_code


def _opens(stage: Stage, path: str, key: str) -> bool:
    if path.split("?", maxsplit=1)[0] in (*SOCKETS, f"{PATH}/events"):
        return _opens_socket(stage, path, key)
    if path == WHEP:
        status = HTTP.post(stage.origin + path, headers=bearer(key)).status_code
        assert status in (415, 401)
        return status == 415  # it may, but sent no offer
    if path.startswith(PATH):
        status = _get(stage, path, key)
        assert status in (200, 401)
        return status == 200
    with HTTP.stream("GET", stage.origin + path, params={"key": key}) as answer:
        assert answer.status_code in (200, 403)
        return answer.status_code == 200


def _of_kind(kind: str) -> Iterator[RightsRow]:
    return (row for row in table() if row.kind == kind)


@pytest.mark.parametrize("holder", HOLDERS)
def test_each_path(stage: Stage, held: dict[Holder, str], holder: Holder) -> None:
    opened = {row.name: _opens(stage, row.name, held[holder]) for row in _of_kind("path")}
    assert opened == {row.name: holder in row.holders for row in _of_kind("path")}


@pytest.mark.parametrize("holder", HOLDERS[1:])
def test_each_topic(stage: Stage, held: dict[Holder, str], holder: Holder) -> None:
    got = {}
    with connect(
        f"ws{stage.origin.removeprefix('http')}{PATH}/events", additional_headers=bearer(held[holder]), proxy=None
    ) as client:
        for number, row in enumerate(_of_kind("topic")):
            client.send(json.dumps({"op": "subscribe", "id": number, "topics": [row.name]}))
            while (frame := json.loads(client.recv(timeout=30))).get("id") != number:
                pass
            got[row.name] = frame["op"] == "snapshot"
    assert got == {row.name: holder in row.holders for row in _of_kind("topic")}


@pytest.mark.parametrize("holder", HOLDERS)
def test_each_request(stage: Stage, held: dict[Holder, str], holder: Holder) -> None:
    statuses = {}
    for name in (cls.__name__ for cls in (*NEEDED, *NOT_OFFERED)):
        url = f"{stage.origin}{PATH}/requests/{name}"
        while (answer := HTTP.post(url, json={}, headers=bearer(held[holder]))).status_code == 429:
            pass
        statuses[name] = answer.status_code
    if holder == "nobody":
        assert set(statuses.values()) == {401}
        return
    for row in _of_kind("request"):
        # 400: it may, but left fields out
        assert statuses[row.name] in ((200, 400) if holder in row.holders else (403,)), row.name
    assert {statuses[cls.__name__] for cls in NOT_OFFERED} == {404}


@pytest.mark.parametrize("holder", HOLDERS)
def test_what_needs_no_key_and_pages_with_one(stage: Stage, held: dict[Holder, str], holder: Holder) -> None:
    for path in WITHOUT_A_KEY:
        named = {"/static/": "css/base.css", "/picture/": "0" * 40, "/recording/": "0" * 40, "/proof/": "0" * 32}
        status = _get(stage, path + named.get(path, ""), held[holder])
        assert status == (404 if path in ("/picture/", "/recording/") else 200), path
    if holder == "nobody":
        return
    for page in PAGES:  # a key in a page's address opens it, if it is one of a page
        of_obs = page in ("/overlay", "/obs-audio")
        wanted = 200 if holder == "dashboard" or (holder == "overlay" and of_obs) else 403
        assert _get(stage, page, "", key=held[holder]) == wanted, page
