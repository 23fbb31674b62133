from __future__ import annotations

import asyncio
import errno
import json
import re
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import urljoin

import aiohttp
import pytest

from common.api.key_uses import KeyUses
from common.bus import Bus
from common.bus.peers.pages import paired_pages
from common.config.https.certificate_names import CertificateNames
from common.config.pages import proof
from common.config.tables import ApiSettings, DashboardSettings, PsnSettings
from common.files.paths import Paths
from common.messages import Levels, Message, PartyState, RecordedFile, RecordingEntry, RecordingList
from tests.support.processes import free_port
from tests.workers.dashboard.live.test_people import speaking
from tests.workers.dashboard.test_state import BO, CLEO, ME, note
from workers.dashboard.api.door import ApiDoor
from workers.dashboard.avatars.images import Avatars
from workers.dashboard.listen.listeners import Listeners
from workers.dashboard.listen.sound_sockets import SoundSockets
from workers.dashboard.listen.sound_streams import SoundStreams
from workers.dashboard.live.api_keys import PageApiKeys
from workers.dashboard.live.open_page import PAUSE_S
from workers.dashboard.live.page_requests import PageRequests
from workers.dashboard.live.people_sockets import PeopleSockets
from workers.dashboard.live.state_sockets import StateSockets, page_constants
from workers.dashboard.page_server import PageServer, port_problem
from workers.dashboard.serve.exposed_keys import ExposedKey, ExposedKeys
from workers.dashboard.serve.page_keys import PageKeys
from workers.dashboard.serve.played_recordings import PlayedRecordings
from workers.dashboard.serve.site import BAD_KEY, STATIC
from workers.dashboard.serve.tls_certificates import TlsCertificates
from workers.dashboard.state import PageState

LAN = CertificateNames(names=("avas-mac.local",))


class Up:
    """A server without a bus, its keys, and a client."""

    def __init__(self, home: Path, client: aiohttp.ClientSession, port: int = 0, *, listen: str = "127.0.0.1") -> None:
        self.paths = paths = Paths(home)
        self.names = LAN
        self.settings = DashboardSettings(port=port or free_port(), listen=listen)
        self.origin = f"http://127.0.0.1:{self.settings.port}"
        self.client = client
        self.keys, self.state = PageKeys(paths), PageState()
        state = self.state
        self.keys.poll()
        avatars = Avatars(self.keys.read_key)
        self.recordings = RecordingList()
        self.played = PlayedRecordings(lambda: self.recordings)
        bus = cast("Bus", SimpleNamespace(boot="b", publish=lambda _message: None))
        uses = KeyUses(paths)
        requests = PageRequests(
            bus, paths, state, played=self.played, keys=PageApiKeys(paths, uses), end_self=lambda: None
        )
        self.exposed: list[ExposedKey] = []
        rights = self.keys.rights
        listeners = Listeners(paths.run, state, lambda _message: None)
        self.people = PeopleSockets(state, rights, avatars.of, self.keys.read_key)
        self.server = PageServer(
            self.settings,
            self.keys,
            state,
            state_sockets=StateSockets(state, requests, rights, avatars.of, page_constants(PsnSettings())),
            sound_sockets=SoundSockets(listeners, rights),
            sound_streams=SoundStreams(listeners, rights),
            api=ApiDoor(bus, paths, state, ApiSettings(), page_rights=rights, uses=uses, wake=requests.wake),
            people_sockets=self.people,
            avatars=avatars,
            played=self.played,
            certificates=TlsCertificates(paths, lambda: self.names),
            exposed=ExposedKeys(paths, self.keys, self.exposed.append),
            paired=paired_pages.socket_of(paths.run),
        )

    def hear(self, *messages: Message) -> None:
        for message in messages:
            note(self.state, message)
            self.people.on_change(type(message))

    async def get(self, path: str) -> tuple[int, str]:
        async with self.client.get(self.origin + path) as answer:
            return answer.status, await answer.text()

    def socket(self, path: str, key: str) -> aiohttp.client._WSRequestContextManager:
        headers = {"Origin": self.origin}
        return self.client.ws_connect(self.origin + path, protocols=("partyline", f"key.{key}"), headers=headers)


