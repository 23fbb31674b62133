"""Paired machines at the dashboard: their keys, what they may not, and their end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from common.bus.peers import keyring
from common.bus.peers.curve import CurveKeys
from common.bus.peers.keyring import PairedMachine
from common.bus.peers.pages import paired_pages
from common.config.pages import draw_keys, load_keys, replace_full_key
from common.files.paths import Paths
from tests.workers.dashboard.test_page_server import Up
from workers.dashboard.serve.page_keys import PageKeys

DESK = PairedMachine(name="desk", public=CurveKeys.new().public, right="control", met_at=0.0)
HOST = "127.0.0.1:8780"


@pytest.fixture
def paths(home: Path) -> Paths:
    made = Paths(home)
    keyring.change(made, lambda ring: ring.adding(DESK))
    return made


@pytest.fixture
async def up(paths: Paths) -> AsyncIterator[Up]:
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(paired_pages.socket_of(paths.run)))) as client:
        made = Up(paths.home, client)
        await made.server.setup()
        yield made
        await made.server.close()


def test_which_keys_are_void_is_known(paths: Paths) -> None:
    keys = PageKeys(paths)
    assert keys.poll() == "all"
    assert keys.poll() == ""
    mine = paired_pages.keys_of(load_keys(paths), DESK)
    assert [keys.rights(key) for key in (mine.full, mine.read)] == ["full", "read"]
    other = PairedMachine(name="ears", public=CurveKeys.new().public, right="listen", met_at=0.0)
    keyring.change(paths, lambda ring: ring.adding(other))
    assert keys.poll() == ""  # one more closes nobody's pages
    replace_full_key(paths)
    assert keys.poll() == "some"
    assert keys.rights(mine.full) == ""
    mine = paired_pages.keys_of(load_keys(paths), DESK)
    keyring.change(paths, lambda ring: ring.without(DESK))
    assert keys.poll() == "some"
    assert [keys.rights(key) for key in (mine.full, mine.read)] == ["", ""]
    draw_keys(paths)
    assert keys.poll() == "all"
    keyring.keyring_file(paths).write_text("{")
    assert keys.poll() == "some"  # nobody is let in


async def test_its_browser_has_the_pages_on_loopback_with_its_own_key(up: Up) -> None:
    key = paired_pages.keys_of(load_keys(up.paths), DESK).full
    async with up.client.get(f"http://{HOST}/?key={key}") as answer:
        assert answer.status == 200
        assert f"ws://{HOST}" in answer.headers["Content-Security-Policy"]
    for refused in ("/metrics", "/?key=guessed"):
        async with up.client.get(f"http://{HOST}{refused}") as answer:
            assert answer.status == 403  # it is not this machine
    async with up.client.get(f"http://{HOST}/", headers={"Host": "evil.example:8780"}) as answer:
        assert answer.status == 421


async def test_it_signs_nobody_in_and_makes_no_keys(up: Up) -> None:
    key = paired_pages.keys_of(load_keys(up.paths), DESK).full
    origin = {"Origin": f"http://{HOST}"}
    protocols = ("partyline", f"key.{key}")
    async with up.client.ws_connect(f"http://{HOST}/live", protocols=protocols, headers=origin) as live:
        await live.receive_str(timeout=10)
        for number, (do, fields) in enumerate(
            [("MakeApiKey", {"name": "x", "right": "admin"}), ("SignIn", {"pasted": "x" * 64})]
        ):
            await live.send_str(json.dumps({"id": number, "do": do, "fields": fields}))
            (answer,) = json.loads(await live.receive_str(timeout=10))["answers"]
            assert answer["error"]["code"] == "dashboard.not-here", do
