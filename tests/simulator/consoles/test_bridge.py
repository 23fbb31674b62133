"""The simulated bridge: its offer is the captured one, it is strict, and its mix is the sum of its voices."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from common.psn.sdp import from_sony, to_sony
from common.psn.sdp.text import audio_of, parse
from simulator.consoles import voices
from simulator.consoles.bridge import COMES_AFTER_S, BridgePeer, MixingBridge
from simulator.consoles.bridge_sdp import wrong_with
from simulator.consoles.negotiate.nowhere import nowhere
from tests.simulator.client import V2, Client

WIRE = Path(__file__).parents[2] / "wire"
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


async def shown(client: Client, view: str = "v2") -> list[dict]:
    """Return the bridges in the party's view."""
    ids = {"X-PSN-SESSION-MANAGER-SESSION-IDS": client.info.session_id, "Content-Type": None}
    body = (await client.call("GET", f"{V2}/partySessions?view={view}", headers=ids)).body
    (party,) = next(iter(body.values()))
    return party.get("bridges", [])


async def unlink(client: Client, bridge: dict, etag: str | None):
    path = f"{V2}/partySessions/{client.info.session_id}/bridges/{bridge['bridgeId']}"
    return await client.call("DELETE", path, None, {"If-Match": etag, "Content-Type": None})


async def test_a_bridge_is_linked_told_shown_answered_renewed_unlinked_and_ended(client: Client):
    bridge = await linked(client)
    told = await client.event("v2:ps:bridges:created")
    (entry,) = told["body"]["data"]["bridges"]
    assert set(entry) == {"bridgeId", "bridgeToken", "bridgeEtag"}
    assert (entry["bridgeId"], entry["bridgeToken"]) == (bridge["bridgeId"], bridge["bridgeToken"])
    assert await shown(client) == [entry]
    assert await shown(client, "v3") == []
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
        assert (await unlink(client, bridge, f'"{entry["bridgeEtag"]}"')).status == 204
        told = await client.event("v2:ps:bridges:deleted")
        assert told["body"]["data"]["bridges"] == [{"bridgeId": bridge["bridgeId"]}]
        assert (await client.call("DELETE", f"{BRIDGES}/{bridge['bridgeId']}", None, head)).status == 202
        assert await shown(client) == []
    finally:
        await connection.close()


@pytest.mark.parametrize("etag", [None, '"guessed"', "unquoted"])
async def test_a_bridge_is_not_unlinked_without_its_etag_nor_ended_while_it_is_linked(client: Client, etag: str | None):
    bridge = await linked(client)
    (entry,) = await shown(client)
    sent = entry["bridgeEtag"] if etag == "unquoted" else etag
    assert (await unlink(client, bridge, sent)).status == 412
    head = {**TITLE, "X-PSN-BRIDGE-TOKEN": bridge["bridgeToken"]}
    assert (await client.call("DELETE", f"{BRIDGES}/{bridge['bridgeId']}", None, head)).status == 409
    assert len(await client.violations()) == 2
    assert await shown(client) == [entry]


async def test_calls_of_the_apps_native_side_carry_no_x_psn_headers(client: Client):
    await client.join()
    assert (await client.call("POST", BRIDGES, {}, {**TITLE, "x-psn-request-id": None})).status == 200
    assert await client.violations() == []


async def test_a_party_has_several_bridges_and_each_goes_alone(client: Client):
    first, second = await linked(client), await linked(client)
    entries = await shown(client)
    assert [entry["bridgeId"] for entry in entries] == [first["bridgeId"], second["bridgeId"]]
    assert (await unlink(client, first, f'"{entries[0]["bridgeEtag"]}"')).status == 204
    assert await shown(client) == entries[1:]


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


def bridge_for(carries: str, grants: str = "sendrecv") -> MixingBridge:
    return MixingBridge("1.MOBILE_APP", grants, carries)


@pytest.mark.parametrize(
    ("carries", "expected"), [("needing", {"far", "hidden"}), ("pair", {"far"}), ("party", {"far", "hidden", "near"})]
)
def test_who_comes_onto_a_bridge_is_chosen(carries: str, expected: set[str]):
    bridge = bridge_for(carries)
    for now in (0.0, COMES_AFTER_S):
        for console, needs in (("far", True), ("hidden", True), ("near", False)):
            bridge.attend(console, needs=needs, reached=not needs, now=now)
        assert set(bridge.seats) == (expected if now else set())
    assert bridge.has_room("1.MOBILE_APP")
    assert bridge.has_room("2.PS5") == (carries != "pair")


def test_a_console_goes_when_it_reaches_the_bridges_maker():
    bridge = bridge_for("needing")
    for needs, reached, there in ((True, False, True), (False, False, True), (False, True, False)):
        bridge.attend("far", needs=needs, reached=reached, now=9.0)
        assert ("far" in bridge.seats) == there


def test_the_direction_of_an_offer_is_chosen_and_may_change_when_somebody_comes():
    for grants in ("sendrecv", "recvonly", "sendonly"):
        assert bridge_for("party", grants).direction() == grants
    bridge = bridge_for("party", "later")
    assert bridge.direction() == "recvonly"
    bridge.attend("far", needs=True, reached=False, now=9.0)
    assert bridge.direction() == "sendrecv"


@pytest.mark.parametrize("kind", ["offer", "answer"])
def test_a_console_that_nobody_reaches_has_candidates_that_lead_nowhere(kind: str):
    sdp = (WIRE / f"p2p-{kind}.sdp").read_bytes().decode()
    moved = nowhere(sdp)
    assert {candidate.address for candidate in audio_of(parse(moved)).candidates} == {"127.0.0.1"}
    assert [line.partition(" 127")[0] for line in moved.splitlines() if "candidate" not in line] == [
        line.partition(" 127")[0] for line in sdp.splitlines() if "candidate" not in line
    ]


class Listening:
    """A peer that keeps what it is sent."""

    def __init__(self) -> None:
        self.peer_id, self.state, self.heard = "p", "connected", []
        self.direction = "sendrecv"

    def send(self, microphone) -> None:
        self.heard.append(microphone._speech.copy())
        microphone.stop()


def test_the_mix_of_a_round_is_the_sum_of_its_voices_within_bounds():
    bridge, listening = bridge_for("party"), Listening()
    bridge.peers["p"] = listening
    for console in "ab":
        bridge.attend(console, needs=False, reached=True, now=2.0)
    loud, low = np.full(voices.PACKET_SAMPLES, 30_000, np.int16), np.full(voices.PACKET_SAMPLES, 1_000, np.int16)
    for round_ in ((low, low), (loud, loud), (low, -loud), (low, low)):
        for console, samples in zip("ab", round_, strict=True):
            bridge.hear(console, samples)
    assert [int(mixed[0]) for mixed in listening.heard] == [2_000, 32_767, -29_000]
