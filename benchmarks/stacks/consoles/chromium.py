"""A console on libwebrtc, in headless Chromium: what Sony's apps are built on."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from typing import Any

from playwright.async_api import Page

from tests.chromium import sdp as dialect
from tests.chromium.console import FLAGS
from tests.chromium.page import DESCRIPTIONS
from tests.support.browser import async_chromium

PAGE = (
    """
let link;
async function begin(kind) {
  end();
  const rsa = { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256" };
  const certificate = await RTCPeerConnection.generateCertificate(
    kind === "rsa-2048" ? rsa : { name: "ECDSA", namedCurve: "P-256" });
  link = new RTCPeerConnection({ certificates: [certificate] });
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  const stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
  link.addTrack(stream.getAudioTracks()[0], stream);
  link.createDataChannel("miranda", { negotiated: true, id: 0 });
  link.ontrack = (event) => {
    const player = new Audio();
    player.srcObject = new MediaStream([event.track]);
    player.play();
  };
}
function end() {
  link?.getSenders().forEach((sender) => sender.track?.stop()); // a page has only so many microphones
  link?.close();
  link = undefined;
}
async function stats() { return [link.connectionState, [...(await link.getStats()).values()]]; }
"""
    + DESCRIPTIONS
)
KINDS = ("ecdsa-p256", "rsa-2048")


class ChromiumConsole:
    def __init__(self, page: Page) -> None:
        self._page = page

    async def begin(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["lite"]:
            return {"cannot": "libwebrtc knows no ICE-lite of its own"}
        if asked["certificate"] not in KINDS:
            return {"cannot": "libwebrtc makes certificates of RSA and P-256 only, and takes none from outside"}
        await self._page.evaluate("begin", asked["certificate"])
        return {}

    async def end(self, _asked: dict[str, Any]) -> dict[str, Any]:
        await self._page.evaluate("end()")
        return {}

    async def offer(self, asked: dict[str, Any]) -> dict[str, Any]:
        made = dialect.with_sonys_types(await self._page.evaluate("made", asked["restart"]))
        return await self._described("offer", made)

    async def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        return await self._described("answer", await self._page.evaluate("answered", asked["sdp"]))

    async def accept(self, asked: dict[str, Any]) -> dict[str, Any]:
        await self._page.evaluate("accept", asked["sdp"])
        return {}

    async def state(self, _asked: dict[str, Any]) -> dict[str, Any]:
        state, found = await self._page.evaluate("stats()")
        came = sum(one.get("packetsReceived", 0) for one in found if one["type"] == "inbound-rtp")
        theirs = [one for one in found if one["type"] == "remote-inbound-rtp"]
        return {"state": state, "rtp": came, "reports": len(theirs), "lost": sum(one["packetsLost"] for one in theirs)}

    async def _described(self, kind: str, made: str) -> dict[str, Any]:
        sdp = await self._page.evaluate("described", [kind, made])
        _, found = await self._page.evaluate("stats()")
        shown = {one["fingerprint"].upper(): one["base64Certificate"] for one in found if one["type"] == "certificate"}
        der = next((der for print_, der in shown.items() if print_ in sdp.upper()), "")
        return {"sdp": sdp, "certificate": base64.b64encode(base64.b64decode(der)).decode()}


async def main(wav: str) -> None:
    lines = asyncio.StreamReader(limit=1 << 20)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with async_chromium(*FLAGS, f"--use-file-for-fake-audio-capture={wav}") as browser:
        page = await browser.new_page()
        await page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=f"<script>{PAGE}</script>"))
        await page.goto("http://localhost/")  # a secure origin: elsewhere there is no microphone
        console = ChromiumConsole(page)
        while line := await lines.readline():
            asked = json.loads(line)
            try:
                reply = await getattr(console, asked["do"])(asked)
            except Exception as error:  # noqa: BLE001  # it is told to who asked
                reply = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