@pytest.fixture
async def up(home: Path) -> AsyncIterator[Up]:
    async with aiohttp.ClientSession() as client:
        made = Up(home, client)
        await made.server.setup()
        await made.server.open()
        yield made
        await made.server.close()


@pytest.mark.parametrize("page", ["/", "/overlay", "/overlay-setup", "/obs-audio", "/api"])
async def test_every_file_that_a_page_names_is_served(up: Up, page: str) -> None:
    wanted, seen = {page}, set[str]()
    while wanted:
        path = wanted.pop()
        status, body = await up.get(path)
        assert status == 200, path
        seen.add(path)
        folder = path.rpartition("/")[0]
        names = re.findall(r'(?:from|import|href=|src=)\s*\(?"([./][\w./-]+\.(?:js|css|svg))"', body)
        named = {urljoin(f"{folder}/", name) for name in names}
        wanted |= named - seen
    assert len(seen) > 2


async def test_a_dashboard_is_told_everything_at_once_and_the_overlay_people_only(up: Up) -> None:
    async with up.socket("/live", up.keys.full_key()) as live:
        frame = json.loads(await live.receive_str(timeout=10))
        assert {"about", "bus", "topics", "now", "clock"} <= set(frame)
        await live.send_str(json.dumps({"id": 1, "do": "ListProcesses", "fields": {}}))
        assert json.loads(await live.receive_str(timeout=10))["answers"] == [{"id": 1, "ok": []}]
    async with up.socket("/people", up.keys.read_key()) as overlay:
        assert json.loads(await overlay.receive_str(timeout=10)) == {"people": []}


async def test_levels_are_sent_to_overlays_that_ask_while_somebody_speaks_and_only_when_they_differ(up: Up) -> None:
    def loud(bo: float) -> Levels:
        return Levels(talkers={BO.peer: bo, CLEO.peer: -10.0}, mix=-10.0)

    up.hear(PartyState(phase="joined", session_id="s", me=ME.peer, members=(ME, BO, CLEO)), speaking(BO), loud(-10.0))
    key = up.keys.read_key()
    async with up.socket("/people", key) as plain, up.socket("/people?levels=1", key) as moving:
        first = json.loads(await moving.receive_str(timeout=10))
        bo = next(person["id"] for person in first["people"] if person["name"] == BO.online_id)
        assert first["levels"] == {bo: 7}  # Cleo makes a noise, but does not speak
        assert set(json.loads(await plain.receive_str(timeout=10))) == {"people"}
        up.hear(loud(-26.0))
        assert json.loads(await moving.receive_str(timeout=10)) == {"levels": {bo: 4}}
        up.hear(loud(-27.0))  # the same step
        up.hear(loud(-120.0))
        assert json.loads(await moving.receive_str(timeout=10)) == {"levels": {bo: 0}}
        up.hear(speaking(BO, says=False))
        silent = json.loads(await moving.receive_str(timeout=10))
        assert silent["levels"] == {}
        for _ in range(5):
            up.hear(loud(-80.0))  # nobody speaks: nothing is sent
            await asyncio.sleep(PAUSE_S)
        up.hear(speaking(CLEO))
        assert set(json.loads(await moving.receive_str(timeout=10))) == {"people", "levels"}
        for expected in ({"people"}, {"people"}):
            assert set(json.loads(await plain.receive_str(timeout=10))) == expected


async def test_the_configurator_gets_the_key_for_the_address_once(up: Up) -> None:
    async with up.socket("/people?setup=1", up.keys.full_key()) as setup:
        assert json.loads(await setup.receive_str(timeout=10)) == {"key": up.keys.read_key(), "people": []}
        up.hear(PartyState(phase="joined", session_id="s", me=ME.peer, members=(ME,)))
        assert set(json.loads(await setup.receive_str(timeout=10))) == {"people"}


async def test_a_server_takes_the_longest_address_that_the_configurator_writes(up: Up) -> None:
    """`LONGEST` in overlay-address.js. Beyond it aiohttp refuses the request's first line."""
    longest = 8000
    assert (await up.get("/overlay?" + "p" * (longest - len("/overlay?"))))[0] == 200
    assert (await up.get("/overlay?" + "p" * 8400))[0] == 400
    assert f"LONGEST = {longest};" in (STATIC / "js" / "overlay-setup" / "overlay-address.js").read_text()


