"""The simulated bridge: its offer is the captured one, it is strict, and its mix is the sum of its voices."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from common.psn.sdp import from_sony, to_sony
from simulator.bridge import Bridge, BridgePeer
from simulator.bridge_sdp import wrong_with
from simulator.consoles import voices
from tests.simulator.client import V2, Client

WIRE = Path(__file__).parent.parent / "wire"
BRIDGES = "/api/rtcBridge/v1/bridges"
TITLE = {"X-PSN-RTC-TITLE-ID": "METROPOL_AND"}
IGNORE = {"X-PSN-SESSION-MANAGER-IGNORE-CONFLICT": "true"}
MEDIA = json.loads((WIRE / "bridge-peer.request.json").read_text())
PEERS = "peers?allow_duid_duplication=false&g=2"


def shape(sdp: str) -> list[str]:
    """Return the lines without what differs in each: addresses, keys, numbers of three digits and more."""
    lines = [re.sub(r"(ice-ufrag|ice-pwd|sha-256|candidate).*", r"\1", line) for line in sdp.splitlines()]
    lines = [re.sub(r"\d+\.\d+\.\d+\.\d+", "A", line) for line in lines]
    return [re.sub(r"m=(\w+) \d+", r"m=\1", line) for line in lines]


async def test_the_offer_is_line_by_line_the_captured_one():
    peer = BridgePeer("1.MOBILE_APP", "recvonly")
    try:
        made = list(dict.fromkeys(shape(await peer.offer())))
    finally:
        await peer.close()
    assert made == list(dict.fromkeys(shape((WIRE / "bridge-offer.sdp").read_text())))


async def add(client: Client, bridge: dict, **headers: str | None):
    head = {**TITLE, "X-PSN-BRIDGE-TOKEN": bridge["bridgeToken"], **headers}
    return await client.call("POST", f"{BRIDGES}/{bridge['bridgeId']}/{PEERS}", MEDIA, head)


async def linked(client: Client) -> dict:
    await client.join()
    bridge = (await client.call("POST", BRIDGES, {}, TITLE)).body["bridge"]
    body = {"bridges": [{key: bridge[key] for key in ("bridgeId", "bridgeToken")}]}
    answer = await client.call("POST", f"{V2}/partySessions/{client.info.session_id}/bridges", body, IGNORE)
    assert answer.status == 201
    return bridge


async def answered(offer: str) -> tuple[RTCPeerConnection, str]:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    await connection.setRemoteDescription(RTCSessionDescription(from_sony(offer, "offer"), "offer"))
    await connection.setLocalDescription(await connection.createAnswer())
    return connection, to_sony(connection.localDescription.sdp, "answer", offer=offer)


async def test_a_bridge_is_linked_told_shown_answered_renewed_and_ended(client: Client):
    bridge = await linked(client)
    told = await client.event("pts:bridges:created")
    assert told["body"]["data"]["bridges"][0]["bridgeId"] == bridge["bridgeId"]
    assert (await client.view()).body["partySessions"][0]["bridges"][0]["bridgeToken"] == bridge["bridgeToken"]
    peer = (await add(client, bridge)).body["peer"]
    head = {**TITLE, "X-PSN-BRIDGE-TOKEN": bridge["bridgeToken"]}
    place = f"{BRIDGES}/{bridge['bridgeId']}/peers/{peer['peerId']}"
    seen = await client.call("GET", f"{BRIDGES}/{bridge['bridgeId']}?fields=peer.peerId", None, head)
    assert seen.body["bridge"]["peers"] == [{"peerId": peer["peerId"]}]
    for offer in (
        peer["offer"]["sdp"],
        (await client.call("POST", f"{place}/offer", MEDIA, head)).body["offer"]["sdp"],
    ):
        last = offer
    connection, answer = await answered(last)
    try:
        assert (await client.call("POST", f"{place}/answer", {"answer": {"sdp": answer}}, head)).status == 204
        assert await client.violations() == []
        assert (await client.call("POST", f"{place}/answer", {"answer": {"sdp": answer}}, head)).status == 400
        assert (await client.call("DELETE", place, None, {**head, "Content-Type": None})).status == 202
        assert (await client.call("DELETE", f"{BRIDGES}/{bridge['bridgeId']}", None, head)).status == 202
        assert "bridges" not in (await client.view()).body["partySessions"][0]
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-PSN-RTC-TITLE-ID": None}, 400),
        ({"X-PSN-RTC-TITLE-ID": "OTHER"}, 400),
        ({"X-PSN-BRIDGE-TOKEN": "guessed"}, 403),
        ({"X-PSN-BRIDGE-TOKEN": None}, 403),
        ({"Authorization": "Bearer x"}, 401),
    ],
)
async def test_what_lacks_its_headers_is_refused(client: Client, headers: dict, status: int):
    assert (await add(client, await linked(client), **headers)).status == status


async def test_a_peer_comes_after_the_link_and_with_the_right_wishes(client: Client):
    bridge = (await client.call("POST", BRIDGES, {}, TITLE)).body["bridge"]
    assert (await add(client, bridge)).status == 403
    bridge = await linked(client)
    head = {**TITLE, "X-PSN-BRIDGE-TOKEN": bridge["bridgeToken"]}
    place = f"{BRIDGES}/{bridge['bridgeId']}"
    assert (await client.call("POST", f"{place}/peers", MEDIA, head)).status == 400
    assert (await client.call("POST", f"{place}/{PEERS}", {"mediaTypes": {}}, head)).status == 400


async def test_an_answer_must_fit_its_offer():
    peer = BridgePeer("1.MOBILE_APP", "recvonly")
    offer = await peer.offer()
    connection, answer = await answered(offer)
    try:
        connection.addTransceiver("audio")
        assert wrong_with(answer.replace("a=inactive", "a=sendonly"), "recvonly") == []
        assert wrong_with(answer.replace("a=inactive", "a=sendrecv"), "recvonly")
        assert wrong_with(answer.replace("opus/16000", "opus/48000"), "recvonly")
    finally:
        await connection.close()
        await peer.close()


class Listening:
    """A peer that keeps what it is sent."""

    def __init__(self) -> None:
        self.peer_id, self.state, self.heard = "p", "connected", []

    def send(self, microphone) -> None:
        self.heard.append(microphone._speech.copy())
        microphone.hush()


def test_the_mix_of_a_round_is_the_sum_of_its_voices_within_bounds():
    bridge, listening = Bridge("sendrecv"), Listening()
    bridge.peers["p"] = listening
    loud, low = np.full(voices.PACKET_SAMPLES, 30_000, np.int16), np.full(voices.PACKET_SAMPLES, 1_000, np.int16)
    for round_ in ((low, low), (loud, loud), (low, -loud), (low, low)):
        for console, samples in zip("ab", round_, strict=True):
            bridge.hear(console, samples)
    assert [int(mixed[0]) for mixed in listening.heard] == [2_000, 32_767, -29_000]
