"""The same against libwebrtc, in headless Chromium: certificates, DTLS roles, an ICE restart; each is heard."""

from __future__ import annotations

import asyncio

from playwright.async_api import Page

from common.ice import IceOptions
from tests.chromium import sdp as dialect
from tests.chromium.console import FLAGS
from tests.chromium.page import DESCRIPTIONS
from tests.support.browser import async_chromium
from tests.support.waiting import until
from tests.workers.media.guard.peers import Listening
from workers.media import guard
from workers.media.peers.peer import Peer
from workers.media.peers.silent_track import silent_packet

PAGE = (
    """
let link;
async function begin(kind) {
  if (link) link.close();
  const exponent = new Uint8Array([1, 0, 1]);
  const rsa = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: exponent, hash: "SHA-256" };
  const certificate = await RTCPeerConnection.generateCertificate(
    kind === "RSA 2048" ? rsa : { name: "ECDSA", namedCurve: "P-256" });
  link = new RTCPeerConnection({ certificates: [certificate] });
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  link.addTrack(stream.getAudioTracks()[0], stream);
  link.createDataChannel("miranda", { negotiated: true, id: 0 });
}
"""
    + DESCRIPTIONS
)


class Ours:
    def __init__(self, former: Peer | None = None) -> None:
        self._events = Listening()
        self.peer = Peer(self._events, silent_packet(), former)

    @property
    def packets(self) -> int:
        return len(self._events.heard)

    async def heard(self, cell: str) -> None:
        before = self.packets
        await until(
            lambda: self.packets > before + 10,
            lambda: f"it is heard ({cell}: {self.peer.state}, {self.peer.diagnose()})",
        )


async def _they_offer(page: Page, ours: Ours, *, restart: bool = False) -> None:
    made = dialect.with_sonys_types(await page.evaluate("made", restart))
    offer = dialect.to_sony(await page.evaluate("described", ["offer", made]))
    await page.evaluate("accept", dialect.from_sony(await ours.peer.answer(offer)))


async def _we_offer(page: Page, ours: Ours, *, active: bool) -> None:
    offer = dialect.from_sony(await ours.peer.offer(active=active))
    made = await page.evaluate("answered", offer)
    await ours.peer.accept(dialect.to_sony(await page.evaluate("described", ["answer", made])))


async def test_libwebrtc_is_heard_with_every_certificate_in_every_role_and_after_an_ice_restart() -> None:
    guard.install(IceOptions(loopback=True))
    async with async_chromium(*FLAGS) as browser:
        page = await browser.new_page()
        await page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=f"<script>{PAGE}</script>"))
        await page.goto("http://localhost/")
        moved = set()
        for kind in ("ECDSA secp256r1", "RSA 2048"):
            for way in ("they offer", "we offer, they are client", "we offer, they are server"):
                cell, ours = f"{kind}, {way}", Ours()
                await page.evaluate("begin", kind)
                if way == "they offer":
                    await _they_offer(page, ours)
                else:
                    await _we_offer(page, ours, active=way.endswith("server"))
                await ours.heard(cell)
                known = ours.peer.log.facts().handshake
                assert known.certificate == kind, cell
                assert known.role == ("server" if way.endswith("they are client") else "client"), cell
                again = Ours(ours.peer)
                await _they_offer(page, again, restart=True)
                # libwebrtc may stay on the former pair, which still works, where its priority is the higher one.
                before = ours.packets + again.packets
                await until(
                    lambda: ours.packets + again.packets > before + 50,  # noqa: B023
                    lambda: f"it is heard on ({cell}, ICE restart: {again.peer.diagnose()})",  # noqa: B023
                )
                if again.packets:
                    assert again.peer.log.facts().handshake.continued, cell
                    moved.add(kind)
                await asyncio.gather(ours.peer.close(), again.peer.close())
        assert moved, "no restart led to the new addresses"