async def test_pages_are_closed_with_a_code_that_asks_for_a_new_key(up: Up) -> None:
    async with up.socket("/live", up.keys.full_key()) as live:
        await live.receive_str(timeout=10)
        await up.server.close_pages(BAD_KEY)
        assert (await live.receive(timeout=10)).data == BAD_KEY


async def test_the_server_proves_its_key_and_has_metrics(up: Up) -> None:
    nonce = "0" * 32
    assert await up.get(f"/proof/{nonce}") == (200, proof(up.keys.full_key(), up.settings.port, nonce))
    status, body = await up.get("/metrics")
    assert status == 200
    assert "partyline_dashboard_pages_open 0.0" in body


async def test_a_recording_is_played_from_any_place_at_an_address_drawn_for_it(up: Up, tmp_path: Path) -> None:
    sound = bytes(range(256)) * 40
    (tmp_path / "raid").mkdir()
    (tmp_path / "raid" / "mix.flac").write_bytes(sound)
    entry = RecordingEntry(recording="raid", files=(RecordedFile(file="mix.flac", title="mix"),))
    up.recordings = RecordingList(folder=str(tmp_path), recordings=(entry,))
    async with up.socket("/live", up.keys.full_key()) as live:
        await live.receive_str(timeout=10)
        fields = {"recording": "raid", "file": "mix.flac"}
        await live.send_str(json.dumps({"id": 1, "do": "PlayRecording", "fields": fields}))
        address = json.loads(await live.receive_str(timeout=10))["answers"][0]["ok"]["address"]
    assert up.keys.full_key() not in address
    async with up.client.get(up.origin + address, headers={"Range": "bytes=1000-1999"}) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (206, "audio/flac")
        assert answer.headers["Content-Range"] == f"bytes 1000-1999/{len(sound)}"
        assert "media-src 'self'" in answer.headers["Content-Security-Policy"]
        assert await answer.read() == sound[1000:2000]
    assert (await up.get("/recording/" + "0" * 40))[0] == 404
    up.played.revoke()
    assert (await up.get(address))[0] == 404


async def test_a_port_that_is_taken_is_an_error_and_can_be_tried_again(up: Up, home: Path) -> None:
    other = Up(home, up.client, up.settings.port)
    await other.server.setup()
    with pytest.raises(OSError, match="in use"):
        await other.server.open()
    await up.server.close()
    await other.server.open()
    await other.server.close()


def test_a_taken_port_is_told_from_an_address_that_cannot_be_listened_on() -> None:
    taken, remedy = port_problem(OSError(errno.EADDRINUSE, "in use"), "127.0.0.1", 8770)
    assert "another program has port 8770" in taken
    assert "partyline restart dashboard" in remedy
    wrong, remedy = port_problem(OSError(errno.EADDRNOTAVAIL, "Cannot assign"), "10.9.9.9", 8770)
    assert "10.9.9.9" in wrong
    assert "[dashboard] listen" in remedy


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.1 is the only loopback address")
async def test_a_port_that_another_program_has_towards_other_devices_is_opened_for_this_machine(home: Path) -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))
        other.listen()
        async with aiohttp.ClientSession() as client:
            made = Up(home, client, port, listen="0.0.0.0")
            await made.server.setup()
            refused = await made.server.open()
            assert refused is not None
            assert refused.errno == errno.EADDRINUSE
            nonce = "0" * 32
            assert await made.get(f"/proof/{nonce}") == (200, proof(made.keys.full_key(), port, nonce))
            await made.server.close()


def test_on_a_mac_the_program_is_likely_airdrop() -> None:
    refused = OSError(errno.EADDRINUSE, "Address already in use")
    message, remedy = port_problem(refused, "0.0.0.0", 8770, here=True, platform="darwin")
    assert "AirDrop" in message
    assert "obs setup" in remedy
    assert "AirDrop" not in port_problem(refused, "0.0.0.0", 8771, here=True, platform="darwin")[0]
    assert "AirDrop" not in port_problem(refused, "0.0.0.0", 8770, here=True, platform="linux")[0]
