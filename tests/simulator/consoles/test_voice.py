"""Two real WebRTC peers: what a console says arrives, and it is what it says to have said."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
import soxr
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, MediaStreamError
from scipy.signal import fftconvolve

from common.psn.miranda.frames import decode_payload
from common.psn.sdp import from_sony, to_sony
from simulator.consoles import voices
from simulator.demo import CAST
from simulator.parties import custom_data3
from tests.simulator.client import V2, Client
from tests.simulator.messages import PHONE, PS5, custom_message, payload
from tests.support.waiting import until

OFFERING, ANSWERING = CAST[0][0], CAST[1][0]
RATE = voices.RATE


class Listener:
    """A plain aiortc peer that sends silence and keeps what it hears."""

    def __init__(self, client: Client, console: str) -> None:
        self.client, self.console = client, console
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.addTrack(AudioStreamTrack())
        self.pc.on("track", self._listen)
        self.heard: list[np.ndarray] = []
        self._listening: asyncio.Task[None] | None = None

    def _listen(self, track) -> None:
        self._listening = asyncio.create_task(self._keep(track))

    async def _keep(self, track) -> None:
        try:
            while True:
                frame = await track.recv()
                self.heard.append(frame.to_ndarray().reshape(-1, 2)[:, 0])
        except MediaStreamError:
            return

    def samples(self) -> np.ndarray:
        """Return what was heard, at `RATE`."""
        whole = np.concatenate(self.heard) if self.heard else np.zeros(0, np.int16)
        return soxr.resample(whole.astype(np.float32), 48_000, RATE)

    async def _send(self, kind: str, sdp: str, sequence: str) -> None:
        text = payload((self.client.account_id, PHONE), (self.console, PS5), kind=kind, sdp=sdp, sequence=sequence)
        path = f"{V2}/partySessions/{self.client.info.session_id}/customMessage"
        answer = await self.client.call("POST", path, custom_message(text, (self.console, "PS5")))
        assert answer.status == 204, await self.client.violations()

    async def _receive(self, kind: str):
        event = await self.client.event("customMessage:noSeq:created", accountId=self.console)
        message = decode_payload(event["body"]["data"]["customMessage"]["payload"]).message
        assert message.kind == kind
        return message

    async def answer(self) -> None:
        offer = await self._receive("offer")
        await self.pc.setRemoteDescription(RTCSessionDescription(from_sony(offer.sdp, "offer"), "offer"))
        await self.pc.setLocalDescription(await self.pc.createAnswer())
        answer = to_sony(self.pc.localDescription.sdp, "answer", offer=offer.sdp)
        await self._send("answer", answer, offer.sdp_sequence_number)

    async def offer(self, sequence: str = "1") -> None:
        self.pc.createDataChannel("any")
        await self.pc.setLocalDescription(await self.pc.createOffer())
        mine = to_sony(self.pc.localDescription.sdp, "offer")
        await self._send("offer", mine, sequence)
        answer = await self._receive("answer")
        assert answer.sdp_sequence_number == sequence
        sdp = from_sony(answer.sdp, "answer", offer=mine)
        await self.pc.setRemoteDescription(RTCSessionDescription(sdp, "answer"))

    async def close(self) -> None:
        await self.pc.close()
        if self._listening is not None:
            await self._listening


async def answers_only(client: Client, console: str) -> None:
    await client.control("policy", {"peer": f"{console}.PS5", "policy": "answer"})


def connection(state: dict, console: str, peer: str) -> dict:
    entry = next(one for one in state["consoles"] if one["peer"] == f"{console}.PS5")
    return entry["connections"].get(peer, {})


def likeness(heard: np.ndarray, spoken: np.ndarray) -> float:
    """Return the best normalised correlation of `spoken` with any stretch of `heard`."""
    if len(heard) < len(spoken):
        return 0.0
    heard, spoken = heard.astype(np.float64), spoken.astype(np.float64)
    products = fftconvolve(heard, spoken[::-1], mode="valid")
    energy = np.convolve(heard**2, np.ones(len(spoken)), mode="valid")
    return float(np.max(products / np.sqrt(np.maximum(energy, 1.0) * np.sum(spoken**2))))


@pytest.mark.parametrize(("console", "how"), [(OFFERING, "answer"), (ANSWERING, "offer")])
async def test_a_consoles_voice_is_heard_as_it_was_spoken(simulated, console, how):
    async with simulated(consoles=2) as client:
        await (await client.sign_in()).open_push()
        await client.control("hush", {"on": True})
        await answers_only(client, ANSWERING)
        listener = Listener(client, console)
        try:
            await client.join()
            await client.name(OFFERING, ANSWERING)
            await getattr(listener, how)()
            peer = f"{client.account_id}.MOBILE_APP"
            await client.until(lambda state: connection(state, console, peer).get("rtpReceived", 0) > 5)
            voice = voices.names()[0]
            await client.control("say", {"peer": f"{console}.PS5", "voice": voice})
            (told,) = await client.until(lambda spoken: spoken, of="spoken")
            assert (told["peer"], told["voice"], told["samples"]) == (f"{console}.PS5", voice, len(voices.load(voice)))
            spoken = voices.load(voice)
            await until(
                lambda: likeness(listener.samples(), spoken) >= 0.9,
                "likeness(listener.samples(), spoken) >= 0.9",
                every_s=0.3,
            )
        finally:
            await listener.close()
        assert await client.violations() == []


async def test_a_new_offer_replaces_the_old_connection(simulated):
    async with simulated(consoles=2) as client:
        await (await client.sign_in()).open_push()
        peer = f"{client.account_id}.MOBILE_APP"
        await answers_only(client, ANSWERING)
        await client.join()
        first, second = Listener(client, ANSWERING), Listener(client, ANSWERING)
        try:
            await first.offer("1")
            await client.until(lambda s: connection(s, ANSWERING, peer).get("state") == "connected")
            await second.offer("2")
            await client.until(lambda _: first.pc.connectionState == "closed")
            await client.until(lambda s: connection(s, ANSWERING, peer).get("state") == "connected")
        finally:
            await first.close()
            await second.close()


async def test_talk_begins_with_a_listener_and_takes_turns(simulated):
    async with simulated(consoles=2) as client:
        await (await client.sign_in()).open_push()
        assert await client.control("spoken") == []
        await answers_only(client, ANSWERING)
        listeners = [Listener(client, OFFERING), Listener(client, ANSWERING)]
        try:
            await client.join()
            await asyncio.gather(listeners[0].answer(), listeners[1].offer())
            spoken = await client.until(lambda spoken: spoken if len(spoken) > 1 else None, of="spoken")
            assert len({told["peer"] for told in spoken}) == 2
            begin, then = spoken[:2]
            gap_s = (then["first_sample_ns"] - begin["first_sample_ns"]) / 1e9 - begin["samples"] / RATE
            assert 0.4 < gap_s < 1.5
        finally:
            for listener in listeners:
                await listener.close()


async def test_a_console_comes_and_goes_while_the_simulator_runs_and_offers_by_who_was_there_first(simulated):
    async with simulated(consoles=1) as client:
        await (await client.sign_in()).open_push()
        await client.control("leave", {"peer": f"{OFFERING}.PS5"})
        session_id = await client.create()
        newcomer = {"peer": "7700000000000000007.PS5", "sessionId": session_id, "onlineId": "Late-Comer"}
        await client.control("join", newcomer)
        await client.event("members:created", accountId="7700000000000000007")
        await client.name("7700000000000000007", session_id=session_id)
        told = await client.event("m:customData3:updated", accountId="7700000000000000007")
        (entry,) = told["body"]["data"]["members"]
        assert custom_data3.names(entry["customData3"], client.account_id)
        await client.control("leave", {"peer": newcomer["peer"]})
        await client.event("members:deleted", accountId="7700000000000000007")
        assert await client.violations() == []


async def test_the_accounts_own_console_is_a_member_beside_its_phone(simulated):
    async with simulated(consoles=1) as client:
        await (await client.sign_in()).open_push()
        await client.control("join", {"peer": f"{client.account_id}.PS5"})
        assert (await client.join()).status == 201
        await client.name(OFFERING, client.account_id)
        listener = Listener(client, client.account_id)
        try:
            await listener.answer()
            await client.until(lambda _: listener.pc.connectionState == "connected")
        finally:
            await listener.close()
        assert await client.violations() == []
