"""A real webrtc worker behind a real dashboard, and listeners that are aiortc's, over loopback."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import httpx
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcdtlstransport import RTCCertificate

from common.api import WHEP
from common.bus import AudioPublisher, Bus
from common.config.pages import load_keys
from common.files.paths import Paths
from common.messages import FRAME_SAMPLES, MIX_PEER, MIX_PLANE, SAMPLE_RATE, AudioFrame, ListeningPages
from common.requests import ForgetListeners, MakeListenLink
from tests.support.processes import free_port, running, short_folder
from tests.support.waiting import eventually, until

TONE_HZ = 500
LIMIT_S = 30.0


class Home:
    """What a listener reaches."""

    def __init__(self, paths: Paths, port: int) -> None:
        self.paths = paths
        self.origin = f"http://127.0.0.1:{port}"
        self.key = load_keys(paths).read


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    with short_folder() as folder, running() as start:
        paths, port = Paths(folder), free_port()
        paths.make()
        env = {"PARTYLINE_DASHBOARD__PORT": str(port), "PARTYLINE_DASHBOARD__LISTEN": "0.0.0.0"}
        for name in ("broker", "dashboard", "webrtc"):
            start(f"workers.{name}", folder, env)
        made = Home(paths, port)
        eventually(lambda: _answers(made), "the dashboard and the webrtc worker answer", 60, every_s=0.2)
        with mix(paths.run):
            yield made


def _answers(home: Home) -> bool:
    """Whether both are up: an offer that is none is refused by the worker itself."""
    try:
        return httpx.post(home.origin + WHEP, content="x", headers=headers(home.key)).status_code == 400
    except httpx.TransportError:
        return False


@contextmanager
def mix(run: Path) -> Iterator[None]:
    """Send a tone as the mix, with the ticks of audio."""
    ending = threading.Event()

    def send() -> None:
        publisher, began = AudioPublisher(run, MIX_PLANE), time.monotonic()
        for tick in itertools.count():
            at = np.arange(tick * FRAME_SAMPLES, (tick + 1) * FRAME_SAMPLES)
            tone = (np.sin(2 * np.pi * TONE_HZ * at / SAMPLE_RATE) * 10_000).astype("<i2")
            frame = AudioFrame(peer=MIX_PEER, boot="mix", tick=tick, tick_ns=time.monotonic_ns())
            publisher.send(frame, tone.tobytes())
            if ending.wait(max(0.0, began + (tick + 1) * 0.01 - time.monotonic())):
                break
        publisher.close()

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def headers(bearer: str = "", kind: str = "application/sdp") -> dict[str, str]:
    return {"Content-Type": kind, **({"Authorization": f"Bearer {bearer}"} if bearer else {})}


class Player:
    """A listener on this machine. Its certificate lasts as long as it does."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.connection.addTransceiver("audio", direction="recvonly")
        self._track: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self.connection.on("track", self._track.set_result)
        self.location = ""

    @property
    def fingerprint(self) -> str:
        found: list[RTCCertificate] = self.connection._RTCPeerConnection__certificates
        return next(one.value for one in found[0].getFingerprints() if one.algorithm == "sha-256")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.connection.close()

    async def ask(self, bearer: str, claimed: str = "") -> httpx.Response:
        """Offer, with `claimed` in place of the certificate's own fingerprint. Take the answer if there is one."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        lines = self.connection.localDescription.sdp.splitlines()
        if claimed:
            lines = [line for line in lines if not line.startswith("a=fingerprint:sha-")]
            lines.append(f"a=fingerprint:sha-256 {claimed}")
        async with httpx.AsyncClient(timeout=LIMIT_S) as client:
            offer = "\r\n".join(lines) + "\r\n"
            answer = await client.post(self.home.origin + WHEP, content=offer, headers=headers(bearer))
        if answer.status_code == 201:
            self.location = answer.headers["Location"]
            await self.connection.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
        return answer

    async def heard_hz(self) -> float:
        """Return the pitch of half a second, once something sounds."""
        async with asyncio.timeout(LIMIT_S):
            track, heard = await self._track, []
            while len(heard) < 25:
                frame = (await track.recv()).to_ndarray().reshape(-1, 2)[:, 0]
                if heard or np.abs(frame).max() > 5_000:
                    heard.append(frame)
        spectrum = np.abs(np.fft.rfft(np.concatenate(heard)))
        return float(spectrum.argmax() * SAMPLE_RATE / 2 / len(spectrum))

    async def received(self) -> int:
        """Return how many packets of sound came."""
        stats = await self.connection.getReceivers()[0].getStats()
        return sum(one.packetsReceived for one in stats.values() if one.type == "inbound-rtp")

    async def ends(self) -> str:
        """Return the state in which the connection ends."""
        await until(lambda: self.connection.connectionState in ("closed", "failed"), "the connection ends")
        return str(self.connection.connectionState)


async def listening(home: Home, count: int) -> None:
    """Wait until audio and obs are told of so many who hear the mix."""
    bus = Bus("test", home.paths.run)
    try:
        async with asyncio.timeout(LIMIT_S):
            async for received in bus.subscribe(ListeningPages):
                if isinstance(received.message, ListeningPages) and received.message.talkers == ("",) * count:
                    return
    finally:
        await bus.close()


async def asked(home: Home, request: MakeListenLink | ForgetListeners) -> str:
    bus = Bus("test", home.paths.run)
    try:
        made = await bus.request(request, LIMIT_S)
        return getattr(made, "path", "").partition("#ticket=")[2]
    finally:
        await bus.close()


async def test_a_listener_hears_the_mix_is_counted_and_leaves(home: Home) -> None:
    async with Player(home) as player:
        answer = await player.ask(home.key)
        assert answer.status_code == 201
        assert answer.headers["Content-Type"] == "application/sdp"
        assert "stereo=1" in answer.text
        assert abs(await player.heard_hz() - TONE_HZ) < 5
        await listening(home, 1)
        async with httpx.AsyncClient() as client:
            assert (await client.delete(home.origin + player.location)).status_code == 200
        assert await player.ends() == "closed"
        await listening(home, 0)


async def test_a_link_lets_in_one_browser_and_only_that_one_again(home: Home) -> None:
    ticket = await asked(home, MakeListenLink())
    async with Player(home) as first, Player(home) as other:
        assert (await first.ask(ticket)).status_code == 201
        assert abs(await first.heard_hz() - TONE_HZ) < 5
        refused = await other.ask(ticket)
        assert refused.status_code == 401
        assert "used already" in refused.json()["error"]["message"]
        # it says that it is the first one, whose certificate it does not have
        assert (await other.ask("", claimed=first.fingerprint)).status_code == 201
        await listening(home, 1)  # the worker has ended it
        assert await other.received() == 0
        assert first.connection.connectionState == "connected"
        await asked(home, ForgetListeners())
        assert await first.ends() == "closed"
        await listening(home, 0)


def test_what_is_no_offer_is_refused_in_words(home: Home) -> None:
    with httpx.Client(base_url=home.origin, timeout=LIMIT_S) as client:
        for content, given, status in (
            ("v=0", headers(home.key, "text/plain"), 415),
            ("v=0", headers(kind="text/plain"), 401),
            ("v=0\r\nm=video 9 x 1\r\n", headers(home.key), 400),
            (b"\xff\xfe", headers(home.key), 400),
            ("x" * 40_000, headers(home.key), 413),
        ):
            answer = client.post(WHEP, content=content, headers=given)
            assert answer.status_code == status
            assert answer.json()["error"]["remedy"]
        assert client.patch(f"{WHEP}/{'a' * 16}").status_code == 405
        assert client.delete(f"{WHEP}/{'a' * 16}").status_code == 200  # gone is gone
