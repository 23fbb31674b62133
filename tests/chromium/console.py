"""A console in headless Chromium: libwebrtc is what Sony's apps are built on. Its signaling goes by the simulator's
own push channel and customMessage, as any member's."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page

from common.psn.http.endpoints import SimulatorInfo
from common.psn.miranda import frames
from common.psn.miranda.platforms import code_of
from simulator.consoles.negotiate.behaviour import Behaviour, Policy
from simulator.consoles.negotiate.offers import ConsoleOffers
from simulator.facts.consoles import GLARE
from simulator.facts.ways import Ways
from simulator.parties.party import Device
from tests.chromium import sdp as dialect
from tests.simulator.client import V2, Client
from tests.support.browser import async_chromium

FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--allow-loopback-in-peer-connection",
)
PLATFORM = "MOBILE_APP"
PING_S = 20.0
_PUSH = "psn:sessionManager:sys:v2:ps:"


class ChromiumConsole:
    """Negotiates by a policy of the simulator's consoles; `states`: each connection as libwebrtc calls it."""

    def __init__(self, page: Page, client: Client, policy: Policy, glare: str, other: str) -> None:
        self.client = client
        self.peer = f"{client.account_id}.{PLATFORM}"
        self.states: dict[str, str] = {}
        self.offers = 0
        """Made by ourselves."""
        self._page = page
        me = Device(client.account_id, "", PLATFORM)
        self._offers = ConsoleOffers(Behaviour(me, Ways({GLARE.name: glare}), policy))
        self._sent = 0
        self._other = other
        self._offers.on_joined(other, time.monotonic())

    async def run(self) -> None:
        """Take part until cancelled."""
        pinged = time.monotonic()
        while True:
            if time.monotonic() - pinged > PING_S:
                pinged = time.monotonic()
                await self.client.socket.ping()
            while self.client.push:
                await self._event(self.client.push.pop(0))
            await self._look()
            now = time.monotonic()
            for peer in self._offers.due(now):
                await self._offer(peer)
            await asyncio.sleep(0.05)

    async def received(self, peer: str) -> dict[str, Any]:
        """Return getStats of what comes in from `peer`: ``packetsReceived``, ``codec`` and so on."""
        return await self._stats(peer, "inbound-rtp")

    async def reported(self, peer: str) -> dict[str, Any]:
        """Return getStats of what `peer` says in its RTCP reports: ``packetsLost``, ``fractionLost`` and so on."""
        return await self._stats(peer, "remote-inbound-rtp")

    async def _stats(self, peer: str, kind: str) -> dict[str, Any]:
        found = await self._page.evaluate("stats", peer)
        return next((each for each in found if each["type"] == kind), {})

    # --- the party -----------------------------------------------------------------------------------

    async def _event(self, frame: dict[str, Any]) -> None:
        kind, data = frame["dataType"].removeprefix(_PUSH), frame["body"]["data"]
        if kind == "members:created" and self._other in _peers(data):
            self._offers.on_joined(self._other, time.monotonic())
        elif kind == "members:deleted" and self._other in _peers(data):
            self._offers.on_left(self._other)
            await self._page.evaluate("end", self._other)
        elif kind == "customMessage:noSeq:created":
            sender = data["customProperties"]["from"]
            if f"{sender['accountId']}.{sender['platform']}" == self._other:
                message = frames.decode_payload(data["customMessage"]["payload"]).message
                await self._signal(self._other, message)

    async def _signal(self, peer: str, message: frames.MirandaMessage) -> None:
        if message.kind == "answer":
            if self._offers.on_answer(peer, message.sdp_sequence_number):
                await self._page.evaluate("accept", [peer, dialect.from_sony(message.sdp)])
                self.states.pop(peer, None)  # an ICE restart may be over before anybody looks
            return
        if self._offers.glares(peer):
            await self._offer(peer)
        if self._offers.on_offer(peer):
            await self._page.evaluate("end", peer)  # what stands there is another connection of theirs
            made = await self._page.evaluate("answered", [peer, dialect.from_sony(message.sdp)])
            sdp = await self._page.evaluate("described", [peer, "answer", made])
            await self._send(peer, "answer", sdp, int(message.sdp_sequence_number))

    async def _offer(self, peer: str) -> None:
        sequence, kind = self._offers.record_offer(peer, time.monotonic())
        self.offers += 1
        made = dialect.with_sonys_types(await self._page.evaluate("made", peer))
        sdp = await self._page.evaluate("described", [peer, "offer", made])
        await self._send(peer, kind, sdp, sequence)

    async def _send(self, peer: str, kind: str, sdp: str, sequence: int) -> None:
        account_id, _, platform = peer.partition(".")
        self._sent += 1
        message = frames.message(
            kind,
            frames.MessageEnd(account_id=self.client.account_id, platform=code_of(PLATFORM)),
            frames.MessageEnd(account_id=account_id, platform=code_of(platform)),
            dialect.to_sony(sdp),
            sequence,
            self._sent,
        )
        body = {
            "channel": frames.CHANNEL,
            "payload": frames.encode_payload(frames.frame(message)),
            "to": [{"accountId": account_id, "platform": platform}],
            "withoutSequenceNumber": True,
        }
        path = f"{V2}/partySessions/{self.client.info.session_id}/customMessage"
        answer = await self.client.call("POST", path, body)
        assert answer.status == 204, answer

    async def _look(self) -> None:
        before, self.states = self.states, await self._page.evaluate("states()")
        for peer, state in self.states.items():
            if state == before.get(peer):
                continue
            if state == "connected":
                self._offers.on_up(peer, time.monotonic())
            elif state in ("failed", "closed"):
                self._offers.on_lost(peer, time.monotonic())


def _peers(data: dict[str, Any]) -> list[str]:
    return [f"{member['accountId']}.{member['platform']}" for member in data["members"]]


@asynccontextmanager
async def speaking_chromium(voice: Path) -> AsyncIterator[Browser]:
    """Yield a Chromium whose consoles all speak `voice` (a WAV), over and over."""
    async with async_chromium(*FLAGS, f"--use-file-for-fake-audio-capture={voice}") as browser:
        yield browser


@asynccontextmanager
async def console_in(
    browser: Browser, info: SimulatorInfo, account_id: str, policy: Policy, glare: str, other: str
) -> AsyncIterator[ChromiumConsole]:
    """Yield a console that enters the party and has dealings with `other` (a peer key) alone, who is there already."""
    page = await browser.new_page()
    script = f"<script>{Path(__file__).with_name('page.js').read_text()}</script>"
    await page.route("**/*", lambda route: route.fulfill(content_type="text/html", body=script))
    await page.goto("http://localhost/")  # a secure origin: elsewhere there is no microphone
    await page.evaluate("open_microphone()")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        client = await Client(http, info).another(account_id, f"Chromium-{policy}-{account_id[0]}")
        console = ChromiumConsole(page, await client.open_push(), policy, glare, other)
        assert (await client.join()).status == 201
        task = asyncio.create_task(console.run())
        try:
            yield console
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await client.leave()
            await client.close()
