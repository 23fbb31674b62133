"""The dashboard's port towards other devices: https there, http on loopback, and no key in the clear."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import ifaddr
import pytest

from common.api import keys as api_keys
from common.config.https.authority import is_private
from common.config.https.certificate_names import CertificateNames
from common.config.https.certificate_store import current, server_file
from common.config.pages import load_keys
from tests.support.waiting import until
from tests.workers.dashboard.test_page_server import Up


def _private_address() -> str:
    found = [ip.ip if ip.is_IPv4 else ip.ip[0] for adapter in ifaddr.get_adapters() for ip in adapter.ips]
    usable = [one for one in found if is_private(one) and not one.startswith(("fe80", "169.254"))]
    return min(usable, key=lambda one: ":" in one, default="")


ADDRESS = _private_address()
HOST = f"[{ADDRESS}]" if ":" in ADDRESS else ADDRESS
NEEDS = pytest.mark.skipif(not ADDRESS, reason="this machine has no private address")


class Lan(Up):
    """A server that is open to other devices, and how one of them sees it."""

    def __init__(self, home: Path, client: aiohttp.ClientSession) -> None:
        super().__init__(home, client, listen="::")
        self.names = CertificateNames(names=("avas-mac.local",), addresses=(ADDRESS,))
        self.https, self.http = (f"{scheme}://{HOST}:{self.settings.port}" for scheme in ("https", "http"))

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=current(self.paths, self.names).kept.authority.root)

    async def seen(self, path: str, **headers: str) -> tuple[int, str]:
        async with self.client.get(self.http + path, headers=headers, allow_redirects=False) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def lan(home: Path) -> AsyncIterator[Lan]:
    async with aiohttp.ClientSession() as client:
        made = Lan(home, client)
        await made.server.setup()
        await made.server.open()
        yield made
        await made.server.close()


@NEEDS
async def test_another_device_is_served_by_https_and_this_machine_as_before(lan: Lan) -> None:
    key = lan.keys.full_key()
    async with lan.client.get(f"{lan.https}/?key={key}", ssl=lan.trusting()) as answer:
        assert answer.status == 200
        assert f"wss://{HOST}:{lan.settings.port}" in answer.headers["Content-Security-Policy"]
        assert "Strict-Transport-Security" not in answer.headers
        assert "Set-Cookie" not in answer.headers
    headers = {"Origin": lan.https}
    async with lan.client.ws_connect(
        f"{lan.https}/live", ssl=lan.trusting(), protocols=("partyline", f"key.{key}"), headers=headers
    ) as live:
        await live.receive_str(timeout=10)
    assert (await lan.get("/"))[0] == 200
    async with lan.socket("/live", key) as live:
        await live.receive_str(timeout=10)
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await lan.client.get(lan.https)  # a device that does not trust the root
    used = lan.server._certificates.context()
    assert used is not None
    assert used.minimum_version == ssl.TLSVersion.TLSv1_2


@NEEDS
async def test_over_http_another_device_gets_the_certificate_and_nothing_that_needs_a_key(lan: Lan) -> None:
    status, page = await lan.seen("/")
    assert status == 426
    assert f"{lan.https}/" in page
    assert (await lan.seen("/certificate"))[0] == 200
    for path in ("/live", "/metrics", "/api/v1/state", "/overlay", "/proof/" + "0" * 32):
        status, body = await lan.seen(path)
        assert (status, "SHA-256" in body) == (426, True), path
    async with lan.client.get(lan.http + "/certificate/partyline.crt") as answer:
        assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
        trusting = ssl.create_default_context(cadata=await answer.read())
    async with lan.client.get(lan.http + "/certificate/partyline.mobileconfig") as answer:
        assert answer.headers["Content-Type"] == "application/x-apple-aspen-config"
    async with lan.client.get(lan.http + "/certificate/address.svg") as answer:
        assert "<svg" in await answer.text()
    async with lan.client.get(lan.https + "/certificate", ssl=trusting) as answer:
        assert answer.status == 200
    async with lan.client.post(lan.http + "/api/v1/requests/LeaveParty", json={}) as answer:
        assert answer.status == 426


@NEEDS
async def test_over_http_a_listen_link_opens_its_page_and_asks_for_sound(lan: Lan) -> None:
    status, page = await lan.seen("/obs-audio")
    assert (status, "obs-audio.js" in page) == (200, True)
    assert (await lan.seen("/static/js/listen/obs-audio.js"))[0] == 200
    async with lan.client.post(
        lan.http + "/api/v1/whep", data="v=0", headers={"Content-Type": "text/plain", "Authorization": "Bearer ticket"}
    ) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (401, "api.no-key")


@NEEDS
async def test_a_name_that_was_pointed_here_is_refused(lan: Lan) -> None:
    for base, options in ((lan.http, {}), (lan.https, {"ssl": lan.trusting()})):
        async with lan.client.get(base, headers={"Host": f"evil.example:{lan.settings.port}"}, **options) as answer:
            assert answer.status == 421
    foreign = {"Origin": f"http://{HOST}:{lan.settings.port}"}
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await lan.client.ws_connect(f"{lan.https}/live", ssl=lan.trusting(), headers=foreign)


@NEEDS
async def test_a_key_in_the_clear_is_void_if_it_can_change_something(lan: Lan) -> None:
    old = load_keys(lan.paths)
    _, page = await lan.seen(f"/?key={old.full}")
    assert "The key is void now" in page
    new = load_keys(lan.paths)
    assert (new.full != old.full, new.read == old.read) == (True, True)
    _, program = api_keys.make(lan.paths, "deck", "control")
    assert "void now" in (await lan.seen("/api/v1/state", Authorization=f"Bearer {program}"))[1]
    assert api_keys.load(lan.paths) == ()
    _, reader = api_keys.make(lan.paths, "lamp", "read")
    assert "others can have read it" in (await lan.seen("/x", **{"Sec-WebSocket-Protocol": f"p, key.{reader}"}))[1]
    assert [key.name for key in api_keys.load(lan.paths)] == ["lamp"]
    assert "others can have read it" in (await lan.seen(f"/overlay?key={old.read}"))[1]
    assert load_keys(lan.paths) == new
    assert len(lan.exposed) == 4
    for text in (old.full, old.read, program, reader):
        assert all(text not in f"{one.message} {one.remedy}" for one in lan.exposed)
    await lan.seen("/?key=guessed")
    assert len(lan.exposed) == 4


@NEEDS
async def test_a_new_certificate_is_used_at_once_and_closes_nothing(lan: Lan) -> None:
    key, headers = lan.keys.full_key(), {"Origin": lan.https}
    certificates = lan.server._certificates
    async with lan.client.ws_connect(
        f"{lan.https}/live", ssl=lan.trusting(), protocols=("partyline", f"key.{key}"), headers=headers
    ) as live:
        await live.receive_str(timeout=10)
        before = await _served(lan)
        current(lan.paths, lan.names, dt.datetime.now(dt.UTC) + dt.timedelta(days=70))  # what a later day would do
        certificates._looked_at = float("-inf")
        await certificates.poll()
        assert await _served(lan) != before
        await live.send_str('{"id": 1, "do": "ListProcesses", "fields": {}}')
        assert "answers" in await live.receive_str(timeout=10)


async def _served(lan: Lan) -> bytes:
    reader, writer = await asyncio.open_connection(
        ADDRESS, lan.settings.port, ssl=lan.trusting(), server_hostname=ADDRESS
    )
    found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    del reader
    return bytes(found)


@NEEDS
async def test_without_a_certificate_other_devices_are_told_and_this_machine_goes_on(lan: Lan) -> None:
    server_file(lan.paths).write_text("broken")
    certificates = lan.server._certificates
    certificates._looked_at, certificates._stamp = float("-inf"), (0, 0)
    await certificates.poll()
    assert certificates.error is not None
    assert "https-server.pem" in certificates.error.message
    assert (await lan.get("/"))[0] == 200
    async with lan.client.get(lan.https, ssl=lan.trusting()) as answer:  # the last good one
        assert answer.status == 200


@NEEDS
async def test_who_connects_and_says_nothing_takes_a_limited_number_of_places(lan: Lan) -> None:
    limit = lan.server._limiter.limits.an_address
    opened = [await asyncio.open_connection(ADDRESS, lan.settings.port) for _ in range(limit + 3)]
    await until(lambda: lan.server._limiter.refused >= 3, "those over the limit are refused")
    for _, writer in opened:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for _, writer in opened), return_exceptions=True)

    held = lan.server._limiter._open
    await until(lambda: all(one.is_closing() for one in held), "their places are free again")
    assert (await lan.seen("/certificate"))[0] == 200
